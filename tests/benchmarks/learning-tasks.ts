/** A person who labels, simulated: on SST-2 and the topics sample, with the head that learns meanwhile. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { embeddedBase, type Metrics } from '../../src/shared/domain.ts';
import { randomEvery } from '../../src/shared/learning.ts';
import { mixAtRandom } from '../../src/engine/active/index.ts';
import { classificationMetrics } from '../../src/engine/evaluate/metrics.ts';
import { mulberry32, shuffle } from '../../src/engine/text/index.ts';
import { baseFolder } from '../../src/main/services/models.ts';
import { openLearning, type LearningSession } from '../../src/trainer/learning.ts';

export interface Labeled {
  text: string;
  label: number;
}
/** Of two classes the entropy puts texts in the same order as the margin, which is what `uncertain` goes by. */
export const STRATEGIES = ['random', 'uncertain', 'entropy', 'diverse'] as const;
export type Strategy = (typeof STRATEGIES)[number];
/** Labels between two queues. */
const ROUND = 10;
/** Labels of each class that a person begins with. */
export const FIRST = 5;

export interface Task {
  name: string;
  classes: number;
  /** Macro F1 on the test set in percent; or how many of the labeled texts have the label 1. */
  measure: 'macro F1' | 'found';
  train: Labeled[];
  test: Labeled[];
}

/** Texts with their labels, of the folder that has sst2/{train,dev,test}.tsv. */
export async function readSst2(data: string, name: string): Promise<Labeled[]> {
  const lines = (await fs.readFile(path.join(data, 'sst2', `${name}.tsv`), 'utf8')).trim().split('\n');
  return lines.map((line) => line.split('\t')).map(([text, label]) => ({ text, label: Number(label) }));
}

export async function tasks(data: string): Promise<Task[]> {
  const [train, test] = [await readSst2(data, 'train'), await readSst2(data, 'test')];
  const rows = (await fs.readFile(path.resolve(import.meta.dirname, '../../resources/samples/topics.csv'), 'utf8'))
    .trim()
    .split('\n')
    .slice(1);
  // Its texts have no commas within quotes that matter here: label and intent come last.
  const topics = rows
    .map((row) => row.replaceAll('"', '').split(','))
    .map((fields) => ({ text: fields.slice(0, -2).join(), topic: fields.at(-2)! }));
  const names = [...new Set(topics.map(({ topic }) => topic))].sort();
  const labeled = shuffle(
    topics.map(({ text, topic }) => ({ text, label: names.indexOf(topic) })),
    mulberry32(1),
  );
  const rare = (texts: Labeled[]) => {
    const negative = texts.filter(({ label }) => label === 0);
    const positive = texts.filter(({ label }) => label === 1);
    return [...negative, ...positive.slice(0, Math.round(negative.length / 19))];
  };
  return [
    { name: 'SST-2', classes: 2, measure: 'macro F1', train, test },
    {
      name: `topics sample (${names.length} labels)`,
      classes: names.length,
      measure: 'macro F1',
      train: labeled.slice(500),
      test: labeled.slice(0, 500),
    },
    { name: 'SST-2, one text in twenty positive', classes: 2, measure: 'found', train: rare(train), test: [] },
  ];
}

/** A session that has all texts, none with a label; those of the test set have the ids below 0. */
export async function openTask({ train, test }: Task, cache: string): Promise<LearningSession> {
  const begin = { type: 'begin', base: baseFolder(embeddedBase), cache, several: false, threads: 0 } as const;
  const session = await openLearning(begin, new AbortController().signal);
  const embed = (texts: Labeled[], idOf: (at: number) => number) =>
    session.answer({ type: 'embed', texts: texts.map(({ text }, at) => ({ id: idOf(at), text, labels: null, open: false })) });
  await embed(train, (at) => at);
  await embed(test, (at) => -1 - at);
  await session.answer({ type: 'keep' });
  return session;
}

/** Labels text after text, ten between two queues; at each of the stops what is labeled, once the head knows it. */
export async function* labelings(
  session: LearningSession,
  { train, classes }: Task,
  strategy: Strategy,
  seed: number,
  stops: readonly number[],
): AsyncGenerator<ReadonlySet<number>> {
  const all = Array.from({ length: classes }, (_, label) => label);
  const status = (id: number, labels: number[] | null) => ({ id, labels, open: labels === null });
  await session.answer({ type: 'change', texts: train.map((_, id) => status(id, null)), forgotten: [] });
  const order = shuffle([...train.keys()], mulberry32(seed));
  const labeled = new Set<number>();
  const give = async (ids: number[]) => {
    for (const id of ids) labeled.add(id);
    await session.answer({ type: 'change', texts: ids.map((id) => status(id, [train[id].label])), forgotten: [] });
  };
  const seen = all.map(() => 0);
  await give(order.filter((id) => seen[train[id].label]++ < FIRST));
  yield* rounds(session, { strategy, order, labeled, give, fit: () => fit(session, all) }, stops);
}

export interface Rounds {
  strategy: Strategy;
  /** Ids of all texts, in the order in which they are drawn at random. */
  order: readonly number[];
  /** Grows as `give` labels texts. */
  labeled: ReadonlySet<number>;
  give(ids: number[]): Promise<void>;
  fit(): Promise<void>;
}

/** Goes on labeling, ten texts between two queues; at each of the stops what is labeled, once the head knows it. */
export async function* rounds(
  session: LearningSession,
  { strategy, order, labeled, give, fit }: Rounds,
  stops: readonly number[],
): AsyncGenerator<ReadonlySet<number>> {
  for (;;) {
    await fit();
    if (stops.includes(labeled.size)) yield labeled;
    const stop = stops.find((count) => count > labeled.size);
    if (stop === undefined) return;
    const wanted = Math.min(ROUND, stop - labeled.size);
    const random = order.filter((id) => !labeled.has(id));
    if (strategy === 'random') await give(random.slice(0, wanted));
    else {
      const ranked = await session.answer({ type: 'rank', by: strategy, limit: wanted, leaveOut: [] });
      const ids = ranked.type === 'rank' ? ranked.entries.map(({ id }) => id) : [];
      await give(mixAtRandom(ids, random, wanted, labeled.size, randomEvery).map(({ id }) => id));
    }
  }
}

async function fit(session: LearningSession, classes: number[]): Promise<void> {
  await session.answer({ type: 'fit', classes });
  for (;;) {
    const tuned = await session.answer({ type: 'tune' });
    if (tuned.type !== 'tune' || !tuned.isDone) continue;
    if (!tuned.changed) return;
    await session.answer({ type: 'fit', classes });
  }
}

/** Of the head on the test set. */
export async function figuresOf(session: LearningSession, { test, classes }: Task): Promise<Metrics> {
  const answer = await session.answer({ type: 'probabilities', ids: test.map((_, at) => -1 - at), texts: [] });
  if (answer.type !== 'probabilities') throw new Error('no probabilities');
  const said = test.map((_, at) => [...answer.probabilities.subarray(at * classes, (at + 1) * classes)]);
  return classificationMetrics(
    test.map(({ label }) => label),
    said,
    Array.from({ length: classes }, (_, label) => `${label}`),
  );
}
