/** A session as its host asks it, on a small model. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LearningAnswer, LearningAnswerOf, LearningQuestion } from './learning-messages.ts';
import { openLearning, type LearningSession } from './learning.ts';

const base = path.join(import.meta.dirname, '..', '..', 'tests', 'fixtures', 'models', 'bert');
const words = ['plot', 'film', 'dull', 'fine', 'long', 'short', 'warm', 'cold'];
const textOf = (id: number) => `${words[id % 8]} ${words[(id >> 3) % 8]} and ${id}`;

let cache: string;
const sessions: LearningSession[] = [];
beforeEach(() => {
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-session-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  fs.rmSync(cache, { recursive: true, force: true });
});

async function open(several = false): Promise<LearningSession> {
  const session = await openLearning({ type: 'begin', base, cache, several, threads: 1 }, new AbortController().signal);
  sessions.push(session);
  return session;
}
async function ask<T extends LearningAnswer['type'] = 'done'>(
  session: LearningSession,
  question: Exclude<LearningQuestion, { type: 'begin' }>,
) {
  return (await session.answer(question)) as LearningAnswerOf<T>;
}
const text = (id: number, labels: number[] | null = null) => ({ id, text: textOf(id), labels, open: labels === null });
const embed = (session: LearningSession, texts: ReturnType<typeof text>[]) => ask(session, { type: 'embed', texts });
const fit = (session: LearningSession) => ask<'fit'>(session, { type: 'fit', classes: [7, 3] });
const probabilities = async (session: LearningSession, ids: number[]) => [
  ...(await ask<'probabilities'>(session, { type: 'probabilities', ids, texts: [] })).probabilities,
];
const labelOf = (id: number) => (id % 3 === 0 ? 7 : 3);
const ids = Array.from({ length: 40 }, (_, id) => id);

it('comes to the same head label by label as at once, whatever the order', async () => {
  const [slow, quick] = [await open(), await open()];
  await embed(
    slow,
    ids.map((id) => text(id)),
  );
  for (const id of ids.slice(0, 30).toReversed()) {
    await ask(slow, { type: 'change', texts: [{ id, labels: [labelOf(id)], open: false }], forgotten: [] });
    if (id < 20) await fit(slow);
  }
  await embed(
    quick,
    ids.map((id) => text(id, id < 30 ? [labelOf(id)] : null)),
  );
  expect(await fit(quick)).toMatchObject({ texts: 30 });
  const [a, b] = [await probabilities(slow, ids), await probabilities(quick, ids)];
  a.forEach((p, at) => expect(p).toBeCloseTo(b[at], 2));
  // A label that is taken back leaves nothing behind.
  await ask(quick, { type: 'change', texts: [{ id: 5, labels: null, open: true }], forgotten: [] });
  await fit(quick);
  await ask(quick, { type: 'change', texts: [{ id: 5, labels: [labelOf(5)], open: false }], forgotten: [] });
  await fit(quick);
  (await probabilities(quick, ids)).forEach((p, at) => expect(p).toBeCloseTo(b[at], 2));
});

it('knows nothing of a text that was forgotten, and its place is another’s', async () => {
  const session = await open();
  await embed(
    session,
    ids.map((id) => text(id, id < 30 ? [labelOf(id)] : null)),
  );
  await fit(session);
  const [before, last] = [await probabilities(session, [38]), await probabilities(session, [39])];
  await ask(session, { type: 'change', texts: [], forgotten: [38] });
  expect(await probabilities(session, [38])).toEqual([NaN, NaN]);
  await embed(session, [text(99)]);
  expect(await probabilities(session, [39])).toEqual(last);
  await embed(session, [text(38)]);
  expect(await probabilities(session, [38])).toEqual(before);
  const { entries, total } = await ask<'rank'>(session, { type: 'rank', by: 'uncertain', limit: 50, leaveOut: [31] });
  expect(entries.map(({ id }) => id).sort((a, b) => a - b)).toEqual([30, 32, 33, 34, 35, 36, 37, 38, 39, 99]);
  expect(total).toBe(10);
});

it('goes from the middle outwards where nothing is labeled, and away from what is', async () => {
  const session = await open();
  await embed(
    session,
    ids.map((id) => text(id)),
  );
  const diverse = (leaveOut: number[], limit = 40) => ask<'rank'>(session, { type: 'rank', by: 'diverse', limit, leaveOut });
  const all = (await diverse([])).entries;
  expect(all.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
  expect(all[0].value).toBeNull();
  const distances = all.slice(1).map(({ value }) => value!);
  expect(distances).toEqual(distances.toSorted((a, b) => b - a));
  // The first is on a screen: the others are as they were.
  expect((await diverse([all[0].id], 3)).entries.map(({ id }) => id)).toEqual(all.slice(1, 4).map(({ id }) => id));
  await ask(session, { type: 'change', texts: [{ id: all[0].id, labels: [7], open: false }], forgotten: [] });
  expect((await diverse([], 3)).entries.map(({ id }) => id)).toEqual(all.slice(1, 4).map(({ id }) => id));
});

it('keeps identical texts in one fold, so that none is told its own label', async () => {
  const session = await open();
  // One text twenty times under one label, and others under both.
  const same = Array.from({ length: 20 }, (_, at) => ({ ...text(100 + at, [7]), text: 'the same' }));
  await embed(session, [...ids.map((id) => text(id, [labelOf(id)])), ...same]);
  await fit(session);
  const answer = await ask<'out-of-sample'>(session, { type: 'out-of-sample', folds: 5, seed: 1 });
  expect(answer.classes).toEqual([7, 3]);
  const of = (id: number) => answer.probabilities[2 * answer.ids.indexOf(id)];
  expect(new Set(same.map(({ id }) => of(id))).size).toBe(1);
});

it('answers several labels each by itself', async () => {
  const session = await open(true);
  await embed(
    session,
    ids.map((id) => text(id, id < 30 ? [...(id % 2 ? [7] : []), ...(id % 3 ? [3] : [])] : null)),
  );
  await fit(session);
  for (const p of await probabilities(session, ids)) expect(p > 0 && p < 1).toBe(true);
  const { isDone } = await ask<'tune'>(session, { type: 'tune' });
  expect(isDone).toBe(false);
});

it('works out a learning curve in steps between which labels are learned, and none anew for one label more', async () => {
  const session = await open();
  const many = Array.from({ length: 300 }, (_, id) => id);
  await embed(
    session,
    many.map((id) => text(id, id < 60 ? [labelOf(id)] : null)),
  );
  await fit(session);
  const next = () => ask<'curve'>(session, { type: 'curve' });
  expect(await next()).toEqual({ type: 'curve', isDone: false, curve: null });
  await ask(session, { type: 'change', texts: [{ id: 60, labels: [7], open: false }], forgotten: [] });
  expect(await fit(session)).toMatchObject({ texts: 61 });
  let answer = await next();
  while (!answer.isDone) answer = await next();
  expect(answer.curve).toMatchObject({ labels: 60, measure: 'accuracy', next: { labels: 160 } });
  expect(await next()).toEqual({ type: 'curve', isDone: true, curve: null });
});

it('has no answer before the first fit', async () => {
  const session = await open();
  await embed(session, [text(1)]);
  await expect(probabilities(session, [1])).rejects.toMatchObject({ code: 'unavailable' });
});
