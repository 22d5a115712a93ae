/** What learning beside a person who marks entities takes, and what its queues are worth, on WikiANN's English texts with the built-in base model. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { embeddedBase, type Span } from '../../src/shared/domain.ts';
import { queueRequestSchema } from '../../src/shared/learning.ts';
import { entityMetrics } from '../../src/engine/evaluate/metrics.ts';
import { decodeTags, mulberry32, shuffle } from '../../src/engine/text/index.ts';
import { openProject } from '../../src/main/database/index.ts';
import { Learner, queueOf, suggestionOf } from '../../src/main/services/learning/index.ts';
import { baseFolder } from '../../src/main/services/models.ts';
import { openLearning, type LearningSession } from '../../src/trainer/learning.ts';
import { childrenOf } from '../integration/thaw.ts';
import { memoryOf, processorTimeOf, quantile, summary, until } from './learning-measures.ts';
import { FIRST, rounds } from './learning-tasks.ts';
import { aligned } from './table.ts';

const LABELS = ['PER', 'ORG', 'LOC'];
const STRATEGIES = ['random', 'uncertain', 'diverse'] as const;
type Strategy = (typeof STRATEGIES)[number];
const COUNTS = [50, 100, 200, 400];
/** Texts to choose from, and to measure on. */
const [POOL, MEASURED] = [2000, 500];

interface Marked {
  text: string;
  spans: Span[];
}

/** Tokens joined by single spaces. */
async function read(data: string, name: string, count: number): Promise<Marked[]> {
  const sentences = (await fs.readFile(path.join(data, 'wikiann-en', `${name}.conll`), 'utf8')).trim().split(/\n\s*\n/);
  return sentences.slice(0, count).map((sentence) => {
    const rows = sentence.split('\n').map((row) => row.split('\t'));
    const words = rows.map(([word]) => word);
    const startOf = (index: number) => words.slice(0, index).reduce((sum, word) => sum + word.length + 1, 0);
    const spans = decodeTags(rows.map(([, tag]) => tag)).map(({ first, last, label }) => ({
      start: startOf(first),
      end: startOf(last) + words[last].length,
      label,
    }));
    return { text: words.join(' '), spans };
  });
}

const numbered = ({ spans }: Marked) => spans.map((span) => ({ ...span, label: LABELS.indexOf(span.label) }));
const labelsOf = (marked: Marked) => [...new Set(numbered(marked).map(({ label }) => label))];

/** One simulated person: the head's entity F1 in percent after each count of texts. */
async function simulate(session: LearningSession, train: Marked[], test: Marked[], strategy: Strategy, seed: number): Promise<number[]> {
  const order = shuffle([...train.keys()], mulberry32(seed));
  const labeled = new Set<number>();
  const give = async (ids: number[]) => {
    for (const id of ids) labeled.add(id);
    const texts = ids.map((id) => ({ id, labels: labelsOf(train[id]), spans: numbered(train[id]), open: false }));
    await session.answer({ type: 'change', texts, forgotten: [] });
  };
  const seen = LABELS.map(() => 0);
  await give(
    order.filter((id) => {
      const needed = labelsOf(train[id]).filter((label) => seen[label] < FIRST);
      for (const label of needed) seen[label]++;
      return needed.length > 0;
    }),
  );
  const scores: number[] = [];
  for await (const _ of rounds(session, { strategy, order, labeled, give, fit: () => fitted(session) }, COUNTS))
    scores.push(100 * (await f1Of(session, test)));
  return scores;
}
async function fitted(session: LearningSession): Promise<void> {
  for (;;) {
    const answer = await session.answer({ type: 'fit', classes: [...LABELS.keys()] });
    if (answer.type === 'fit' && answer.converged) return;
  }
}
async function f1Of(session: LearningSession, test: Marked[]): Promise<number> {
  const answer = await session.answer({ type: 'spans', texts: test.map(({ text }) => ({ text, cut: 'spaces' })) });
  if (answer.type !== 'spans') throw new Error('no spans');
  const found = answer.spans.map((spans) => spans.map((span) => ({ ...span, label: LABELS[span.label] })));
  return entityMetrics(
    test.map(({ spans }) => spans),
    found,
  ).f1!;
}

