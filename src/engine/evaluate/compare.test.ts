import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../shared/domain.ts';
import { compareRuns, type ComparedExample } from './compare.ts';

const names: [string, string] = ['Whole model', 'Top layers'];

const labeled = (exampleId: number, label: string): Prediction => ({ exampleId, label, scores: [], spans: null });

/** `fixed` examples only the second run gets right, `broken` only the first, `both` both. */
function classified(fixed: number, broken: number, both: number): ComparedExample[] {
  return Array.from({ length: fixed + broken + both }, (_, id) => {
    const [expected, wrong] = id % 2 ? ['good', 'bad'] : ['bad', 'good'];
    return {
      expected: { label: expected, spans: null },
      first: labeled(id, id < fixed ? wrong : expected),
      second: labeled(id, id >= fixed && id < fixed + broken ? wrong : expected),
    };
  });
}

describe('compareRuns, classification', () => {
  const compare = (examples: ComparedExample[], metric?: string) =>
    compareRuns({ task: 'classification', labels: ['bad', 'good'], examples, metric, names });

  it('says which run is better, by how much, and how sure that is', () => {
    const found = compare(classified(60, 20, 320));
    expect(found).toMatchObject({
      metric: 'accuracy',
      values: [0.85, 0.95],
      examples: 400,
      test: 'exact McNemar',
      flips: { fixed: 60, broken: 20 },
    });
    expect(found.difference).toBeCloseTo(0.1, 12);
    expect(found.pValue).toBeLessThan(1e-4);
    expect(found.verdict).toMatch(/^Top layers is better: \+10\.0 points accuracy, 95 % interval \+5\.\d to \+14\.\d\.$/);
  });

  it('turns the sentence round when the first run is better', () => {
    expect(compare(classified(20, 60, 320)).verdict).toMatch(
      /^Whole model is better: \+10\.0 points accuracy, 95 % interval \+5\.\d to \+14\.\d\.$/,
    );
  });

  it('admits that two runs cannot be told apart', () => {
    const found = compare(classified(6, 4, 90));
    expect(found.verdict).toMatch(/^Not distinguishable: \+2\.0 points accuracy, 95 % interval −4\.\d to \+8\.\d, p = 0\.75\./);
    expect(compare(classified(0, 0, 10))).toMatchObject({ difference: 0, pValue: 1, confidenceInterval: [0, 0] });
  });

  it('compares each label by its recall', () => {
    const found = compare(classified(60, 20, 320));
    expect(found.perLabel.map(({ label, support }) => [label, support])).toEqual([
      ['bad', 200],
      ['good', 200],
    ]);
    for (const { difference, confidenceInterval } of found.perLabel) {
      expect(difference).toBeCloseTo(0.1, 12);
      expect(confidenceInterval[0]).toBeLessThan(0.1);
      expect(confidenceInterval[1]).toBeGreaterThan(0.1);
    }
  });

  it('tests another metric by randomisation, and refuses one the task does not have', () => {
    expect(compare(classified(60, 20, 320), 'macroF1').test).toBe('approximate randomisation');
    expect(() => compare(classified(1, 1, 1), 'f1')).toThrow('cannot be compared by f1');
    expect(() => compare([])).toThrow('no labeled example');
  });
});

describe('compareRuns, entities', () => {
  const spans = (right: boolean) => [{ start: 0, end: right ? 6 : 5, label: 'LOC', score: 1 }];
  const example = (id: number): ComparedExample => ({
    expected: { label: null, spans: [{ start: 0, end: 6, label: 'LOC' }] },
    first: { exampleId: id, label: null, scores: [], spans: spans(id % 2 === 0) },
    second: { exampleId: id, label: null, scores: [], spans: spans(id % 10 > 0) },
  });

  it('uses strict F1 and approximate randomisation', () => {
    const found = compareRuns({
      task: 'ner',
      labels: ['LOC', 'PER'],
      examples: Array.from({ length: 200 }, (_, id) => example(id)),
      names,
    });
    expect(found).toMatchObject({ metric: 'f1', test: 'approximate randomisation', flips: { fixed: 100, broken: 20 } });
    expect(found.values[0]).toBeCloseTo(0.5, 12);
    expect(found.values[1]).toBeCloseTo(0.9, 12);
    expect(found.pValue).toBeCloseTo(1 / 10_001, 12);
    expect(found.perLabel).toHaveLength(1);
    expect(found.perLabel[0].difference).toBeCloseTo(0.4, 12);
  });
});

describe('compareRuns, several labels a text', () => {
  const said = (exampleId: number, labels: string[]): Prediction => ({ exampleId, label: null, labels, scores: [], spans: null });
  const examples = (second: (id: number) => string[]): ComparedExample[] =>
    Array.from({ length: 200 }, (_, id) => ({
      expected: { label: null, labels: id % 2 ? ['a', 'b'] : [], spans: null },
      first: said(id, id % 2 ? ['a'] : []),
      second: said(id, second(id)),
    }));

  it('uses micro F1 and its paired bootstrap; an example without a label counts', () => {
    const found = compareRuns({ task: 'multilabel', labels: ['a', 'b'], examples: examples((id) => (id % 2 ? ['b', 'a'] : [])), names });
    expect(found).toMatchObject({ metric: 'microF1', test: 'paired bootstrap', examples: 200, flips: { fixed: 100, broken: 0 } });
    expect(found.values[0]).toBeCloseTo(2 / 3, 12);
    expect(found.values[1]).toBe(1);
    expect(found.pValue).toBeCloseTo(2 / 10_001, 12);
    expect(found.perLabel.map(({ label, support, difference }) => [label, support, difference])).toEqual([
      ['a', 100, 0],
      ['b', 100, 1],
    ]);
  });

  it('cannot tell equal runs apart', () => {
    const found = compareRuns({ task: 'multilabel', labels: ['a', 'b'], examples: examples((id) => (id % 2 ? ['a'] : [])), names });
    expect(found).toMatchObject({ difference: 0, pValue: 1, confidenceInterval: [0, 0] });
  });
});
