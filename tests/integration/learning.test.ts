/** What Thaw learns while one labels: the head, its suggestions and queues, and what becomes of them when labels, texts or processes change. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openProject, type Project } from '../../src/main/database/index.ts';
import {
  Learner,
  learningCurveOf,
  outOfSampleOf,
  queueOf,
  suggestedFor,
  suggestionOf,
  suspectsOf,
  type LearnerOptions,
} from '../../src/main/services/learning/index.ts';
import { openRuns } from '../../src/main/services/runs.ts';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import { queueRequestSchema, type LearningState, type QueueKind } from '../../src/shared/learning.ts';
import { childrenOf, fixture, sample, temporaryFolder } from './thaw.ts';

let folder: string;
/** Texts with their labels, of which projects are made. */
let texts: { text: string; label: string }[];
let project: Project;
let learner: Learner;
const left: AbortController[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  const lines = (await fs.readFile(sample('sentiment.csv'), 'utf8')).trim().split('\n').slice(1);
  const plain = lines.filter((line) => !line.includes('"')).map((line) => line.split(','));
  texts = plain.filter((fields) => fields.length === 3).map(([text, label]) => ({ text, label }));
});
afterEach(async () => {
  for (const controller of left.splice(0)) controller.abort();
  await learner.close();
  await project.close();
  expect(childrenOf(process.pid)).toEqual([]);
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

/** A project of unlabeled training texts, which have ids from 1 on. */
async function open(count: number, options: LearnerOptions = {}, task: 'classification' | 'multilabel' = 'classification'): Promise<void> {
  project = await openProject(await fs.mkdtemp(path.join(folder, 'project-')), { create: { task, name: 'Test' } });
  await add(0, count, 'train');
  for (const name of ['negative', 'positive']) await project.createLabel(name);
  learner = new Learner(project, options);
}
async function add(from: number, to: number, split: 'train' | 'validation' | 'test'): Promise<void> {
  const file = path.join(folder, `${split}-${from}.jsonl`);
  await fs.writeFile(
    file,
    texts
      .slice(from, to)
      .map(({ text }) => JSON.stringify({ text }))
      .join('\n'),
  );
  await project.importFile({ file, split, text: 'text' });
}
const label = (id: number, name: string | null = texts[id - 1].label) =>
  project.annotate({ id, annotation: { label: name, spans: null }, skipped: false });
const idsOf = (name: string, count: number) => texts.flatMap(({ label: own }, at) => (own === name ? [at + 1] : [])).slice(0, count);

/** Listens until a state is as wanted; others of interest are kept. */
async function until(wanted: (state: LearningState) => boolean, seen: string[] = []): Promise<LearningState> {
  const controller = new AbortController();
  left.push(controller);
  for await (const state of learner.watch(controller.signal)) {
    if (seen.at(-1) !== state.phase) seen.push(state.phase);
    if (wanted(state)) return state;
  }
  throw new Error('closed');
}
const fittedTo = (labels: number) => until((state) => state.phase === 'ready' && state.labels === labels);
const queue = (kind: QueueKind, rest: { limit?: number; leaveOut?: number[] } = {}) =>
  queueOf(learner, queueRequestSchema.parse({ queue: kind, ...rest }));
async function labelBoth(count: number): Promise<void> {
  for (const name of ['negative', 'positive']) for (const id of idsOf(name, count)) await label(id);
}

it('begins with the fifth text of each label, and follows each further one', async () => {
  await open(60);
  await labelBoth(5);
  const [last] = idsOf('positive', 5).slice(-1);
  await label(last, null);
  const waiting = await until(({ phase, missing }) => phase === 'waiting' && missing.length > 0);
  expect(waiting).toMatchObject({ missing: [{ label: 'positive', count: 4 }], labels: 0 });
  await expect(queue('uncertain')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('“positive” (4)') });
  expect(await suggestionOf(project, learner, 50)).toBeNull();

  await label(last);
  const ready = await fittedTo(10);
  expect(ready.fitMs).toBeLessThan(1000);
  const before = await suggestionOf(project, learner, 50);
  expect(before).toMatchObject({ source: 'live', run: null, labels: [expect.stringMatching(/^(negative|positive)$/)] });
  expect(before!.scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);

  // The same text under another label than the head gave it.
  const other = before!.labels[0] === 'positive' ? 'negative' : 'positive';
  await label(49, other);
  await fittedTo(11);
  const after = await suggestionOf(project, learner, 50);
  expect(after!.scores).not.toEqual(before!.scores);
  // Of a text it learned from, the head only repeats the label.
  expect(await suggestionOf(project, learner, 49)).toBeNull();
});

it('follows undo and redo, labels that are renamed, merged and deleted, many texts at once, and texts that come', async () => {
  await open(60);
  await labelBoth(6);
  await fittedTo(12);
  await project.undo();
  await fittedTo(11);
  await project.redo();
  await fittedTo(12);

  const labels = (await project.summary()).labels;
  const id = (name: string) => labels.find((one) => one.name === name)!.id;
  await project.updateLabel({ id: id('positive'), patch: { name: 'good' } });
  await until(({ phase }) => phase === 'ready');
  await expect
    .poll(async () => (await suggestionOf(project, learner, 50))?.scores.map((score) => score.label))
    .toEqual(['negative', 'good']);

  await project.changeMany({ ids: [55, 56, 57] }, { kind: 'label', label: 'good' });
  await fittedTo(15);
  await project.changeMany({ ids: [55] }, { kind: 'split', split: 'test' });
  await fittedTo(14);
  expect(await suggestionOf(project, learner, 55)).toBeNull();

  await add(60, 70, 'train');
  expect((await until(({ embedded }) => embedded.done === 69)).embedded.total).toBe(69);

  await project.deleteLabel(id('negative'));
  const alone = await until(({ phase }) => phase === 'waiting');
  expect(alone).toMatchObject({ labels: 0, heldOut: null, reason: 'All labels so far are “good”: there is nothing to tell apart yet.' });
  await project.undo();
  await fittedTo(14);
  await project.mergeLabel({ id: id('negative'), into: id('positive') });
  await until(({ phase }) => phase === 'waiting');
});

it('queues unlabeled training texts alone, without those skipped or left out', async () => {
  await open(80);
  await add(80, 100, 'test');
  await add(100, 110, 'validation');
  await labelBoth(8);
  await project.annotate({ id: 70, annotation: { label: null, spans: null }, skipped: true });
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === embedded.total);
  const given = new Set([...idsOf('negative', 8), ...idsOf('positive', 8)]);
  const waiting = Array.from({ length: 80 }, (_, at) => at + 1).filter((id) => id !== 70 && !given.has(id));
  for (const kind of ['uncertain', 'entropy', 'diverse', 'random'] as const) {
    const { entries, total } = await queue(kind, { limit: 100, leaveOut: [71] });
    expect(entries.map(({ id }) => id).sort((a, b) => a - b)).toEqual(waiting.filter((id) => id !== 71));
    expect(total).toBe(waiting.length - 1);
    const values = entries.filter(({ drawnAtRandom }) => !drawnAtRandom).map(({ value }) => value!);
    if (kind === 'random') expect(values).toEqual([]);
    else expect(values).toEqual(values.toSorted((a, b) => b - a));
  }
  await expect(queue('disagreement')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('No run has predicted'),
  });
});

