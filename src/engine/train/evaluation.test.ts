import { expect, it } from 'vitest';
import { itemLogits } from './evaluation.ts';
import type { Examples } from './dataset.ts';
import type { TrainableModel } from './step.ts';

it('long texts are evaluated in small batches, short ones in large, each text once and in its place', async () => {
  const lengths = [...Array.from({ length: 130 }, () => 20), ...Array.from({ length: 9 }, () => 512)];
  const items = lengths.map((length, index) => ({ ids: new Int32Array(length).fill(index), labels: new Int32Array([0]) }));
  const examples = { items, labeling: { task: 'classification', classes: ['a', 'b'] } } as unknown as Examples;
  const shapes: [number, number][] = [];
  const model: Pick<TrainableModel, 'logits'> = {
    async logits({ shape: [rows, length], ids }) {
      shapes.push([rows, length]);
      return Float32Array.from({ length: rows * 2 }, (_, cell) => ids[Math.floor(cell / 2) * length]);
    },
  };
  const logits = await itemLogits(model as TrainableModel, examples, 0, new AbortController().signal);
  const short = Array.from({ length: 5 }, () => [25, 20]);
  const long = Array.from({ length: 9 }, () => [1, 512]);
  expect(shapes).toEqual([...short, [5, 20], ...long]);
  expect(logits.map(([first]) => first)).toEqual(lengths.map((_, index) => index));
});
