import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { multiLabelMetrics } from './metrics.ts';
import { tuneThresholds } from './thresholds.ts';

interface Reference {
  figures: {
    expected: number[][];
    predicted: number[][];
    accuracy: number;
    microF1: number;
    macroF1: number;
    perLabel: { precision: number; recall: number; f1: number; support: number }[];
  }[];
  thresholds: { expected: number[][]; scores: number[][]; bestF1: number[] }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../../../tests/fixtures/multilabel-expected.json', import.meta.url), 'utf8'),
) as Reference;
const indexes = (rows: number[][]) => rows.map((row) => row.flatMap((value, index) => (value ? [index] : [])));
const names = (count: number) => Array.from({ length: count }, (_, index) => `label ${index}`);

describe('multiLabelMetrics', () => {
  it.each([...reference.figures.entries()])('equals scikit-learn (%i)', (_, { expected, predicted, perLabel, ...wanted }) => {
    const thresholds = perLabel.map((_, index) => index / 10);
    const found = multiLabelMetrics(indexes(expected), indexes(predicted), names(perLabel.length), thresholds);
    for (const figure of ['accuracy', 'microF1', 'macroF1'] as const) expect(found[figure]).toBeCloseTo(wanted[figure], 12);
    perLabel.forEach((of, index) => {
      expect(found.perLabel[index]).toMatchObject({ label: `label ${index}`, support: of.support, threshold: thresholds[index] });
      for (const figure of ['precision', 'recall', 'f1'] as const) expect(found.perLabel[index][figure]).toBeCloseTo(of[figure], 12);
    });
  });
});

describe('tuneThresholds', () => {
  it.each([...reference.thresholds.entries()])('reaches the best F1 of scikit-learn’s curve (%i)', (_, { expected, scores, bestF1 }) => {
    const thresholds = tuneThresholds(scores, indexes(expected), bestF1.length);
    const predicted = scores.map((row) => row.flatMap((score, label) => (score >= thresholds[label] ? [label] : [])));
    const { perLabel } = multiLabelMetrics(indexes(expected), predicted, names(bestF1.length), thresholds);
    perLabel.forEach(({ f1 }, label) => expect(f1).toBeCloseTo(bestF1[label], 12));
  });

  const one = (scores: number[], having: number[]) =>
    tuneThresholds(
      scores.map((score) => [score]),
      scores.map((_, index) => (having.includes(index) ? [0] : [])),
      1,
    )[0];
  it('cuts half way between two scores, and at 0.5 where it lies between them', () => {
    expect(one([0.9, 0.7, 0.1], [0])).toBeCloseTo(0.8, 12);
    expect(one([0.9, 0.7, 0.1], [0, 1])).toBe(0.5);
    expect(one([0.4, 0.2, 0.1], [0, 1, 2])).toBeCloseTo(0.05, 12);
  });
  it('takes the cut nearest to 0.5 of equally good ones', () => {
    // One of one, or two of four: F1 2/3 both.
    expect(one([0.8, 0.6, 0.58, 0.2], [0, 3])).toBeCloseTo(0.7, 12);
  });
  it('keeps 0.5 for a label that no example has', () => expect(one([0.1, 0.9], [])).toBe(0.5));
});