it('draws every tenth text at random, and measures on those what the head said before their label was known', async () => {
  await open(120);
  await labelBoth(10);
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === embedded.total);
  const first = await queue('uncertain', { limit: 30 });
  // Labels 21 to 50: places 30, 40 and 50 are the tenth ones.
  expect(first.entries.flatMap(({ drawnAtRandom }, at) => (drawnAtRandom ? [at] : []))).toEqual([9, 19, 29]);
  const drawn = first.entries.filter(({ drawnAtRandom }) => drawnAtRandom).map(({ id }) => id);
  // Those that wait are not drawn anew.
  const again = await queue('entropy', { limit: 30 });
  expect(again.entries.filter(({ drawnAtRandom }) => drawnAtRandom).map(({ id }) => id)).toEqual(drawn);

  // Who reads what the head says of such a text would answer less freely.
  const shown = (id: number) => suggestedFor(project, learner, id);
  expect(await shown(drawn[0])).toEqual({ suggestion: null, measures: true, headSaid: null });
  expect(await shown(first.entries[0].id)).toMatchObject({ suggestion: { source: 'live' }, measures: false, headSaid: null });
  const said = await suggestionOf(project, learner, drawn[0]);
  await label(drawn[0], said!.labels[0]);
  const right = await fittedTo(21);
  expect(right.heldOut).toMatchObject({ accuracy: 1, examples: 1 });
  expect(await shown(drawn[0])).toMatchObject({ measures: false, headSaid: said!.labels });
  const next = await suggestionOf(project, learner, drawn[1]);
  await label(drawn[1], next!.labels[0] === 'positive' ? 'negative' : 'positive');
  const half = (await fittedTo(22)).heldOut!;
  expect(half).toMatchObject({ accuracy: 0.5, examples: 2 });
  expect(half.low).toBeLessThan(0.5);
  expect(half.high).toBeGreaterThan(0.5);
  // A text that was chosen says nothing of the rest.
  await label(first.entries[0].id);
  expect((await fittedTo(23)).heldOut).toEqual(half);
  // What was said before is no better for being labeled again; the label that holds counts.
  await label(drawn[1], next!.labels[0]);
  expect((await until(({ heldOut }) => heldOut?.accuracy === 1)).heldOut).toMatchObject({ examples: 2 });
});

