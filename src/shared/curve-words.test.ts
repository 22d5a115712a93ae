import { expect, it } from 'vitest';
import type { LearningCurve, LearningState } from './learning.ts';
import { curveLine, curveMissing, curveSentences } from './curve-words.ts';

const point = (labels: number, value: number, low: number, high: number) => ({ labels, value, low, high });
const [now, next] = [point(200, 0.823, 0.78, 0.861), point(300, 0.842, 0.8, 0.879)];
const curve: LearningCurve = {
  measure: 'accuracy',
  labels: 200,
  measured: [point(16, 0.6, 0.55, 0.66), point(160, 0.81, 0.77, 0.85)],
  fitted: [point(16, 0.6, 0.55, 0.66), now, next],
  now,
  next,
  gain: { value: 0.019, low: 0.004, high: 0.034 },
  isHarder: false,
};

it('says what more labels would bring, and how sure that is', () => {
  expect(curveLine(curve)).toBe('100 more labels: 82 → about 84\u00a0%');
  expect(curveSentences(curve)).toEqual([
    'With 100 more labels accuracy would be about 84\u00a0% (80 to 88); now it is about 82\u00a0%.',
    'On average they bring 1.9 points (0.4 to 3.4); which texts they are makes a point or two of difference.',
  ]);
  expect(curveSentences({ ...curve, isHarder: true })[2]).toContain('both are likely some points too low');
  expect(curveLine({ ...curve, isHarder: true })).toBe('100 more labels: about 1.9 points more');
  expect(curveSentences({ ...curve, measure: 'macroF1' })[0]).toContain('macro F1 would be about 84');
});

it('says where labels bring hardly anything, and what will', () => {
  const flat = { ...curve, next: { ...next, value: 0.825 }, gain: { value: 0.002, low: 0, high: 0.005 } };
  expect(curveLine(flat)).toBe('100 more labels: hardly more than 82\u00a0%');
  expect(curveSentences(flat)[1]).toBe('On average they bring at most 0.5 points: texts of another kind, or fine-tuning, will bring more.');
});

it('says how many labels a forecast still needs', () => {
  const state = { labels: 20, curve: null, curveFrom: 50 } as LearningState;
  expect(curveMissing(state)).toBe('A forecast needs 30 more labels');
  expect(curveMissing({ ...state, labels: 49 })).toBe('A forecast needs 1 more label');
  expect(curveMissing({ ...state, labels: 50 })).toBeNull();
  expect(curveMissing({ ...state, labels: 0, curveFrom: 0 })).toBeNull();
});
