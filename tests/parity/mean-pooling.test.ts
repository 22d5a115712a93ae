/** A classification head that reads the mean over the tokens in place of the first one: ModernBERT's classifier_pooling. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { batchOf, type Reference } from '../../scripts/parity.ts';
import { openBase, openModel } from '../../src/engine/index.ts';

const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
const folder = path.join(fixtures, 'models', 'modernbert');
const read = (file: string) => JSON.parse(fs.readFileSync(file, 'utf8'));

it('gives the logits and losses of transformers', async () => {
  const reference: Reference = read(path.join(folder, 'expected.json'));
  const expected: { logits: number[][]; losses: number[] } = read(path.join(fixtures, 'mean-pooling-expected.json'));
  const opened = await openBase(folder);
  const base = { ...opened, config: { ...opened.config, pooling: 'mean' as const } };
  const labels = ['a', 'b', 'c'];
  // prettier-ignore
  const model = await openModel({ base, head: 'classification', labels, frozen: [], dropout: null, seed: 1, device: 'cpu', threads: 1, keepHead: true });
  const batch = (rows: [number, number]) => batchOf(reference, 'classification', base.config.padId, rows);
  const logits = await model.logits(batch([0, reference.texts.length]));
  expected.logits.flat().forEach((value, i) => expect(Math.abs(logits[i] - value)).toBeLessThan(1e-4));
  for (const [i, loss] of expected.losses.entries()) {
    const step = await model.step(batch(i % 2 ? [5, 10] : [0, 5]), { learningRate: 1e-3, weightDecay: 0.01, decayAll: true, clip: 0 });
    expect(Math.abs(step.loss - loss)).toBeLessThan(1e-4);
  }
  await model.close();
});
