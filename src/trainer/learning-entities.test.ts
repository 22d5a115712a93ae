/** A session on entities as its host asks it, on a small model. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LabelSpan, LearningAnswer, LearningAnswerOf, LearningQuestion } from './learning-messages.ts';
import { openEntities } from './learning-entities.ts';
import { openLearning, type LearningSession } from './learning.ts';

const base = path.join(import.meta.dirname, '..', '..', 'tests', 'fixtures', 'models', 'bert');
const people = ['Ann', 'Bob', 'Cy', 'Dan', 'Eve'];
const films = ['plot', 'film', 'scene'];
/** A person at the beginning, after an emoji in every second text; labels 7 and 3. */
function example(id: number): { text: string; spans: LabelSpan[] } {
  const [before, person, film] = [id % 2 ? '👍🏽 ' : '', people[id % 5], films[id % 3]];
  const text = `${before}${person} saw the ${film} ${id}`;
  const end = before.length + person.length;
  const at = text.indexOf(film, end);
  return {
    text,
    spans: [
      { start: before.length, end, label: 7 },
      { start: at, end: at + film.length, label: 3 },
    ],
  };
}
const classes = [7, 3];

let cache: string;
const sessions: LearningSession[] = [];
beforeEach(() => {
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-session-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  fs.rmSync(cache, { recursive: true, force: true });
});

async function open(): Promise<LearningSession> {
  const sample = ids.map((id) => ({ text: example(id).text }));
  const session = await openLearning({ type: 'begin', base, cache, several: false, threads: 1, sample }, new AbortController().signal);
  sessions.push(session);
  return session;
}
async function ask<T extends LearningAnswer['type'] = 'done'>(
  session: LearningSession,
  question: Exclude<LearningQuestion, { type: 'begin' }>,
) {
  return (await session.answer(question)) as LearningAnswerOf<T>;
}
const labeled = (id: number) => ({ id, labels: [3, 7], spans: example(id).spans, open: false });
const waiting = (id: number) => ({ id, labels: null, open: true });
const embed = (session: LearningSession, statuses: (ReturnType<typeof labeled> | ReturnType<typeof waiting>)[]) =>
  ask(session, { type: 'embed', texts: statuses.map((status) => ({ ...status, text: example(status.id).text })) });
const fit = (session: LearningSession) => ask<'fit'>(session, { type: 'fit', classes });
const spans = async (session: LearningSession, id: number) =>
  (await ask<'spans'>(session, { type: 'spans', texts: [{ text: example(id).text }] })).spans[0];
const bare = (found: LabelSpan[]) => found.map(({ start, end, label }) => ({ start, end, label }));
const ids = Array.from({ length: 40 }, (_, id) => id);

it('comes to the same head text by text as at once, and finds the spans of others, in UTF-16 units', async () => {
  const [slow, quick] = [await open(), await open()];
  await embed(slow, ids.map(waiting));
  for (const id of ids.slice(0, 30).toReversed()) {
    await ask(slow, { type: 'change', texts: [labeled(id)], forgotten: [] });
    await fit(slow);
  }
  await embed(quick, [...ids.slice(0, 30).map(labeled), ...ids.slice(30).map(waiting)]);
  expect(await fit(quick)).toMatchObject({ texts: 30, leftOut: 0 });
  for (const id of [31, 32, 35]) {
    const [a, b] = [await spans(slow, id), await spans(quick, id)];
    expect(bare(a)).toEqual(example(id).spans);
    expect(bare(b)).toEqual(example(id).spans);
    a.forEach(({ score }, at) => expect(score).toBeCloseTo(b[at].score, 2));
  }
  // A label that is taken back leaves nothing behind.
  const before = await spans(quick, 35);
  await ask(quick, { type: 'change', texts: [waiting(5)], forgotten: [] });
  expect(await fit(quick)).toMatchObject({ texts: 29 });
  await ask(quick, { type: 'change', texts: [labeled(5)], forgotten: [] });
  await fit(quick);
  (await spans(quick, 35)).forEach(({ score }, at) => expect(score).toBeCloseTo(before[at].score, 2));
});

