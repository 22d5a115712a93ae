import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runConfigurationSchema } from '../../shared/domain.ts';
import { earlyStopNote, outOfPatience } from './patience.ts';

/** Epochs that a run of these validation metrics takes, and the one that counts. */
function run(metrics: number[], patience: number): { done: number; best: number } {
  let [done, best] = [0, 0];
  while (done < metrics.length && !outOfPatience(patience, done, best)) {
    done += 1;
    if (best === 0 || metrics[done - 1] > metrics[best - 1]) best = done;
  }
  return { done, best };
}

it('waits for a better epoch as long as it was told to', () => {
  expect(run([0.5, 0.6, 0.6, 0.7, 0.1, 0.7, 0.9], 2)).toEqual({ done: 6, best: 4 });
  expect(run([0.5, 0.4, 0.6], 1)).toEqual({ done: 2, best: 1 });
  expect(run([0.5, 0.4, 0.3], 0)).toEqual({ done: 3, best: 1 });
});
it('never stops at a better epoch, and always within its patience of the best', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (metrics, patience) => {
      const { done, best } = run(metrics, patience);
      expect(metrics.slice(0, done).every((metric) => metric <= metrics[best - 1])).toBe(true);
      if (done < metrics.length) expect(done - best).toBe(patience);
      else expect(done - best).toBeLessThanOrEqual(patience);
    }),
  ));
it('says why it stopped, and nothing of a run that did all its steps', () => {
  const configuration = runConfigurationSchema.parse({ epochs: 20, patience: 2 });
  expect(earlyStopNote(configuration, 5, 3, true)).toEqual([
    expect.stringMatching(/after epoch 5 of 20: 2 epochs .* epoch 3, which is kept/),
  ]);
  expect(earlyStopNote(configuration, 20, 19, false)).toEqual([]);
});
