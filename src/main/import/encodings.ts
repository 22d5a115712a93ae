/** The encodings a text file may have, by the names of the WHATWG Encoding Standard, and which one fits given bytes. */
import { open } from 'node:fs/promises';
import { ThawError } from '../../shared/errors.ts';

/** What Python and Windows call some of them. */
const aliases: Record<string, string> = {
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  utf8: 'utf-8',
  utf16: 'utf-16le',
};

/** The standard's name of an encoding. Throws unknown_option. */
export function encodingNamed(label: string): string {
  const asked = label.trim().toLowerCase();
  try {
    return new TextDecoder(aliases[asked] ?? asked).encoding;
  } catch (cause) {
    throw new ThawError(
      {
        code: 'unknown_option',
        message: `There is no encoding '${label}'.`,
        remedy: 'Common ones: utf-8, utf-16le, utf-16be, windows-1252, windows-1251, iso-8859-2, shift_jis, euc-jp, gb18030, big5, euc-kr.',
        place: { field: 'encoding' },
      },
      { cause },
    );
  }
}

/** The encoding a byte order mark names, or null. */
export function encodingOfMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : null;
}

/** Every other byte of most texts in UTF-16 is zero. */
function looksUtf16(bytes: Uint8Array): string | null {
  const start = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  start.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2]++;
  });
  const share = zeros.map((count) => count / (start.length / 2));
  if (start.length >= 4 && share[1] > 0.4 && share[0] < 0.1) return 'utf-16le';
  return start.length >= 4 && share[0] > 0.4 && share[1] < 0.1 ? 'utf-16be' : null;
}

function decodes(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

const kana = /[\u3040-\u30fa]/g;
const wide = /[\u2e80-\uffef]/g;

const startBytes = 1024 * 1024;

/** The encoding that a file's first megabyte has: its byte order mark's, UTF-8 where that fits, else the likely one. Throws file_not_found, file_unreadable. */
export async function findEncoding(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const marked = encodingOfMark(bytes);
    if (marked) return marked;
    return decodes(bytes, 'utf-8') !== null && !looksUtf16(bytes) ? 'utf-8' : likelyEncoding(bytes);
  } finally {
    await file.close();
  }
}

/**
 * The encoding that text which is not UTF-8 probably has: UTF-16 by its zeros, Japanese ones by their kana, else Windows' western one, in which
 * every sequence of bytes is a text.
 */
export function likelyEncoding(bytes: Uint8Array): string {
  const wide16 = looksUtf16(bytes);
  if (wide16) return wide16;
  for (const encoding of ['shift_jis', 'euc-jp']) {
    const text = decodes(bytes, encoding);
    const found = text?.match(kana)?.length ?? 0;
    if (text !== null && found > 0 && found > (text.match(wide)?.length ?? 0) / 20) return encoding;
  }
  return 'windows-1252';
}