/** A run that saw the labels of now, with what it is to have said of training texts. */
async function runThatSaid(name: string, scores: Record<number, [negative: number, positive: number]>): Promise<string> {
  const { hash } = await project.snapshot();
  const labels = ['negative', 'positive'];
  const { run } = await project.createRun({ name, configuration: runConfigurationSchema.parse({}), snapshot: hash, labels });
  const predictions = Object.entries(scores).map(([id, both]) => ({
    exampleId: Number(id),
    label: labels[both.indexOf(Math.max(...both))],
    scores: both,
    spans: null,
  }));
  await project.savePredictions(run, 'train', predictions);
  return run;
}

it('queues what two runs, or a run and the head, answer otherwise', async () => {
  await open(60);
  await labelBoth(6);
  await runThatSaid('older', { 40: [0.9, 0.1], 41: [0.4, 0.6], 42: [0.8, 0.2], 43: [0.7, 0.3] });
  await fittedTo(12);
  // The run is no older than the labels: it suggests, until the head knows clearly more.
  const suggested = (id: number) => suggestionOf(project, learner, id);
  for (const id of [40, 41, 42, 43]) expect(await suggested(id)).toMatchObject({ source: 'run', name: 'older' });
  await labelBoth(9);
  await fittedTo(18);
  for (const id of [40, 41, 42, 43]) expect(await suggested(id)).toMatchObject({ source: 'live', name: null });
  // Another penalty may come between two questions, once.
  const isOther = async (id: number) => (await suggested(id))!.labels[0] !== (id === 41 ? 'positive' : 'negative');
  const isQueued = async () => {
    const others = await Promise.all([40, 41, 42, 43].map(isOther));
    const { entries } = await queue('disagreement', { limit: 9 });
    const differing = entries.filter(({ drawnAtRandom }) => !drawnAtRandom).map(({ id }) => id);
    return differing.sort().join() === [40, 41, 42, 43].filter((_, at) => others[at]).join();
  };
  await expect.poll(isQueued, { timeout: 20_000 }).toBe(true);

  await runThatSaid('newer', { 40: [0.8, 0.2], 41: [0.9, 0.1], 42: [0.3, 0.7] });
  const both = await queue('disagreement', { limit: 9 });
  const entries = both.entries.filter(({ drawnAtRandom }) => !drawnAtRandom);
  expect(entries).toEqual([41, 42].map((id) => ({ id, value: expect.closeTo(0.5, 6), drawnAtRandom: false })));
  expect(both.total).toBe(2);
});

