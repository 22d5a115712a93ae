/** Bytes to text: strict, a byte order mark dropped. Nothing is ever replaced silently. */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ThawError, toThawError } from '../../shared/errors.ts';
import { encodingNamed, encodingOfMark, likelyEncoding } from './encodings.ts';

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

const saveAs = 'Save the file as UTF-8 and import it again';

function wrongEncoding(name: string, message: string, byte: number, fits?: string): ThawError {
  const choose = fits ? `Choose its encoding (its bytes fit ${fits}: --encoding ${fits}), or save it as UTF-8.` : `${saveAs}.`;
  return new ThawError({ code: 'wrong_encoding', message: `${name} ${message}`, remedy: choose, place: { file: name, byte } });
}

/** Throws wrong_encoding where a character is NUL, which no text holds. */
function refuseNul(bytes: Uint8Array, offset: number, name: string, encoding: string): void {
  const zero = bytes.indexOf(0);
  if (zero === -1) return;
  const likely = encoding === 'utf-8' ? likelyEncoding(bytes) : '';
  if (likely.startsWith('utf-16'))
    throw wrongEncoding(name, `looks like UTF-16, not UTF-8: byte ${offset + zero} is zero.`, offset + zero, likely);
  throw wrongEncoding(name, `is not a text file: byte ${offset + zero} is zero.`, offset + zero);
}

async function readChunk(file: FileHandle, path: string): Promise<Buffer> {
  try {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    // Unlike opening, reading does not say which file it was (a folder opens, and fails here).
    throw toThawError(Object.assign(error as Error, { path }));
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (let chunk = await readChunk(file, path); chunk.length > 0; chunk = await readChunk(file, path)) yield chunk;
  } finally {
    await file.close();
  }
}

async function* decodeUtf8(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<string> {
  let carry: Buffer = Buffer.alloc(0);
  let offset = 0;
  const checked = (bytes: Buffer): string => {
    refuseNul(bytes, offset, name, 'utf-8');
    if (!isUtf8(bytes)) {
      const at = firstInvalidByte(bytes);
      const message = `is not UTF-8: byte ${offset + at} (0x${bytes[at].toString(16)}) cannot be there.`;
      throw wrongEncoding(name, message, offset + at, likelyEncoding(bytes));
    }
    const text = bytes.toString('utf8');
    const clean = offset === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text;
    offset += bytes.length;
    return clean;
  };
  for await (const chunk of chunks) {
    const bytes = carry.length ? Buffer.concat([carry, chunk]) : chunk;
    const whole = bytes.length - unfinishedTail(bytes);
    carry = bytes.subarray(whole);
    const text = checked(bytes.subarray(0, whole));
    if (text) yield text;
  }
  const text = checked(carry);
  if (text) yield text;
}

/** Position of the byte at which decoding the file fails: all before `from` is known to decode. */
async function failingByte(path: string, encoding: string, from: number): Promise<number> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let offset = 0;
  for await (const chunk of chunksOf(path)) {
    if (offset < from) decoder.decode(chunk, { stream: true });
    else
      for (let at = 0; at < chunk.length; at++) {
        try {
          decoder.decode(chunk.subarray(at, at + 1), { stream: true });
        } catch {
          return offset + at;
        }
      }
    offset += chunk.length;
  }
  return offset;
}

async function* decodeOther(path: string, name: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let offset = 0;
  const decoded = async (bytes?: Buffer): Promise<string> => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      const byte = await failingByte(path, encoding, offset);
      throw wrongEncoding(name, `is not ${encoding}: byte ${byte} cannot be there.`, byte);
    }
  };
  for await (const chunk of chunksOf(path)) {
    if (!encoding.startsWith('utf-16')) refuseNul(chunk, offset, name, encoding);
    const text = await decoded(chunk);
    const nul = text.indexOf('\0');
    if (nul >= 0) throw wrongEncoding(name, `holds a NUL character near byte ${offset + 2 * nul}.`, offset + 2 * nul);
    offset += chunk.length;
    if (text) yield text;
  }
  const text = await decoded();
  if (text) yield text;
}

async function* startingWith(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/**
 * The file's text, a piece at a time. `auto`: what the byte order mark says, else UTF-8. Throws file_not_found, file_unreadable, unknown_option,
 * and wrong_encoding with the position of the first bad byte.
 */
export async function* decodeFile(path: string, name = path, encoding = 'auto'): AsyncGenerator<string> {
  const chunks = chunksOf(path);
  try {
    const { value: first, done } = await chunks.next();
    const asked = encoding === 'auto' ? (encodingOfMark(first ?? new Uint8Array()) ?? 'utf-8') : encodingNamed(encoding);
    if (done) return;
    yield* asked === 'utf-8' ? decodeUtf8(startingWith(first, chunks), name) : decodeOther(path, name, asked);
  } finally {
    await chunks.return(undefined);
  }
}
