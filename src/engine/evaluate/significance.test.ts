import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { approximateRandomisation, mcnemarExact, pairedBootstrap, type PairedCounts } from './significance.ts';

const reference = JSON.parse(readFileSync(new URL('../../../tests/fixtures/evaluate/significance.json', import.meta.url), 'utf8')) as {
  mcnemar: { fixed: number; broken: number; pValue: number }[];
  intervals: { fixed: number; broken: number; examples: number; low: number; high: number }[];
};

const right = (counts: Float64Array) => counts[0] / counts[1];

/** Cells: right, examples. */
function paired(fixed: number, broken: number, examples: number): PairedCounts[] {
  return Array.from({ length: examples }, (_, index) => {
    const first = index >= fixed && index % 3 > 0 ? 1 : index >= fixed && index < fixed + broken ? 1 : 0;
    const second = index < fixed ? 1 : index < fixed + broken ? 0 : first;
    return { first: Float64Array.of(first, 1), second: Float64Array.of(second, 1) };
  });
}

describe('mcnemarExact', () => {
  it.each(reference.mcnemar)("equals SciPy's binomtest: $fixed fixed, $broken broken", ({ fixed, broken, pValue }) => {
    expect(Math.abs(mcnemarExact(fixed, broken) - pValue)).toBeLessThanOrEqual(1e-11 * pValue);
    expect(mcnemarExact(broken, fixed)).toBe(mcnemarExact(fixed, broken));
  });
});

describe('pairedBootstrap', () => {
  it.each(reference.intervals)("agrees with SciPy's bootstrap: $fixed, $broken of $examples", ({ fixed, broken, examples, low, high }) => {
    const [{ interval: [from, to] }] = pairedBootstrap(paired(fixed, broken, examples), [right]); // prettier-ignore
    // Two resamplings with different generators: a grid of 1/examples, and sampling noise of the percentiles.
    const tolerance = 1.01 / examples + 0.03 * (high - low);
    expect(Math.abs(from - low)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(to - high)).toBeLessThanOrEqual(tolerance);
  });

  it('gives the same interval for the same seed', () => {
    const examples = paired(9, 4, 100);
    expect(pairedBootstrap(examples, [right], { seed: 3 })).toEqual(pairedBootstrap(examples, [right], { seed: 3 }));
    expect(pairedBootstrap(examples, [right], { seed: 3, draws: 50 })).not.toEqual(
      pairedBootstrap(examples, [right], { seed: 4, draws: 50 }),
    );
  });
});

describe('approximateRandomisation', () => {
  it('is 1 for equal runs', () => {
    expect(approximateRandomisation(paired(0, 0, 30), right)).toBe(1);
  });

  it.each(reference.mcnemar.filter(({ fixed, broken }) => fixed + broken < 500))(
    'comes near the exact test on right answers: $fixed, $broken',
    ({ fixed, broken, pValue }) => {
      const found = approximateRandomisation(paired(fixed, broken, fixed + broken + 50), right);
      expect(Math.abs(found - pValue)).toBeLessThan(4 * Math.sqrt((pValue * (1 - pValue)) / 10_000) + 2e-4);
    },
  );
});
