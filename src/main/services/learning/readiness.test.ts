import { expect, it } from 'vitest';
import { readinessOf } from './readiness.ts';

const labels = ['a', 'b', 'c'].map((name, id) => ({ id, name }));
const of = (counts: number[], several = false) =>
  readinessOf({
    labels,
    counts: new Map(counts.entries()),
    labeled: counts.reduce((sum, count) => sum + count, 0),
    countWithin: (known) => counts.reduce((sum, count, id) => sum + (known.has(id) ? count : 0), 0),
    several,
  });

it('begins with the fifth text of each label in use', () => {
  expect(of([5, 4, 0])).toEqual({ classes: null, missing: [{ label: 'b', count: 4 }], reason: null });
  expect(of([5, 5, 0])).toEqual({ classes: [0, 1], missing: [], reason: null });
  expect(of([5, 5, 1])).toMatchObject({ classes: null, missing: [{ label: 'c', count: 1 }] });
});

it('goes on without a label that is rare among many', () => {
  expect(of([60, 60, 1])).toEqual({ classes: [0, 1], missing: [{ label: 'c', count: 1 }], reason: null });
});

it('says in a sentence what missing labels do not', () => {
  expect(of([0, 0, 0])).toMatchObject({ classes: null, missing: [], reason: expect.stringMatching(/^Thaw begins to learn once/) });
  expect(of([9, 0, 0])).toMatchObject({
    classes: null,
    missing: [],
    reason: 'All labels so far are “a”: there is nothing to tell apart yet.',
  });
  expect(of([9, 0, 0], true)).toMatchObject({ classes: [0] });
});
