/** `npm run demo`, on fewer examples: fine-tuning the embedded base has to beat both the head alone and the most frequent label. */
import { expect, it } from 'vitest';
import { demo } from '../../scripts/demo.ts';

it('fine-tuning wins on the built-in sample, and its export is verified', async () => {
  const lines: string[] = [];
  const counts = { train: 400, validation: 60, test: 240 };
  const { majority, headOnly, fineTuned, comparison, exported } = await demo({
    counts,
    epochs: 2,
    learningRate: 1e-4,
    say: (line) => lines.push(line),
  });
  expect(comparison.examples).toBe(240);
  expect(fineTuned).toBeGreaterThan(headOnly);
  expect(fineTuned).toBeGreaterThan(majority);
  expect(exported.files).toEqual(expect.arrayContaining(['model.safetensors', 'onnx/model.onnx']));
  expect(exported.verified.largestDifference).toBeLessThanOrEqual(1e-3);
  expect(lines.join('\n')).toContain(comparison.verdict);
}, 300_000);
