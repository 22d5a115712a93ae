/** What Thaw learns while one labels entities: the head, its suggestions and queues, and what becomes of them when labels, texts or processes change. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { Learner, queueOf, suggestionOf, suspectsOf } from '../../src/main/services/learning/index.ts';
import { runConfigurationSchema, type Span } from '../../src/shared/domain.ts';
import { queueRequestSchema, type LearningState, type QueueKind } from '../../src/shared/learning.ts';
import { childrenOf, temporaryFolder } from './thaw.ts';

let folder: string;
let project: Project;
let learner: Learner;
const left: AbortController[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const controller of left.splice(0)) controller.abort();
  await learner.close();
  await project.close();
  expect(childrenOf(process.pid)).toEqual([]);
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const people = ['Anna Meyer', 'Tom Berger', 'Lucy', 'Peter Smith', 'Ines Vogel', 'Omar', 'Clara Weiss'];
const places = ['Paris', 'Berlin', 'New York', 'Oslo', 'Cape Town', 'Lima'];
const phrases: [string, string, string][] = [
  ['👍🏽 Yesterday ', ' went to ', ' by train.'],
  ['In the morning ', ' called from ', ' again'],
  ['Have you heard that ', ' lives in ', ' now?'],
  ['I wrote to ', ' about the flat in ', '.'],
];
/** A text with a person and a place, by its id. */
function sentence(id: number): { text: string; spans: Span[] } {
  const [before, between, after] = phrases[id % phrases.length];
  const [person, place] = [people[(id * 3) % people.length], places[(id * 5) % places.length]];
  const start = before.length;
  const second = start + person.length + between.length;
  return {
    text: `${before}${person}${between}${place}${after}`,
    spans: [
      { start, end: start + person.length, label: 'person' },
      { start: second, end: second + place.length, label: 'place' },
    ],
  };
}

/** A project of unlabeled training texts, which have ids from 1 on. */
async function open(count: number): Promise<void> {
  project = await openProject(await fs.mkdtemp(path.join(folder, 'project-')), { create: { task: 'ner', name: 'Test' } });
  const file = path.join(folder, `${count}.jsonl`);
  const lines = Array.from({ length: count }, (_, at) => JSON.stringify({ text: sentence(at + 1).text }));
  await fs.writeFile(file, lines.join('\n'));
  await project.importFile({ file, split: 'train', text: 'text' });
  for (const name of ['person', 'place']) await project.createLabel(name);
  learner = new Learner(project);
}
const label = (id: number, spans: Span[] | null = sentence(id).spans) =>
  project.annotate({ id, annotation: { label: null, spans }, skipped: false });
async function labelFirst(count: number): Promise<void> {
  for (let id = 1; id <= count; id++) await label(id);
}

/** Listens until a state is as wanted. */
async function until(wanted: (state: LearningState) => boolean): Promise<LearningState> {
  const controller = new AbortController();
  left.push(controller);
  for await (const state of learner.watch(controller.signal)) if (wanted(state)) return state;
  throw new Error('closed');
}
const fittedTo = (labels: number) => until((state) => state.phase === 'ready' && state.labels === labels);
const suggested = async (id: number) => (await suggestionOf(project, learner, id))?.spans;
const bare = (spans: Span[] | null | undefined) => spans?.map(({ start, end, label: name }) => ({ start, end, label: name }));
const queue = (kind: QueueKind, rest: { limit?: number; leaveOut?: number[] } = {}) =>
  queueOf(learner, queueRequestSchema.parse({ queue: kind, ...rest }));

