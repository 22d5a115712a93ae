import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { IGNORED, prepareClassification } from './examples.ts';
import { toCodePoints } from './offsets.ts';
import { openTokenizer } from './tokenizer.ts';

const models = new URL('../../../tests/fixtures/models/', import.meta.url).pathname;

interface Expected {
  texts: string[];
  tokens: { input_ids: number[]; offsets: [number, number][] }[];
}

describe.each(readdirSync(models))('tokenizer of %s', (name) => {
  const folder = path.join(models, name);
  const { texts, tokens } = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;

  it('gives the reference ids and offsets, cut to 24 tokens', async () => {
    const tokenizer = await openTokenizer(folder);
    const encoded = await tokenizer.encode(texts);
    const { items, truncated } = await prepareClassification(
      tokenizer,
      texts,
      texts.map(() => IGNORED),
      24,
    );
    items.forEach((item, index) => {
      expect([...item.ids]).toEqual(tokens[index].input_ids);
      const offsets = toCodePoints(
        texts[index],
        encoded[index].offsets.map(([start, end]) => ({ start, end })),
      );
      // Cut as the ids are: all but the last, a special token.
      const all = offsets.map(({ start, end }) => [start, end]);
      expect([...all.slice(0, item.ids.length - 1), [0, 0]]).toEqual(tokens[index].offsets);
    });
    expect(truncated).toBeGreaterThan(0);
  });

  it('knows the padding token', async () => {
    const { pad_token_id } = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as { pad_token_id: number };
    expect(await openTokenizer(folder)).toMatchObject({
      padId: pad_token_id,
      special: { opening: [expect.any(Number)], closing: [expect.any(Number)] },
    });
  });
});

describe('openTokenizer', () => {
  it('encodes the same however many texts there are', async () => {
    const tokenizer = await openTokenizer(path.join(models, 'bert'));
    const texts = Array.from({ length: 1100 }, (_, index) => `text number ${index}`);
    const together = await tokenizer.encode(texts);
    expect(together).toHaveLength(1100);
    expect(together[777]).toEqual((await tokenizer.encode([texts[777]]))[0]);
  });

  it('names a folder without a tokenizer, and a damaged one', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'thaw-tokenizer-'));
    await expect(openTokenizer(folder)).rejects.toMatchObject({ code: 'not_a_model', message: expect.stringContaining(folder) });
    await writeFile(path.join(folder, 'tokenizer.json'), '{"version":');
    await expect(openTokenizer(folder)).rejects.toMatchObject({
      code: 'damaged_file',
      place: { file: path.join(folder, 'tokenizer.json') },
    });
  });
});
