import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeTags } from '../text/tags.ts';
import { classificationMetrics, entityMetrics } from './metrics.ts';
import { softmax } from './softmax.ts';

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../../../tests/fixtures/evaluate/${name}`, import.meta.url), 'utf8'));

interface ClassificationFixture {
  expected: number[];
  probabilities: number[][];
  accuracy: number;
  macroF1: number;
  microF1: number;
  logLoss: number;
  perLabel: { precision: number; recall: number; f1: number; support: number }[];
}

describe('classificationMetrics', () => {
  it.each([...(fixture('classification.json') as ClassificationFixture[]).entries()])('equals scikit-learn (%i)', (_, reference) => {
    const labels = reference.perLabel.map((_, index) => `label ${index}`);
    const metrics = classificationMetrics(reference.expected, reference.probabilities, labels);
    expect(metrics.accuracy).toBeCloseTo(reference.accuracy, 12);
    expect(metrics.macroF1).toBeCloseTo(reference.macroF1, 12);
    expect(metrics.microF1).toBeCloseTo(reference.microF1, 12);
    expect(metrics.logLoss).toBeCloseTo(reference.logLoss, 11);
    reference.perLabel.forEach((wanted, index) => {
      expect(metrics.perLabel[index].label).toBe(labels[index]);
      expect(metrics.perLabel[index].support).toBe(wanted.support);
      for (const figure of ['precision', 'recall', 'f1'] as const) expect(metrics.perLabel[index][figure]).toBeCloseTo(wanted[figure], 12);
    });
  });
});

interface EntityFixture {
  expected: string[][];
  predicted: string[][];
  entities: [label: string, first: number, last: number][][];
  f1: number;
  precision: number;
  recall: number;
  perLabel: { label: string; precision: number; recall: number; f1: number; support: number }[];
}

describe('entityMetrics', () => {
  // One word a character: word n is the range [n, n + 1).
  const spans = (tags: string[]) => decodeTags(tags).map(({ first, last, label }) => ({ start: first, end: last + 1, label }));

  it.each([...(fixture('entities.json') as EntityFixture[]).entries()])('equals seqeval (%i)', (_, reference) => {
    reference.predicted.forEach((tags, index) =>
      expect(decodeTags(tags).map(({ first, last, label }) => [label, first, last])).toEqual(reference.entities[index]),
    );
    const metrics = entityMetrics(reference.expected.map(spans), reference.predicted.map(spans));
    for (const figure of ['f1', 'precision', 'recall'] as const) expect(metrics[figure]).toBeCloseTo(reference[figure], 12);
    expect(metrics.perLabel.map(({ label, support }) => [label, support])).toEqual(
      reference.perLabel.map(({ label, support }) => [label, support]),
    );
    metrics.perLabel.forEach((found, index) => expect(found.f1).toBeCloseTo(reference.perLabel[index].f1, 12));
  });

  it('is 0, not NaN, where nothing was expected or predicted', () => {
    expect(entityMetrics([[]], [[]])).toEqual({ examples: 1, f1: 0, precision: 0, recall: 0, perLabel: [] });
  });
});

describe('softmax', () => {
  it('gives rows that sum to 1, also for large logits', () => {
    const probabilities = softmax(Float32Array.of(1000, 0, 1, 1), 2);
    expect([...probabilities]).toEqual([1, 0, 0.5, 0.5]);
  });
});
