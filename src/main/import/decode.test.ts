import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFile, firstInvalidByte } from './decode.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-decode-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function decode(bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'file');
  writeFileSync(file, bytes);
  let text = '';
  for await (const piece of decodeFile(file, 'a.csv')) text += piece;
  return text;
}

test('the first bad byte is where a strict decoder stops', () => {
  const strict = (bytes: Uint8Array) => {
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const bytes = fc.array(fc.oneof(fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f), fc.nat(255)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(bytes, (values) => {
      const given = Uint8Array.from(values);
      const at = firstInvalidByte(given);
      expect(at === -1).toBe(strict(given));
      if (at >= 0) expect(strict(given.subarray(0, at))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

describe('files', () => {
  test('any text comes back, wherever the pieces end', async () => {
    for (const before of [65_533, 65_534, 65_535, 65_536]) {
      const text = `${'a'.repeat(before)}é😀ß${'b'.repeat(70_000)}`;
      expect((await decode(Buffer.from(text))) === text).toBe(true);
    }
  });

  test('a byte order mark is dropped', async () => {
    expect(await decode(Buffer.from('\uFEFFtext'))).toBe('text');
    expect(await decode(Buffer.from(''))).toBe('');
  });

  test('a bad byte has its position in the file, also at its end', async () => {
    const start = Buffer.from('é'.repeat(50_000));
    await expect(decode(Buffer.concat([start, Buffer.from([0xe9, 0x20])]))).rejects.toMatchObject({
      code: 'wrong_encoding',
      place: { file: 'a.csv', byte: 100_000 },
    });
    await expect(decode(Buffer.concat([start, Buffer.from([0xf0, 0x9f])]))).rejects.toMatchObject({ place: { byte: 100_000 } });
  });

  test('UTF-16 is named, with and without its mark; other bytes are no text', async () => {
    await expect(decode(Buffer.from('\uFEFFtext', 'utf16le'))).rejects.toMatchObject({
      code: 'wrong_encoding',
      message: expect.stringContaining('UTF-16'),
    });
    await expect(decode(Buffer.from('text', 'utf16le'))).rejects.toMatchObject({ message: expect.stringContaining('UTF-16') });
    await expect(decode(Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0x00]))).rejects.toMatchObject({
      message: expect.stringContaining('not a text file'),
    });
  });
});