it('gives probabilities by heads that were not fitted to a text', async () => {
  await open(60);
  await labelBoth(10);
  const { labels, examples, probabilities } = await outOfSampleOf(learner);
  expect(labels).toEqual(['negative', 'positive']);
  expect(examples.map(({ id }) => id)).toEqual([...idsOf('negative', 10), ...idsOf('positive', 10)].sort((a, b) => a - b));
  expect(examples.every(({ id, given }) => given[0] === texts[id - 1].label)).toBe(true);
  examples.forEach((_, row) => expect(probabilities[2 * row] + probabilities[2 * row + 1]).toBeCloseTo(1, 5));
  expect((await outOfSampleOf(learner)).probabilities).toEqual(probabilities);
});

it('learns several labels a text', async () => {
  await open(60, {}, 'multilabel');
  for (const name of ['negative', 'positive'])
    for (const id of idsOf(name, 6))
      await project.annotate({ id, annotation: { label: null, labels: [name], spans: null }, skipped: false });
  await project.annotate({ id: 60, annotation: { label: null, labels: [], spans: null }, skipped: false });
  await fittedTo(13);
  const suggestion = await suggestionOf(project, learner, 50);
  expect(suggestion!.scores.map((score) => score.label)).toEqual(['negative', 'positive']);
  for (const { label: name, score } of suggestion!.scores) expect(suggestion!.labels.includes(name)).toBe(score >= 0.5);
  const { entries } = await queue('uncertain', { limit: 5 });
  expect(entries).toHaveLength(5);
});

it('foresees what more labels would bring, and anew when there are a tenth more', async () => {
  await open(200);
  await labelBoth(20);
  expect(await fittedTo(40)).toMatchObject({ curve: null, curveFrom: 50 });
  await expect(learningCurveOf(learner)).rejects.toMatchObject({ code: 'unavailable', message: 'A forecast needs 10 more labels.' });
  await labelBoth(27);
  const { curve } = await until((state) => state.curve !== null);
  expect(curve).toMatchObject({ measure: 'accuracy', labels: 54, now: { labels: 54 }, next: { labels: 154 } });
  expect(curve!.measured.map(({ labels }) => labels)).toEqual([16, 19, 24, 29, 35, 43]);
  expect(await learningCurveOf(learner)).toEqual(curve);
  await labelBoth(28);
  expect((await fittedTo(56)).curve).toEqual(curve);
  await labelBoth(30);
  await until((state) => state.curve?.labels === 60);
  const [negative] = (await project.summary()).labels;
  await project.deleteLabel(negative.id);
  expect((await until(({ phase }) => phase === 'waiting')).curve).toBeNull();
});

it('says that its process ended, and goes on with another one', async () => {
  await open(60);
  await labelBoth(5);
  await fittedTo(10);
  const [first] = childrenOf(process.pid);
  const seen: string[] = [];
  const again = until((state) => seen.includes('failed') && state.phase === 'ready', seen);
  process.kill(first, 'SIGKILL');
  expect(await again).toMatchObject({ labels: 10 });
  expect(childrenOf(process.pid)).not.toContain(first);
  expect(await suggestionOf(project, learner, 50)).toMatchObject({ source: 'live' });
});

it('reads no further texts while a run trains, and goes on with what it has', async () => {
  await open(200);
  await labelBoth(5);
  learner.setTraining(true);
  const paused = await until(({ phase }) => phase === 'paused');
  expect(paused).toMatchObject({ embedded: { done: 0, total: 200 }, reason: expect.stringMatching(/^A run is training/) });
  await expect(queue('uncertain')).rejects.toMatchObject({ code: 'unavailable' });
  learner.setTraining(false);
  await fittedTo(10);
});

it('is told by runs that they train, until the last has ended', async () => {
  await open(30);
  await labelBoth(6);
  const told: boolean[] = [];
  const training = (isTraining: boolean) => {
    told.push(isTraining);
    learner.setTraining(isTraining);
  };
  await project.changeMany({ ids: [idsOf('negative', 1)[0], idsOf('positive', 1)[0]] }, { kind: 'split', split: 'validation' });
  const runs = openRuns(project, { training });
  const configuration = runConfigurationSchema.parse({ base: fixture('bert'), maxLength: 16, threads: 1, epochs: 1 });
  const [first, second] = [await runs.start({ name: 'a', configuration }), await runs.start({ name: 'b', configuration })];
  expect(told.at(-1)).toBe(true);
  for (const { run } of [first, second]) expect((await runs.finished(run)).status).toBe('finished');
  await expect.poll(() => told.at(-1)).toBe(false);
  expect(told.indexOf(false)).toBe(told.length - 1);
  await fittedTo(10);
  await runs.close();
});