it('leaves out spans across others and words of labels it does not know', async () => {
  const session = await open();
  await embed(session, ids.slice(0, 20).map(labeled));
  const { text, spans: own } = example(20);
  const across = { start: 0, end: text.length, label: 3 };
  await ask(session, {
    type: 'embed',
    texts: [
      { id: 20, text, labels: [3, 7, 9], spans: [...own, across, { start: text.length - 2, end: text.length, label: 9 }], open: false },
    ],
  });
  expect(await fit(session)).toMatchObject({ texts: 21, leftOut: 3 });
  for (const { label } of await spans(session, 25)) expect(classes).toContain(label);
});

it('ranks those that wait, the least sure first, and knows nothing of forgotten ones', async () => {
  const session = await open();
  await expect(ask(session, { type: 'rank', by: 'uncertain', limit: 5, leaveOut: [] })).rejects.toMatchObject({ code: 'unavailable' });
  await embed(session, [...ids.slice(0, 20).map(labeled), ...ids.slice(20).map(waiting)]);
  await fit(session);
  await ask(session, { type: 'change', texts: [], forgotten: [39] });
  for (const by of ['uncertain', 'diverse'] as const) {
    const { entries, total } = await ask<'rank'>(session, { type: 'rank', by, limit: 50, leaveOut: [20] });
    expect(entries.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids.slice(21, 39));
    expect(total).toBe(18);
    expect(entries.map(({ value }) => value)).toEqual(entries.map(({ value }) => value).toSorted((a, b) => b! - a!));
  }
});

it('leaves out texts that wait where there are too many words, and takes them in once they are labeled', async () => {
  const begin = { type: 'begin', base, cache, several: false, threads: 1 } as const;
  const session = await openEntities({ ...begin, sample: [] }, new AbortController().signal, 30);
  sessions.push(session);
  const answer = (await session.answer({
    type: 'embed',
    texts: ids.slice(0, 10).map((id) => ({ ...waiting(id), text: example(id).text })),
  })) as LearningAnswerOf<'embed'>;
  expect(answer.leftOut.length).toBeGreaterThan(0);
  expect(answer.leftOut).toEqual(ids.slice(10 - answer.leftOut.length, 10));
  const again = answer.leftOut.map((id) => ({ ...labeled(id), text: example(id).text }));
  expect(await ask<'embed'>(session, { type: 'embed', texts: again })).toEqual({ type: 'embed', leftOut: [] });
  expect(await fit(session)).toMatchObject({ texts: again.length });
});

it('doubts spans that the other texts speak against, and none where a correction would lose something', async () => {
  const session = await open();
  await embed(session, ids.map(labeled));
  const [person, film] = example(17).spans;
  const turned = [
    { ...person, label: 3 },
    { ...film, label: 7 },
  ];
  const change = (id: number, spans: LabelSpan[]) =>
    ask(session, { type: 'change', texts: [{ id, labels: [3, 7], spans, open: false }], forgotten: [] });
  await change(17, turned);
  await fit(session);
  const doubts = () => ask<'doubts'>(session, { type: 'doubts', folds: 5, seed: 1 });
  const { doubts: found, outOf } = await doubts();
  expect(outOf).toBe(40);
  expect(found[0]).toMatchObject({ id: 17, spans: example(17).spans });
  expect(found[0].probability).toBeGreaterThan(found[0].givenProbability);
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => a - b));
  // One span more, across the others.
  await change(17, [...turned, { start: person.start, end: film.end, label: 3 }]);
  await fit(session);
  const other = await doubts();
  expect(other.outOf).toBe(39);
  expect(other.doubts.map(({ id }) => id)).not.toContain(17);
});
