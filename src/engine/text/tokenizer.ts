/** A Hugging Face fast tokenizer (tokenizer.json), run by the official `tokenizers` package. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Tokenizer, type JsEncoding } from 'tokenizers';
import { ThawError } from '../../shared/errors.ts';
import type { SpecialTokens } from './items.ts';
import { pairsToUtf16 } from './offsets.ts';

export interface Encoded {
  ids: number[];
  /** UTF-16 offsets into the text, `end` exclusive; [0, 0] for special tokens. */
  offsets: [start: number, end: number][];
  special: boolean[];
}

export interface TextTokenizer {
  padId: number;
  special: SpecialTokens;
  /** Whole texts, special tokens included, neither truncated nor padded. */
  encode(texts: string[]): Promise<Encoded[]>;
  /** How many tokens `encode` would give of each. */
  lengths(texts: string[]): Promise<number[]>;
  /** Of the same, ids alone, which takes a third of the time. */
  ids(texts: string[]): Promise<number[][]>;
}

/** Encodings live outside JavaScript's heap until they are read, so a large set goes through in pieces. */
const CHUNK = 512;

function* chunksOf(texts: string[]): Generator<string[]> {
  for (let from = 0; from < texts.length; from += CHUNK) yield texts.slice(from, from + CHUNK);
}

/** Throws `not_a_model` where `folder` has no tokenizer.json, `damaged_file` where it cannot be read. */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const tokenizer = load(path.join(folder, 'tokenizer.json'));
  const [sample] = await tokenizer.encodeBatch(['a']);
  return {
    padId: padIdOf(folder, tokenizer),
    special: specialTokens(sample),
    async ids(texts) {
      const ids: number[][] = [];
      for (const chunk of chunksOf(texts)) for (const encoding of await tokenizer.encodeBatch(chunk)) ids.push(encoding.getIds());
      return ids;
    },
    async encode(texts) {
      const encoded: Encoded[] = [];
      for (const chunk of chunksOf(texts)) {
        const encodings = await tokenizer.encodeBatch(chunk);
        encodings.forEach((encoding, index) => encoded.push(read(encoding, chunk[index])));
      }
      return encoded;
    },
    async lengths(texts) {
      const lengths: number[] = [];
      for (const chunk of chunksOf(texts)) for (const encoding of await tokenizer.encodeBatch(chunk)) lengths.push(encoding.getLength());
      return lengths;
    },
  };
}

function load(file: string): Tokenizer {
  if (!existsSync(file))
    throw new ThawError({
      code: 'not_a_model',
      message: `${path.dirname(file)} has no tokenizer.json.`,
      remedy: 'Save the tokenizer in the fast format (Hugging Face: tokenizer.save_pretrained) into the model folder.',
      place: { file },
    });
  try {
    const tokenizer = Tokenizer.fromFile(file);
    tokenizer.disableTruncation();
    tokenizer.disablePadding();
    return tokenizer;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThawError(
      {
        code: 'damaged_file',
        message: `${file} is not a readable tokenizer: ${reason}.`,
        remedy: 'Copy the model folder again.',
        place: { file },
      },
      { cause },
    );
  }
}

function specialTokens(sample: JsEncoding): SpecialTokens {
  const [ids, special] = [sample.getIds(), sample.getSpecialTokensMask()];
  return { opening: ids.slice(0, special.indexOf(0)), closing: ids.slice(special.lastIndexOf(0) + 1) };
}

/** The package counts code points, as its Python sibling does. */
function read(encoding: JsEncoding, text: string): Encoded {
  return {
    ids: encoding.getIds(),
    offsets: pairsToUtf16(text, encoding.getOffsets() as [number, number][]),
    special: encoding.getSpecialTokensMask().map((flag) => flag === 1),
  };
}

/** Hugging Face keeps the padding token in one of three files; the older ones write it as an object. */
function padIdOf(folder: string, tokenizer: Tokenizer): number {
  for (const name of ['tokenizer_config.json', 'special_tokens_map.json']) {
    const token = readJson(path.join(folder, name)).pad_token as string | { content?: string } | null | undefined;
    const content = typeof token === 'string' ? token : token?.content;
    const id = content === undefined ? null : tokenizer.tokenToId(content);
    if (id !== null) return id;
  }
  const id = readJson(path.join(folder, 'config.json')).pad_token_id;
  return typeof id === 'number' ? id : 0;
}

function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new ThawError(
      { code: 'damaged_file', message: `${file} is not valid JSON.`, remedy: 'Copy the model folder again.', place: { file } },
      { cause },
    );
  }
}