export async function entitiesWorth(data: string, seeds: number): Promise<void> {
  const [train, test] = [await read(data, 'train', POOL), await read(data, 'dev', MEASURED)];
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-entities-'));
  const texts = train.map(({ text }, id) => ({ id, text, cut: 'spaces' as const, labels: null, open: true }));
  const results = new Map<Strategy, number[][]>(STRATEGIES.map((strategy) => [strategy, []]));
  try {
    for (let seed = 1; seed <= seeds; seed++)
      for (const strategy of STRATEGIES) {
        // A session for each: what it chose before must not help.
        const session = await openOn(train, cache);
        await session.answer({ type: 'embed', texts });
        const scores = await simulate(session, train, test, strategy, seed);
        await session.close();
        console.error('entities', strategy, seed, scores.map((score) => score.toFixed(1)).join('  '));
        results.get(strategy)!.push(scores);
      }
  } finally {
    await fs.rm(cache, { recursive: true, force: true });
  }
  const cells = (all: number[][]) => COUNTS.map((_, at) => summary(all, at, results.get('random')!));
  const lines = [...results].map(([strategy, all]) => [strategy, ...cells(all)]);
  console.log(`WikiANN: entity F1 of the head on ${MEASURED} texts in percent by number of labeled texts, mean ± standard deviation over`);
  console.log(`${seeds} seeds; in brackets the difference from random with the same seed\n`);
  console.log(`${aligned([['texts', ...COUNTS.map(String)], ...lines])}\n`);
}

/** As a person has it: 10,000 texts in a project. */
export async function entitiesSpeed(data: string): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-entities-'));
  const texts = await read(data, 'train', 10_000);
  const file = path.join(folder, 'texts.jsonl');
  await fs.writeFile(file, texts.map(({ text }) => JSON.stringify({ text })).join('\n'));
  const project = await openProject(path.join(folder, 'project'), { create: { task: 'ner', name: 'WikiANN' } });
  const learner = new Learner(project);
  const rows: string[][] = [];
  const tell = (...row: string[]) => {
    console.error(row.join('  '));
    rows.push(row);
  };
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  try {
    await project.importFile({ file, text: 'text', split: 'train' });
    for (const name of LABELS) await project.createLabel(name);
    const save = (id: number) => project.annotate({ id, annotation: { label: null, spans: texts[id - 1].spans }, skipped: false });
    let began = performance.now();
    await until(learner, ({ embedded }) => embedded.done === texts.length);
    tell('10,000 texts run through the base model', `${((performance.now() - began) / 1000).toFixed(0)} s`);
    const [pid] = childrenOf(process.pid);
    let labeled = 0;
    for (const count of [100, 1000]) {
      while (labeled < count) await save(++labeled);
      await until(learner, ({ labels }) => labels === count);
      const [took, fits]: number[][] = [[], []];
      const before = await processorTimeOf(pid);
      for (let more = 0; more < 20; more++) {
        await save(++labeled);
        began = performance.now();
        const { fitMs } = await until(learner, ({ labels }) => labels === labeled);
        took.push(performance.now() - began);
        fits.push(fitMs!);
      }
      const name = count.toLocaleString('en');
      tell(
        `${name} texts: from one more to the head that knows it, median and 95 % of 20`,
        `${ms(quantile(took, 0.5))}, ${ms(quantile(took, 0.95))}`,
      );
      tell(`${name} texts: of it the fit`, `${ms(quantile(fits, 0.5))}, ${ms(quantile(fits, 0.95))}`);
      tell(`${name} texts: of it processor time, mean`, ms(((await processorTimeOf(pid)) - before) / took.length));
      began = performance.now();
      await suggestionOf(project, learner, texts.length);
      tell(`${name} texts: what is suggested for a text`, ms(performance.now() - began));
      for (const queue of ['uncertain', 'diverse'] as const) {
        began = performance.now();
        const spent = await processorTimeOf(pid);
        await queueOf(learner, queueRequestSchema.parse({ queue, limit: 20 }));
        const processor = ms((await processorTimeOf(pid)) - spent);
        tell(
          `${name} texts: the others in the order of ${queue}, first 20; processor time`,
          `${ms(performance.now() - began)}; ${processor}`,
        );
      }
    }
    const { now, peak } = await memoryOf(pid);
    tell('memory of the process, then and at most', `${now.toFixed(0)} MB, ${peak.toFixed(0)} MB`);
  } finally {
    await learner.close();
    await project.close();
    await fs.rm(folder, { recursive: true, force: true });
  }
  console.log(`Entities; ${os.cpus()[0].model}, ${os.availableParallelism()} threads\n\n${aligned(rows)}\n`);
}

