/**
 * Compares the engine with PyTorch and transformers on folders in the format of tests/fixtures/models (made by tests/fixtures/make_fixtures.py).
 * Usage: npm run -s parity -- FOLDER…  One line a check; exit 1 where one misses.
 */
import fs from 'node:fs';
import path from 'node:path';
import { layerOf, openBase, openModel, type Base, type Batch, type HeadKind, type TrainableModel } from '../src/engine/index.ts';
import { familyOf } from '../src/engine/models/base.ts';
import { parametersOf } from '../src/engine/models/parameters.ts';
import { openTokenizer } from '../src/engine/text/tokenizer.ts';
import { pairsToUtf16 } from '../src/engine/text/offsets.ts';

interface Training {
  losses: number[];
  norms: Record<string, number>;
}
export interface Reference {
  texts: string[];
  labels: number[];
  tokens: { input_ids: number[]; /** Code points. */ offsets: [number, number][] }[];
  token_labels: number[][];
  classify: Record<'train' | 'train_frozen', Training> & { logits: number[][] };
  token: Record<'train' | 'train_frozen', Training> & { logits: number[][][] };
}
export interface Check {
  name: string;
  /** The largest difference, or the count of unequal texts. */
  difference: number;
  limit: number;
}
/** The reference truncated to this many tokens. */
const MAX_LENGTH = 24;
/** Rows of the padded batch, in turn. */
const ROWS: [number, number][] = [[0, 5], [5, 10]]; // prettier-ignore
const STEP = { learningRate: 1e-3, weightDecay: 0.01, decayAll: true, clip: 0 };
const largest = (differences: number[]) => differences.reduce((a, b) => (b <= a ? a : b), 0);

/** Keeps what truncation keeps: the first tokens and the last special one. */
const truncated = <T>(items: T[]) => (items.length > MAX_LENGTH ? [...items.slice(0, MAX_LENGTH - 1), items.at(-1)!] : items);

async function checkTokens(folder: string, { texts, tokens }: Reference): Promise<Check[]> {
  const tokenizer = await openTokenizer(folder);
  const encoded = await tokenizer.encode(texts);
  const unequal = (pick: (i: number) => [unknown, unknown]) =>
    texts.filter((_, i) => JSON.stringify(pick(i)[0]) !== JSON.stringify(pick(i)[1])).length;
  return [
    { name: 'tokens', difference: unequal((i) => [truncated(encoded[i].ids), tokens[i].input_ids]), limit: 0 },
    { name: 'offsets', difference: unequal((i) => [truncated(encoded[i].offsets), pairsToUtf16(texts[i], tokens[i].offsets)]), limit: 0 },
  ];
}
export function batchOf({ tokens, labels, token_labels }: Reference, head: HeadKind, padId: number, [from, to]: [number, number]): Batch {
  const length = Math.max(...tokens.map((t) => t.input_ids.length));
  const rows = tokens.slice(from, to);
  const ids = new Int32Array(rows.length * length).fill(padId);
  const mask = new Float32Array(rows.length * length);
  rows.forEach(({ input_ids }, i) => {
    ids.set(input_ids, i * length);
    mask.fill(1, i * length, i * length + input_ids.length);
  });
  return {
    shape: [rows.length, length],
    ids,
    mask,
    labels: Int32Array.from(head === 'token' ? token_labels.slice(from, to).flat() : labels.slice(from, to)),
  };
}
async function checkTraining(
  model: TrainableModel,
  batch: (rows: [number, number]) => Batch,
  { losses, norms }: Training,
): Promise<[number, number]> {
  const differences: number[] = [];
  for (const [i, loss] of losses.entries()) differences.push(Math.abs((await model.step(batch(ROWS[i % 2]), STEP)).loss - loss));
  const parameters = await model.parameters();
  const trained = new Set(model.trained());
  const norm = (name: string) => Math.sqrt(parameters.get(name)!.data.reduce((sum, x) => sum + x * x, 0));
  return [
    largest(differences),
    trained.size === Object.keys(norms).length
      ? largest(Object.entries(norms).map(([name, value]) => (trained.has(name) ? Math.abs(norm(name) - value) : Infinity)))
      : Infinity,
  ];
}
/** What the reference trained, it gives a norm of. */
const layersOf = ({ family, config }: Base, head: HeadKind, classes: number) => [
  ...new Set(parametersOf(familyOf(family), config, head, classes).map(({ layer }) => layer)),
];
async function checkHead(folder: string, head: HeadKind, reference: Reference): Promise<Check[]> {
  const key = head === 'token' ? 'token' : 'classify';
  const base = await openBase(folder, { weights: head === 'token' ? 'token.safetensors' : 'model.safetensors' });
  const batch = (rows: [number, number]) => batchOf(reference, head, base.config.padId, rows);
  const labels = Object.keys(reference[key].logits.flat(head === 'token' ? 1 : 0)[0]);
  const checks: Check[] = [];
  for (const kind of ['train', 'train_frozen'] as const) {
    const trained = Object.keys(reference[key][kind].norms).map((name) => layerOf(base, name));
    const frozen = layersOf(base, head, labels.length).filter((layer) => !trained.includes(layer));
    // prettier-ignore
    const model = await openModel({ base, head, labels, frozen, dropout: null, seed: 1, device: 'cpu', threads: 1, keepHead: true });
    if (!frozen.length) {
      const logits = await model.logits(batch([0, reference.texts.length]));
      const expected = reference[key].logits.flat(2) as number[];
      checks.push({ name: `${key} logits`, difference: largest(expected.map((value, i) => Math.abs(value - logits[i]))), limit: 1e-4 });
    }
    const [losses, norms] = await checkTraining(model, batch, reference[key][kind]);
    checks.push(
      { name: `${key} ${kind} losses`, difference: losses, limit: 1e-4 },
      { name: `${key} ${kind} norms`, difference: norms, limit: 1e-3 },
    );
    await model.close();
  }
  return checks;
}
/** Every check of a folder. */
export async function checkFolder(folder: string): Promise<Check[]> {
  const reference: Reference = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'));
  return [
    ...(await checkTokens(folder, reference)),
    ...(await checkHead(folder, 'classification', reference)),
    ...(await checkHead(folder, 'token', reference)),
  ];
}
export const passes = ({ difference, limit }: Check) => difference <= limit;

if (import.meta.main) {
  const folders = process.argv.slice(2);
  if (!folders.length) {
    console.error('Usage: npm run -s parity -- FOLDER…');
    process.exit(2);
  }
  for (const folder of folders) {
    try {
      for (const check of await checkFolder(folder)) {
        console.log(
          `${passes(check) ? 'ok  ' : 'MISS'} ${path.basename(folder)}: ${check.name} ${check.difference.toExponential(1)} (limit ${check.limit})`,
        );
        if (!passes(check)) process.exitCode = 1;
      }
    } catch (error) {
      console.log(`MISS ${path.basename(folder)}: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}
