import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { Annotation, Span } from '../../../shared/domain.ts';
import { agreement, type Answers } from './index.ts';

const reference = JSON.parse(readFileSync(new URL('../../../../tests/fixtures/evaluate/agreement.json', import.meta.url), 'utf8')) as {
  published: { rows: (string | null)[][]; printed: number; alpha: number }[];
  nominal: { rows: (string | null)[][]; alpha: number }[];
  kappa: { first: string[]; second: string[]; kappa: number }[];
  several: { rows: string[][][]; alpha: number }[];
  entities: { first: Span[][]; second: Span[][]; f1: number }[];
};

const one = (label: string): Annotation => ({ label, spans: null });
const some = (labels: string[]): Annotation => ({ label: null, labels, spans: null });
const marked = (spans: Span[]): Annotation => ({ label: null, spans });

/** [annotators][texts] as what is said of each text. */
function textsOf<A>(rows: (A | null)[][], annotation: (answer: A) => Annotation): Answers[] {
  return rows[0].map((_, text) => {
    const said = rows.map((row, annotator): [string, A | null] => [`annotator ${annotator + 1}`, row[text]]);
    return new Map(said.flatMap(([name, answer]): [string, Annotation][] => (answer === null ? [] : [[name, annotation(answer)]])));
  });
}

describe('Krippendorff’s α', () => {
  it.each(reference.published)('is what Krippendorff (2011) prints: $printed', ({ rows, printed, alpha }) => {
    const { overall } = agreement('classification', [], textsOf(rows, one));
    expect(overall.value).toBeCloseTo(alpha, 12);
    expect(Math.abs((overall.value as number) - printed)).toBeLessThan(0.0006);
  });

  it.each(reference.nominal)('equals the package krippendorff: $alpha', ({ rows, alpha }) => {
    expect(agreement('classification', [], textsOf(rows, one)).overall.value).toBeCloseTo(alpha, 12);
  });

  it.each(reference.several)('equals NLTK with MASI distance: $alpha', ({ rows, alpha }) => {
    const { overall, pairs } = agreement('multilabel', [], textsOf(rows, some));
    expect(overall).toMatchObject({ measure: 'alpha', value: expect.closeTo(alpha, 12) as number });
    if (rows.length === 2) expect(pairs[0].value).toBeCloseTo(alpha, 12);
  });
});

describe('Cohen’s κ', () => {
  it.each(reference.kappa)('equals scikit-learn: $kappa', ({ first, second, kappa }) => {
    const [pair] = agreement('classification', [], textsOf([first, second], one)).pairs;
    expect(pair).toMatchObject({ measure: 'kappa', value: expect.closeTo(kappa, 12) as number });
    expect(pair.same).toBe(first.filter((label, text) => label === second[text]).length);
  });

  it('is not defined where both gave one label throughout, and nobody is told it is perfect', () => {
    const [pair] = agreement('classification', ['a'], textsOf([Array(9).fill('a'), Array(9).fill('a')], one)).pairs;
    expect(pair).toMatchObject({ same: 9, texts: 9, value: null, interval: null });
  });
});

test.each(reference.entities)('entity F1 equals seqeval, whoever is taken for right: $f1', ({ first, second, f1 }) => {
  for (const rows of [
    [first, second],
    [second, first],
  ]) {
    const { pairs, overall } = agreement('ner', ['PER', 'ORG'], textsOf(rows, marked));
    expect(pairs[0]).toMatchObject({ measure: 'f1', value: expect.closeTo(f1, 12) as number });
    expect(overall.value).toBeCloseTo(f1, 12);
  }
});

describe('intervals', () => {
  /** Texts of which a share is answered alike, half and half of two labels. */
  const made = (texts: number, alike: number) =>
    textsOf(
      [
        Array.from({ length: texts }, (_, text) => (text % 2 ? 'a' : 'b')),
        Array.from({ length: texts }, (_, text) => ((text % 2 === 1) === text < alike * texts ? 'a' : 'b')),
      ],
      one,
    );

  it('hold the figure, narrow as texts are added, and are the same for the same seed', () => {
    const widths = [50, 800].map((texts) => {
      const [{ value, interval }] = agreement('classification', ['a', 'b'], made(texts, 0.8)).pairs;
      const [low, high] = interval as [number, number];
      expect(low).toBeLessThan(value as number);
      expect(high).toBeGreaterThan(value as number);
      return high - low;
    });
    // With n texts the width goes as 1/√n.
    expect(widths[0] / widths[1]).toBeGreaterThan(2.5);
    expect(widths[0] / widths[1]).toBeLessThan(6);
    // κ = 2p − 1 here, up to the shares of the labels: the normal approximation of 2p.
    expect(Math.abs(widths[1] / (2 * 1.96 * 2 * Math.sqrt((0.8 * 0.2) / 800)) - 1)).toBeLessThan(0.15);
    const again = () => agreement('classification', ['a', 'b'], made(50, 0.8), 7);
    expect(again()).toEqual(again());
    expect(again().pairs[0].interval).not.toEqual(agreement('classification', ['a', 'b'], made(50, 0.8), 8).pairs[0].interval);
  });
});

test('the table of labels, the confusion and the counts are of the texts that both answered', () => {
  const rows = [
    ['a', 'a', 'b', 'b', null],
    ['a', 'b', 'b', null, 'a'],
    [null, null, 'b', null, null],
  ];
  const report = agreement('classification', ['a', 'b'], textsOf(rows, one));
  expect(report).toMatchObject({ texts: 3, same: 2, annotators: [{ texts: 4 }, { texts: 4 }, { texts: 1 }] });
  expect(report.pairs[0]).toMatchObject({
    texts: 3,
    same: 2,
    labels: [
      { label: 'a', first: 2, second: 1, both: 1, f1: 2 / 3 },
      { label: 'b', first: 1, second: 2, both: 1, f1: 2 / 3 },
    ],
    confusion: [
      [1, 1],
      [0, 1],
    ],
  });
  expect(agreement('classification', ['a', 'b'], textsOf([['a'], ['a']], one)).pairs[0].labels[1].f1).toBeNull();
});