it('begins with the fifth text of each type, and suggests spans with a probability', async () => {
  await open(60);
  await labelFirst(4);
  await label(5, sentence(5).spans.slice(0, 1));
  const waiting = await until(({ phase, missing }) => phase === 'waiting' && missing.length > 0);
  expect(waiting).toMatchObject({ missing: [{ label: 'place', count: 4 }], labels: 0, heldOut: null });
  await expect(queue('uncertain')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('“place” (4)') });
  expect(await suggestionOf(project, learner, 50)).toBeNull();

  for (let id = 5; id <= 20; id++) await label(id);
  const ready = await fittedTo(20);
  expect(ready.fitMs).toBeLessThan(1000);
  const suggestion = await suggestionOf(project, learner, 50);
  expect(suggestion).toMatchObject({ source: 'live', run: null, labels: [], scores: [] });
  expect(bare(suggestion!.spans)).toEqual(sentence(50).spans);
  for (const { score } of suggestion!.spans!) expect(score > 0.5 && score <= 1).toBe(true);
  // Of a text it learned from, the head only repeats the spans.
  expect(await suggestionOf(project, learner, 3)).toBeNull();
});

it('follows undo and redo, types that are renamed, merged and deleted, texts that leave', async () => {
  await open(40);
  await labelFirst(20);
  await fittedTo(20);
  // The same spans in other places are another label.
  const before = await suggested(30);
  for (let id = 6; id <= 12; id++) await label(id, [{ ...sentence(id).spans[1], label: 'person' }]);
  await expect.poll(async () => bare(await suggested(30))).not.toEqual(bare(before));
  for (let step = 0; step < 7; step++) await project.undo();
  await expect.poll(async () => bare(await suggested(30))).toEqual(bare(before));
  await project.redo();
  await project.undo();

  const id = async (name: string) => (await project.summary()).labels.find((one) => one.name === name)!.id;
  await project.updateLabel({ id: await id('person'), patch: { name: 'human' } });
  await expect.poll(async () => (await suggested(30))?.map((span) => span.label)).toEqual(['human', 'place']);
  await project.changeMany({ ids: [20] }, { kind: 'split', split: 'test' });
  await fittedTo(19);
  expect(await suggestionOf(project, learner, 20)).toBeNull();

  await project.mergeLabel({ id: await id('human'), into: await id('place') });
  await expect.poll(async () => (await suggested(30))?.map((span) => span.label)).toEqual(['place', 'place']);
  await project.undo();
  await project.deleteLabel(await id('human'));
  await expect.poll(async () => (await suggested(30))?.map((span) => span.label)).toEqual(['place']);
  await project.deleteLabel(await id('place'));
  expect(await until(({ phase }) => phase === 'waiting')).toMatchObject({ labels: 0 });
});

it('queues unlabeled texts, and measures on drawn ones whether all spans were found before they were known', async () => {
  await open(120);
  await labelFirst(20);
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === embedded.total);
  for (const kind of ['uncertain', 'diverse', 'random'] as const) {
    const { entries, total } = await queue(kind, { limit: 200, leaveOut: [70] });
    expect(entries.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, at) => at + 21).filter((id) => id !== 70),
    );
    expect(total).toBe(99);
    const values = entries.filter(({ drawnAtRandom }) => !drawnAtRandom).map(({ value }) => value!);
    if (kind !== 'random') expect(values).toEqual(values.toSorted((a, b) => b - a));
  }
  for (const kind of ['disagreement', 'entropy'] as const) await expect(queue(kind)).rejects.toMatchObject({ code: 'unavailable' });

  const drawn = (await queue('random', { limit: 2 })).entries.map(({ id }) => id);
  await label(drawn[0], bare(await suggested(drawn[0]))!);
  expect((await fittedTo(21)).heldOut).toMatchObject({ accuracy: 1, examples: 1 });
  const [first, ...others] = bare(await suggested(drawn[1]))!;
  await label(drawn[1], [{ ...first, label: first.label === 'person' ? 'place' : 'person' }, ...others]);
  expect((await fittedTo(22)).heldOut).toMatchObject({ accuracy: 0.5, examples: 2 });
  const { id } = (await project.summary()).labels[0];
  await project.updateLabel({ id, patch: { name: 'human' } });
  expect((await until(({ phase }) => phase === 'ready')).heldOut).toMatchObject({ accuracy: 0.5, examples: 2 });
});

