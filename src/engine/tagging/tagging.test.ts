import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagsOf, type Word } from '../text/index.ts';
import { decodeChain, featuresOfText, transitionsOf, windowed, wordWidth } from './index.ts';

const tags = tagsOf(['PER', 'LOC']);
const n = tags.length;
const sequence = (...names: string[]) => Int32Array.from(names, (name) => tags.indexOf(name));
const learned = [sequence('O', 'B-PER', 'I-PER', 'O', 'B-LOC'), sequence('B-LOC', 'I-LOC', 'B-PER', 'O', 'O', 'O')];
const transitions = transitionsOf(tags, learned);

/** Random rows that sum to 1. */
const rows = (words: number) =>
  fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: words * n, maxLength: words * n }).map((values) =>
    Float32Array.from(values, (value, at) => {
      const from = Math.floor(at / n) * n;
      return value / values.slice(from, from + n).reduce((sum, other) => sum + other);
    }),
  );

/** Every sequence of tags there is with its weight, by the definition. */
function allPaths(probabilities: Float32Array): { path: number[]; weight: number }[] {
  const words = probabilities.length / n;
  const begin = { path: [] as number[], weight: 1 };
  return Array.from({ length: words }).reduce<(typeof begin)[]>(
    (paths, _, word) =>
      paths.flatMap(({ path, weight }) =>
        tags.map((tag, index) => {
          const step = word === 0 ? Number(!tag.startsWith('I-')) : transitions[path[word - 1] * n + index];
          return { path: [...path, index], weight: weight * step * probabilities[word * n + index] };
        }),
      ),
    [begin],
  );
}

describe('tags as a chain', () => {
  it('agree with all sequences counted one by one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((words) => rows(words)),
        (probabilities) => {
          const words = probabilities.length / n;
          const paths = allPaths(probabilities);
          const total = paths.reduce((sum, { weight }) => sum + weight, 0);
          const best = paths.reduce((most, path) => (path.weight > most.weight ? path : most));
          const { spans, leastSure, marginals } = decodeChain(tags, transitions, probabilities);
          const shares = Array.from({ length: words }, (_, word) =>
            tags.map((_, tag) => paths.reduce((sum, { path, weight }) => sum + (path[word] === tag ? weight : 0), 0) / total),
          );
          shares.flat().forEach((share, at) => expect(marginals[at]).toBeCloseTo(share, 6));
          const sure = shares.map((row) => Math.max(...row));
          expect(leastSure).toBeCloseTo(Math.min(...sure), 6);
          for (const { first, last, label, probability } of spans) {
            const has = ({ path }: { path: number[] }) =>
              path.every((tag, word) => word < first || word > last || tags[tag] === `${word === first ? 'B' : 'I'}-${label}`) &&
              tags[path[last + 1]] !== `I-${label}`;
            expect(has(best)).toBe(true);
            const share = paths.filter(has).reduce((sum, { weight }) => sum + weight, 0) / total;
            expect(probability).toBeCloseTo(share, 6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('never continue what has not begun', () => {
    tags.forEach((before, row) =>
      tags.forEach((tag, column) => {
        const isPossible = !tag.startsWith('I-') || before.slice(2) === tag.slice(2);
        expect(transitions[row * n + column] > 0, `${tag} after ${before}`).toBe(isPossible);
      }),
    );
    // Each word by itself is likeliest inside an entity.
    const inside = Float32Array.from({ length: 2 * n }, (_, at) => (tags[at % n] === 'I-LOC' ? 0.9 : 0.1 / (n - 1)));
    expect(decodeChain(tags, transitions, inside).spans).toEqual([{ first: 0, last: 1, label: 'LOC', probability: expect.any(Number) }]);
  });

  it('are none where there is no word, and none are learned from what is not known', () => {
    expect(decodeChain(tags, transitions, new Float32Array(0))).toEqual({ spans: [], leastSure: 1, marginals: new Float32Array(0) });
    expect(transitionsOf(tags, [...learned, Int32Array.of(-100, -100)])).toEqual(transitions);
  });
});

describe('what is read of a word', () => {
  const text = 'In 𝒳-Ray שלום 👍🏽 2020';
  const words: Word[] = [
    [0, 2],
    [3, 9],
    [10, 14],
    [15, 19],
    [20, 24],
  ];
  const features = Float32Array.from({ length: 2 * words.length }, (_, at) => at);
  const own = wordWidth(2);
  const traits = (word: number) =>
    [...featuresOfText(text, words, features).features.subarray(word * own + 2, (word + 1) * own)].map(Boolean);

  it('is how it is written, in any script', () => {
    expect(text.slice(...words[1])).toBe('𝒳-Ray');
    // Begins with a capital, all capitals, a capital inside, begins small, a digit, signs alone, a sign inside, the first word.
    expect(traits(0)).toEqual([true, false, false, false, false, false, false, true]);
    expect(traits(1)).toEqual([true, false, true, false, false, false, true, false]);
    expect(traits(2)).toEqual(Array.from({ length: 8 }, () => false));
    expect(traits(3)[5]).toBe(true);
    expect(traits(4)[4]).toBe(true);
  });

  it('is itself and its neighbours, nothing beyond the ends of its text', () => {
    const one = featuresOfText('a', [[0, 1]], Float32Array.of(7, 8));
    const all = windowed([featuresOfText(text, words, features), one], own);
    const row = (word: number) =>
      [0, 1, 2].map((place) => [...all.subarray(word * 3 * own + place * own, word * 3 * own + place * own + 2)]);
    expect(row(0)).toEqual([
      [0, 0],
      [0, 1],
      [2, 3],
    ]);
    expect(row(4)).toEqual([
      [6, 7],
      [8, 9],
      [0, 0],
    ]);
    expect(row(5)).toEqual([
      [0, 0],
      [7, 8],
      [0, 0],
    ]);
  });
});
