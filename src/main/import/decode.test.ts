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

async function decode(bytes: Uint8Array, encoding?: string): Promise<string> {
  const file = join(folder, 'file');
  writeFileSync(file, bytes);
  let text = '';
  for await (const piece of decodeFile(file, 'a.csv', encoding)) text += piece;
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

  test('UTF-16 is read by its mark and named without it; other bytes are no text', async () => {
    expect(await decode(Buffer.from('\uFEFFtéxt 😀', 'utf16le'))).toBe('téxt 😀');
    expect(await decode(Buffer.from('\uFEFFtext', 'utf16le').swap16())).toBe('text');
    await expect(decode(Buffer.from('text', 'utf16le'))).rejects.toMatchObject({
      code: 'wrong_encoding',
      message: expect.stringContaining('looks like UTF-16'),
      remedy: expect.stringContaining('--encoding utf-16le'),
    });
    expect(await decode(Buffer.from('text', 'utf16le'), 'utf-16le')).toBe('text');
    await expect(decode(Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0x00]))).rejects.toMatchObject({
      message: expect.stringContaining('not a text file'),
    });
  });

  test('other encodings are read when they are named, and proposed when a file is not UTF-8', async () => {
    const western = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x93, 0x80, 0x94]);
    const japanese = Buffer.from([0x82, 0xb1, 0x82, 0xea, 0x82, 0xcd, 0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea]);
    expect(await decode(western, 'cp1252')).toBe('café “€”');
    expect(await decode(japanese, 'cp932')).toBe('これは日本語');
    await expect(decode(western)).rejects.toMatchObject({ place: { byte: 3 }, remedy: expect.stringContaining('--encoding windows-1252') });
    await expect(decode(japanese)).rejects.toMatchObject({ place: { byte: 0 }, remedy: expect.stringContaining('--encoding shift_jis') });
    const long = Buffer.concat([...Array.from({ length: 20_000 }, () => japanese), Buffer.from([0x82, 0x20])]);
    await expect(decode(long, 'shift_jis')).rejects.toMatchObject({ code: 'wrong_encoding', place: { byte: 240_001 } });
    await expect(decode(Buffer.from([0x61, 0x00, 0x62]), 'utf-16le')).rejects.toMatchObject({ code: 'wrong_encoding', place: { byte: 3 } });
    await expect(decode(western, 'klingon')).rejects.toMatchObject({ code: 'unknown_option' });
  });

  test('a zero byte is no text, wherever it is', async () => {
    const far = Buffer.concat([Buffer.from('é'.repeat(50_000)), Buffer.from([0])]);
    await expect(decode(far)).rejects.toMatchObject({ code: 'wrong_encoding', place: { byte: 100_000 } });
    await expect(decode(far, 'windows-1252')).rejects.toMatchObject({ place: { byte: 100_000 } });
  });
});
