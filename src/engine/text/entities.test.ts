import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Span } from '../../shared/domain.ts';
import { decodeSpans, IGNORED, prepareTokens, type TokenItem } from './examples.ts';
import { tagsOf } from './tags.ts';
import { openTokenizer, type TextTokenizer } from './tokenizer.ts';

const models = new URL('../../../tests/fixtures/models/', import.meta.url).pathname;
const tags = tagsOf(['PER', 'LOC']);
const text = 'Angela Merkel met Barack Obama in Berlin.';
const spans: Span[] = [
  { start: 0, end: 13, label: 'PER' },
  { start: 18, end: 30, label: 'PER' },
  { start: 34, end: 40, label: 'LOC' },
];

/** What a model that always says what it was taught would give: probability 1 for the tag of each labeled token. */
const taught = ({ labels }: TokenItem) => {
  const probabilities = new Float32Array(labels.length * tags.length);
  labels.forEach((label, token) => label !== IGNORED && (probabilities[token * tags.length + label] = 1));
  return probabilities;
};
const bare = (found: (Span & { score: number })[]) => found.map(({ start, end, label }) => ({ start, end, label }));

describe.each(['bert', 'roberta', 'xlm-roberta'])('entities with the tokenizer of %s', (name) => {
  let tokenizer: TextTokenizer;
  beforeAll(async () => (tokenizer = await openTokenizer(path.join(models, name))));

  it('labels the first sub-token of each word and nothing else', async () => {
    const { items, words, truncated, widened } = await prepareTokens(tokenizer, [text], [spans], tags, 128);
    expect({ items: items.length, truncated, widened }).toEqual({ items: 1, truncated: 0, widened: 0 });
    const labeled = [...items[0].labels.entries()].filter(([, label]) => label !== IGNORED);
    expect(labeled.map(([token]) => items[0].wordOf[token])).toEqual(words[0].map((_, index) => index));
    expect(labeled.map(([, label]) => tags[label])).toEqual(['B-PER', 'I-PER', 'O', 'B-PER', 'I-PER', 'O', 'B-LOC', 'O']);
  });

  it('cuts a long text into overlapping windows within the limit, and their votes make the spans whole', async () => {
    const long = Array.from({ length: 12 }, () => text).join(' ');
    const all = Array.from({ length: 12 }, (_, copy) =>
      spans.map((span) => ({ ...span, start: span.start + copy * 42, end: span.end + copy * 42 })),
    ).flat();
    const prepared = await prepareTokens(tokenizer, [text, long], [spans, all], tags, 40);
    expect(prepared.truncated).toBe(1);
    const windows = prepared.items.filter(({ example }) => example === 1);
    expect(windows.length).toBeGreaterThan(10);
    for (const { ids } of windows) {
      expect(ids.length).toBeLessThanOrEqual(40);
      expect([ids[0], ids[ids.length - 1]]).toEqual([prepared.items[0].ids[0], prepared.items[0].ids.at(-1)]);
    }
    expect(new Set(windows.flatMap(({ wordOf }) => [...wordOf])).size).toBe(prepared.words[1].length + 1);
    expect(decodeSpans(prepared, prepared.items.map(taught), tags).map(bare)).toEqual([spans, all]);
  });

  it('decodes what it encodes, for any text and any words of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('Obama', 'naïve', '🙂', 'U.S.', '北京', 'x'), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        async (tokens, a, b) => {
          const joined = tokens.join(' ');
          const [first, last] = [a % tokens.length, b % tokens.length].sort((x, y) => x - y);
          const start = tokens.slice(0, first).join(' ').length + (first > 0 ? 1 : 0);
          const span = { start, end: tokens.slice(0, last + 1).join(' ').length, label: 'LOC' };
          const prepared = await prepareTokens(tokenizer, [joined], [[span]], tags, 16, ['spaces']);
          expect(prepared.widened).toBe(0);
          expect(decodeSpans(prepared, prepared.items.map(taught), tags).map(bare)).toEqual([[span]]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('averages what overlapping windows say of a word', () => {
  const item = (probabilities: number[]) => ({
    example: 0,
    ids: Int32Array.of(1),
    labels: Int32Array.of(0),
    wordOf: Int32Array.of(0),
    probabilities: Float32Array.from(probabilities),
  });
  const items = [item([0.6, 0.4, 0, 0, 0]), item([0.2, 0.8, 0, 0, 0])];
  const [[found]] = decodeSpans(
    { items, words: [[[0, 4]]] },
    items.map(({ probabilities }) => probabilities),
    tags,
  );
  expect(found).toMatchObject({ start: 0, end: 4, label: 'PER' });
  expect(found.score).toBeCloseTo(0.6, 6);
});