/** Texts that are looked through, and the share of them in which a span is left out or has another label, on purpose. */
const [LOOKED_THROUGH, SPOILED] = [1000, 0.05];

/** Of the texts whose spans look the most wrong, how many had been spoiled. WikiANN's own errors, of which it has many, count as right. */
export async function entitiesSuspects(data: string, seeds: number): Promise<void> {
  const all = (await read(data, 'train', 10_000)).filter(({ spans }) => spans.length > 0);
  const rows: string[][] = [['seed', 'in the worst 3 %', 'in question', 'spoiled among them', 'of all spoiled', 'seconds']];
  for (let seed = 1; seed <= seeds; seed++) {
    const random = mulberry32(seed);
    const texts = shuffle([...all], random).slice(0, LOOKED_THROUGH);
    const spoiled = new Set(shuffle([...texts.keys()], random).slice(0, SPOILED * texts.length));
    const given = texts.map((marked, at) => (spoiled.has(at) ? withError(marked, random) : marked));
    const began = performance.now();
    const found = await suspectsAmong(given);
    const took = performance.now() - began;
    const wrong = (ids: number[]) => ids.filter((id) => spoiled.has(id)).length;
    const worst = found.slice(0, Math.round(0.03 * texts.length));
    const share = (part: number, of: number) => `${((100 * part) / of).toFixed(0)} %`;
    const shares = [share(wrong(found), found.length), share(wrong(found), spoiled.size)];
    rows.push([`${seed}`, share(wrong(worst), worst.length), `${found.length}`, ...shares, (took / 1000).toFixed(0)]);
  }
  console.log(
    `WikiANN, ${LOOKED_THROUGH.toLocaleString('en')} texts with spans, ${100 * SPOILED} % of them spoiled: how many of those that look wrong were\n`,
  );
  console.log(`${aligned(rows)}\n`);
}

/** A span less, or under another label. */
function withError({ text, spans }: Marked, random: () => number): Marked {
  const at = Math.floor(random() * spans.length);
  const others = LABELS.filter((label) => label !== spans[at].label);
  const turned = { ...spans[at], label: others[Math.floor(random() * others.length)] };
  return { text, spans: random() < 0.5 ? spans.toSpliced(at, 1) : spans.with(at, turned) };
}

async function suspectsAmong(texts: Marked[]): Promise<number[]> {
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-entities-'));
  const session = await openOn(texts, cache);
  try {
    const marked = texts.map((own, id) => ({
      id,
      text: own.text,
      cut: 'spaces' as const,
      labels: labelsOf(own),
      spans: numbered(own),
      open: false,
    }));
    await session.answer({ type: 'embed', texts: marked });
    await fitted(session);
    const answer = await session.answer({ type: 'doubts', folds: 5, seed: 1 });
    return answer.type === 'doubts' ? answer.doubts.map(({ id }) => id) : [];
  } finally {
    await session.close();
    await fs.rm(cache, { recursive: true, force: true });
  }
}

function openOn(texts: Marked[], cache: string): Promise<LearningSession> {
  const sample = texts.slice(0, 512).map(({ text }) => ({ text, cut: 'spaces' as const }));
  return openLearning(
    { type: 'begin', base: baseFolder(embeddedBase), cache, several: false, threads: 0, sample },
    new AbortController().signal,
  );
}
