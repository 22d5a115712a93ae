/** Bytes to text: strict UTF-8, a byte order mark dropped. Nothing is ever replaced silently. */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ThawError, toThawError } from '../../shared/errors.ts';

const chunkBytes = 64 * 1024;

/** Bytes of the UTF-8 sequence that starts at `at`, or 0 where none does (RFC 3629, table 3-7 of the Unicode Standard). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1];
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let index = at + 2; index < at + length; index++) if ((bytes[index] & 0xc0) !== 0x80) return 0;
  return length;
}

/** Position of the first byte that is not UTF-8, or -1. */
export function firstInvalidByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** How many bytes at the end may be the start of a sequence that the next chunk completes. */
function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

function wrongEncoding(name: string, message: string, byte: number): ThawError {
  return new ThawError({
    code: 'wrong_encoding',
    message: `${name} ${message}`,
    remedy: 'Save the file as UTF-8 and import it again.',
    place: { file: name, byte },
  });
}

/** Throws wrong_encoding for UTF-16 and for files that are no text. */
function checkStart(bytes: Uint8Array, name: string): void {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw wrongEncoding(name, 'is UTF-16 (its byte order mark says so), not UTF-8.', 0);
  const zero = bytes.subarray(0, 4096).indexOf(0);
  if (zero === -1) return;
  const looksLike16 = bytes.length > 3 && (bytes[0] === 0) !== (bytes[1] === 0) && (bytes[2] === 0) === (bytes[0] === 0);
  throw wrongEncoding(name, looksLike16 ? 'looks like UTF-16, not UTF-8.' : `is not a text file: byte ${zero} is zero.`, zero);
}

async function readChunk(file: FileHandle, path: string): Promise<{ bytesRead: number; buffer: Buffer }> {
  try {
    return await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
  } catch (error) {
    // Unlike opening, reading does not say which file it was (a folder opens, and fails here).
    throw toThawError(Object.assign(error as Error, { path }));
  }
}

/** The file's text, a piece at a time. Throws file_not_found, file_unreadable, and wrong_encoding with the position of the first bad byte. */
export async function* decodeFile(path: string, name = path): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    let carry: Buffer = Buffer.alloc(0);
    let offset = 0;
    for (let isFirst = true; ; isFirst = false) {
      const { bytesRead, buffer } = await readChunk(file, path);
      let bytes = carry.length ? Buffer.concat([carry, buffer.subarray(0, bytesRead)]) : buffer.subarray(0, bytesRead);
      if (isFirst) checkStart(bytes, name);
      const whole = bytes.length - (bytesRead === 0 ? 0 : unfinishedTail(bytes));
      carry = bytes.subarray(whole);
      bytes = bytes.subarray(0, whole);
      if (!isUtf8(bytes)) {
        const byte = offset + firstInvalidByte(bytes);
        throw wrongEncoding(name, `is not UTF-8: byte ${byte} (0x${bytes[byte - offset].toString(16)}) cannot be there.`, byte);
      }
      offset += bytes.length;
      const text = bytes.toString('utf8');
      if (text) yield isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text;
      if (bytesRead === 0) return;
    }
  } finally {
    await file.close();
  }
}