it('says how many spans it cannot learn, and learns from texts without any', async () => {
  await open(40);
  await labelFirst(10);
  await label(11, []);
  const { spans } = sentence(12);
  await label(12, [...spans, { start: spans[0].start, end: spans[1].end, label: 'place' }]);
  expect(await fittedTo(12)).toMatchObject({ spansLeftOut: 2 });
  await project.undo();
  expect(await fittedTo(11)).toMatchObject({ spansLeftOut: 0 });
});

it('goes by the newest run until there is a head, and where that knows no less', async () => {
  await open(40);
  const { hash } = await project.snapshot();
  const configuration = runConfigurationSchema.parse({});
  const { run } = await project.createRun({ name: 'R', configuration, snapshot: hash, labels: ['person', 'place'] });
  const said = (score: number) => [{ ...sentence(1).spans[0], score }];
  const answers: [number, number[]][] = [
    [31, []],
    [32, [0.9, 0.6]],
    [33, [0.7]],
  ];
  await project.savePredictions(
    run,
    'train',
    answers.map(([exampleId, scores]) => ({ exampleId, label: null, scores: [], spans: scores.flatMap(said) })),
  );
  const { entries, total } = await queue('uncertain', { leaveOut: [33] });
  expect(entries.filter(({ drawnAtRandom }) => !drawnAtRandom)).toEqual([
    { id: 32, value: expect.closeTo(0.4, 6), drawnAtRandom: false },
    { id: 31, value: null, drawnAtRandom: false },
  ]);
  expect(total).toBe(2);
  expect(await suggestionOf(project, learner, 32)).toMatchObject({ source: 'run', name: 'R' });
  await labelFirst(10);
  await fittedTo(10);
  expect(await suggestionOf(project, learner, 32)).toMatchObject({ source: 'live', name: null });
});

it('begins anew with what it had computed, and comes to the same answers', async () => {
  await open(300);
  await labelFirst(20);
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === 300);
  const before = await suggested(250);
  await learner.close();
  learner = new Learner(project);
  const files = async () =>
    (await fs.readdir(path.join(project.folder, 'cache'))).filter((name) => /^(directions|words)-/.test(name)).sort();
  const written = await files();
  expect(written.length).toBeGreaterThan(1);
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === 300);
  const after = await suggested(250);
  expect(bare(after)).toEqual(bare(before));
  // Fitted to twenty at once, where before it was fitted label by label.
  after!.forEach(({ score }, at) => expect(score).toBeCloseTo(before![at].score, 2));
  expect(await files()).toEqual(written);
});

it('finds spans that look wrong, and asks no more about some that a person says are right until they change', async () => {
  await open(80);
  const wrong = (id: number) => sentence(id).spans.map((span) => ({ ...span, label: span.label === 'person' ? 'place' : 'person' }));
  for (let id = 1; id <= 60; id++) await label(id, id === 11 || id === 32 ? wrong(id) : undefined);
  await fittedTo(60);
  const all = { offset: 0, limit: 100 };
  const { rows, total, outOf } = await suspectsOf(project, learner, all);
  expect(outOf).toBe(60);
  expect(total).toBe(rows.length);
  expect(
    rows
      .slice(0, 2)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([11, 32]);
  const [{ id, spans }] = rows;
  expect(spans!.given).toEqual(wrong(id));
  expect(bare(spans!.suggested)).toEqual(sentence(id).spans);

  await project.confirmLabels(id);
  const rest = async () => (await suspectsOf(project, learner, all)).rows.map((row) => row.id);
  expect(await rest()).toEqual(rows.slice(1).map((row) => row.id));
  await label(id, sentence(id).spans);
  await label(id, wrong(id));
  expect(await rest()).not.toContain(id);
  // Other spans of the same types are another question.
  await label(id, wrong(id).slice(0, 1));
  expect(await rest()).toContain(id);
  await expect(project.confirmLabels(70)).rejects.toMatchObject({ code: 'unavailable' });
});