it('ends when nobody has listened for a while, and begins anew with what it had computed', async () => {
  await open(60, { idleMs: 1 });
  await labelBoth(5);
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === 60);
  for (const controller of left.splice(0)) controller.abort();
  await expect.poll(() => childrenOf(process.pid)).toEqual([]);
  await expect.poll(() => learner.hasHead).toBe(false);
  const files = (await fs.readdir(path.join(project.folder, 'cache'))).filter((name) => name.startsWith('mean-'));
  expect(files.length).toBeGreaterThan(0);
  await until(({ phase, embedded }) => phase === 'ready' && embedded.done === 60);
  expect((await fs.readdir(path.join(project.folder, 'cache'))).filter((name) => name.startsWith('mean-'))).toEqual(files);
});

it('takes in a part of very many texts, drawn evenly', async () => {
  await open(60, { limits: { labeled: 12, open: 20 } });
  await labelBoth(6);
  const state = await until(({ phase, embedded }) => phase === 'ready' && embedded.done === embedded.total);
  expect(state).toMatchObject({ labels: 12, embedded: { done: 32, total: 32 }, leftOut: 28 });
  const drawn = (await queue('diverse', { limit: 60 })).entries.map(({ id }) => id);
  expect(drawn).toHaveLength(20);
  const given = [...idsOf('negative', 6), ...idsOf('positive', 6)];
  const other = Array.from({ length: 60 }, (_, at) => at + 1).find((id) => !drawn.includes(id) && !given.includes(id))!;
  await label(drawn[0]);
  await fittedTo(13);
  await label(other);
  await label(drawn[1]);
  expect(await fittedTo(14)).toMatchObject({ embedded: { done: 32 }, leftOut: 28 });
});

it('ends what is waited for when it is closed', async () => {
  await open(200);
  await labelBoth(5);
  const asked = queue('uncertain');
  await Promise.all([expect(asked).rejects.toMatchObject({ code: 'cancelled' }), learner.close()]);
  await expect(queue('uncertain')).rejects.toMatchObject({ code: 'cancelled' });
});

it('finds labels that look wrong, and asks no more about one that a person says is right until it changes', async () => {
  await open(200);
  const other = (id: number) => (texts[id - 1].label === 'positive' ? 'negative' : 'positive');
  const ids = [...idsOf('negative', 60), ...idsOf('positive', 60)];
  const wrong = ids.filter((_, at) => at % 15 === 7);
  for (const id of ids) await label(id, wrong.includes(id) ? other(id) : texts[id - 1].label);
  await fittedTo(120);
  const all = { offset: 0, limit: 200 };
  const { rows, total, outOf } = await suspectsOf(project, learner, all);
  expect(outOf).toBe(120);
  expect(total).toBe(rows.length);
  // By chance one in fifteen of them would be.
  const found = rows.filter(({ id }) => wrong.includes(id));
  expect(found.length / rows.length).toBeGreaterThan(2 / 15);
  for (const [at, { id, given, suggested, score }] of rows.entries()) {
    expect(given).toEqual([(await project.example(id)).annotation.label]);
    expect(suggested).not.toEqual(given);
    expect(score).toBeGreaterThanOrEqual(rows[at - 1]?.score ?? 0);
  }

  const [{ id, given, suggested }] = rows;
  await project.confirmLabels(id);
  const rest = await suspectsOf(project, learner, all);
  expect(rest.rows.map((row) => row.id)).toEqual(rows.slice(1).map((row) => row.id));
  await label(id, suggested[0]);
  await label(id, given[0]);
  expect((await suspectsOf(project, learner, all)).rows.map((row) => row.id)).not.toContain(id);
  await expect(project.confirmLabels(200)).rejects.toMatchObject({ code: 'unavailable' });
});
