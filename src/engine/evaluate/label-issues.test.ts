import { expect, it } from 'vitest';
import expected from '../../../tests/fixtures/label-issues-expected.json' with { type: 'json' };
import { labelIssues, normalizedMargin, severalLabelIssues } from './label-issues.ts';

const { classes, given, probabilities, margins } = expected;

it('finds the labels that cleanlab has off the diagonal of the confident joint, the worst first', () => {
  const found = labelIssues(given, probabilities, classes);
  expect(found.map(({ index }) => index).sort((a, b) => a - b)).toEqual(expected.issues);
  found.forEach(({ index, score, classes: [suggested] }, at) => {
    expect(score).toBeCloseTo(margins[index], 12);
    expect(score).toBeGreaterThanOrEqual(found[at - 1]?.score ?? 0);
    expect(suggested).not.toBe(given[index]);
  });
});

it("has cleanlab's normalized margins", () => {
  margins.forEach((margin, index) =>
    expect(normalizedMargin(probabilities.slice(index * classes, (index + 1) * classes), given[index])).toBeCloseTo(margin, 12),
  );
});

it('of several labels asks about each by itself, as cleanlab does', () => {
  const found = severalLabelIssues(expected.sets, expected.severalProbabilities, classes);
  expect(found.map(({ index }) => index).sort((a, b) => a - b)).toEqual(expected.severalIssues);
  for (const { classes: turned } of found) expect(turned.length).toBeGreaterThan(0);
});

it('finds nothing where every label is certain, and nothing in nothing', () => {
  expect(labelIssues([0, 1], [1, 0, 0, 1], 2)).toEqual([]);
  expect(labelIssues([], [], 2)).toEqual([]);
});
