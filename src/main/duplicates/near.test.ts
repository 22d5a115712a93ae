import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { agreements, estimated, permutations, sign } from './minhash.ts';
import { NearDuplicates, nearThreshold } from './near.ts';
import { comparable, jaccard, shinglesOf } from './shingles.ts';
import { DisjointSets } from './union.ts';

interface Fixture {
  texts: string[];
  /** Indexes of two texts and their similarity, counted with sets of strings in Python; all pairs from 0.3. */
  pairs: [number, number, number][];
  datasketch: { rootMeanSquareError: number; recall: number };
}

const fixture = JSON.parse(readFileSync(new URL('../../../tests/fixtures/duplicates/near.json', import.meta.url), 'utf8')) as Fixture;

function groupsOf(texts: string[]): number[] {
  const index = new NearDuplicates();
  for (const text of texts) index.add(text);
  return [...index.groups((at) => texts[at]).groups];
}

/** Groups by comparing every text with every other, with sets of strings. */
function bruteForce(texts: string[]): { groups: number[]; pairs: [number, number][] } {
  const grams = texts.map((text) => {
    const units = comparable(text);
    return new Set(Array.from({ length: Math.max(1, units.length - 4) }, (_, at) => units.slice(at, at + 5)));
  });
  const sets = new DisjointSets(texts.length);
  const pairs: [number, number][] = [];
  for (const [a, first] of grams.entries())
    for (let b = a + 1; b < grams.length; b++) {
      const shared = [...first].filter((gram) => grams[b].has(gram)).length;
      if (shared / (first.size + grams[b].size - shared) < nearThreshold) continue;
      pairs.push([a, b]);
      sets.join(a, b);
    }
  return { groups: texts.map((_, index) => sets.find(index)), pairs };
}

describe('the similarity of two texts', () => {
  test('is that of Python sets of their 5-grams', () => {
    for (const [a, b, expected] of fixture.pairs)
      expect(jaccard(shinglesOf(fixture.texts[a]), shinglesOf(fixture.texts[b]))).toBeCloseTo(expected, 5);
  });

  test('does not see case, the form of accents and white space', () => {
    expect(jaccard(shinglesOf('Caf\u00e9  au\nlait'), shinglesOf(' cafe\u0301 AU lait'))).toBe(1);
    expect(jaccard(shinglesOf('ok'), shinglesOf('OK'))).toBe(1);
    expect(jaccard(shinglesOf('ok'), shinglesOf('no'))).toBe(0);
  });

  test('is estimated from signatures as well as datasketch estimates it', () => {
    const signatures = fixture.texts.map((text) => {
      const signature = new Uint8Array(permutations);
      sign(shinglesOf(text), signature);
      return signature;
    });
    const errors = fixture.pairs.map(([a, b, value]) => estimated(agreements(signatures[a], signatures[b], 0)) - value);
    const rootMeanSquare = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(rootMeanSquare).toBeLessThan(1.25 * fixture.datasketch.rootMeanSquareError);
    expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(0.01);
  });
});

describe('groups of near-duplicates', () => {
  test('are those that every pair compared gives, on real sentences and changed copies of them', () => {
    const sets = new DisjointSets(fixture.texts.length);
    for (const [a, b, value] of fixture.pairs) if (value >= nearThreshold) sets.join(a, b);
    expect(groupsOf(fixture.texts)).toEqual(fixture.texts.map((_, index) => sets.find(index)));
  });

  test('join no two texts that no chain of near-duplicates joins, and miss next to none', () => {
    const word = fc.constantFrom('the', 'parcel', 'never', 'came', 'refund', 'please', 'card', 'was', 'charged', 'twice', 'today', 'again');
    const sentence = fc.array(word, { minLength: 4, maxLength: 24 });
    const edited = fc.tuple(sentence, fc.array(fc.tuple(fc.nat(23), word), { maxLength: 1 })).map(([words, edits]) => {
      const copy = [...words];
      for (const [at, replacement] of edits) if (at < copy.length) copy[at] = replacement;
      return [words.join(' '), copy.join(' ')];
    });
    let [found, all] = [0, 0];
    fc.assert(
      fc.property(fc.array(edited, { minLength: 1, maxLength: 25 }), (pairs) => {
        const texts = pairs.flat();
        const groups = groupsOf(texts);
        const expected = bruteForce(texts);
        groups.forEach((group, index) => expect(expected.groups[group]).toBe(expected.groups[index]));
        for (const [a, b] of expected.pairs) {
          all++;
          if (groups[a] === groups[b]) found++;
        }
      }),
      { seed: 11, numRuns: 150 },
    );
    expect(all).toBeGreaterThan(500);
    expect(found / all).toBeGreaterThan(0.995);
  });

  test('are the same in every run, whatever comes after', () => {
    const texts = fixture.texts.slice(0, 200);
    expect(groupsOf(texts)).toEqual(groupsOf(texts));
    expect(groupsOf([...texts, 'something else entirely, of no likeness to any']).slice(0, 200)).toEqual(groupsOf(texts));
  });

  test('of thousands of equal texts are found without comparing each with each', () => {
    const texts = Array.from({ length: 20_000 }, (_, index) =>
      index % 2 ? 'Where is my parcel? It never came.' : 'The kettle leaks at the handle.',
    );
    expect(groupsOf(texts)).toEqual(texts.map((_, index) => index % 2));
  });

  test('of none is none', () => {
    expect(groupsOf([])).toEqual([]);
    expect(groupsOf(['one'])).toEqual([0]);
  });
});
