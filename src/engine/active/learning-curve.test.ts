import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../text/random.ts';
import { learningCurve, marginStrata, measureOf, type CurveMaterial, type CurveMeasure } from './learning-curve.ts';
import { errorAt } from './power-law.ts';

const law = { a: 0.1, b: 1.2, c: 0.5 };
const sizes = [20, 36, 64, 115, 207, 320];

/** Answers of 400 texts of two classes, wrong as often as the law has it; a text that is hard is wrong first. */
function material(seed: number, errorOf: (size: number) => number = (size) => errorAt(law, size)): CurveMaterial {
  const random = mulberry32(seed);
  const hardness = Array.from({ length: 400 }, random);
  const given = hardness.map((_, text) => [text % 2]);
  const answers = sizes.map((size) => hardness.map((hard, text) => [hard < errorOf(size) ? 1 - (text % 2) : text % 2]));
  const groups = hardness.map((_, text) => `${text}`);
  return { sizes, labels: 400, classes: 2, groups, given, answers, strata: groups.map(() => 0), shares: [1] };
}
function curveOf(of: CurveMaterial, measure: CurveMeasure = 'accuracy') {
  const steps = learningCurve(of, measure);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

describe('learning curve', () => {
  it('foresees what heads of a known law come to, in an interval that nineteen of twenty times has it', () => {
    const truth = 1 - errorAt(law, 500);
    const curves = Array.from({ length: 20 }, (_, seed) => curveOf(material(seed + 1)));
    const covered = curves.filter(({ next }) => next.low <= truth && truth <= next.high).length;
    expect(covered).toBeGreaterThanOrEqual(17);
    const off = curves.map(({ next }) => Math.abs(next.value - truth));
    expect(off.reduce((sum, value) => sum + value) / off.length).toBeLessThan(0.02);
    for (const { now, next, gain, fitted } of curves) {
      expect([now.labels, next.labels]).toEqual([400, 500]);
      expect(next.value - now.value).toBeCloseTo(gain.value, 12);
      expect(fitted.map(({ labels }) => labels)).toEqual(fitted.map(({ labels }) => labels).toSorted((a, b) => a - b));
      for (const { value, low, high } of fitted) expect(low <= value && value <= high).toBe(true);
    }
  });

  it('sees that nothing is gained any more', () => {
    const { gain } = curveOf(material(3, () => 0.2));
    expect(gain.value).toBeCloseTo(0, 6);
    expect(gain.high).toBeLessThan(0.005);
  });

  it('is no surer than so many right answers are', () => {
    const { next } = curveOf(material(4, () => 0));
    expect(next).toMatchObject({ value: 1, high: 1 });
    expect(next.low).toBeLessThan(0.995);
  });

  it('counts texts a queue chose as hard no more than there are such', () => {
    // Three of four labeled texts are of the lower stratum, where half is answered rightly; of the others all is. In the pool they are as many.
    const strata = Array.from({ length: 400 }, (_, text) => (text % 4 === 3 ? 1 : 0));
    const chosen = material(5, () => 0);
    const answers = sizes.map(() => chosen.given.map(([label], text) => [strata[text] === 0 && text % 8 < 4 ? 1 - label : label]));
    expect(curveOf({ ...chosen, answers }).now.value).toBeCloseTo(1 - 3 / 8, 6);
    const weighted = curveOf({ ...chosen, answers, strata, shares: [0.5, 0.5] });
    expect(weighted.now.value).toBeCloseTo(0.75, 6);
    expect(weighted.isHarder).toBe(false);
    expect(curveOf({ ...chosen, answers, strata, shares: [0.2, 0.8] }).isHarder).toBe(true);
  });

  it('resamples identical texts together', () => {
    const of = material(6);
    const width = (groups: string[]) => {
      const { now } = curveOf({ ...of, groups });
      return now.high - now.low;
    };
    expect(width(of.groups.map((_, text) => `${text % 20}`))).toBeGreaterThan(2 * width(of.groups));
  });
});

it('measures macro F1 where a class is rare, or several are given', () => {
  expect(measureOf([60, 40], false)).toBe('accuracy');
  expect(measureOf([80, 20], false)).toBe('macroF1');
  expect(measureOf([10, 12, 9, 11, 10], false)).toBe('accuracy');
  expect(measureOf([50, 50], true)).toBe('macroF1');
});

describe('strata', () => {
  it('have equal parts of the pool', () => {
    const pool = Float32Array.from({ length: 1000 }, (_, at) => at / 1000);
    const { strata, shares } = marginStrata([0.05, 0.1, 0.3, 0.5, 0.7, 0.95], pool);
    expect(strata).toEqual([0, 0, 1, 2, 3, 4]);
    shares.forEach((share) => expect(share).toBeCloseTo(0.2, 12));
  });

  it('without a labeled text go to the next', () => {
    const pool = Float32Array.from({ length: 1000 }, (_, at) => at / 1000);
    const { strata, shares } = marginStrata([0.05, 0.1, 0.3], pool);
    expect(strata).toEqual([0, 0, 1]);
    expect(shares[0]).toBeCloseTo(0.2, 12);
    expect(shares[1]).toBeCloseTo(0.8, 12);
  });

  it('are one where there is no pool', () => {
    expect(marginStrata([0.2, 0.9], new Float32Array())).toEqual({ strata: [0, 0], shares: [1] });
  });
});
