/** Objects of jsonl files: one JSON object a line. */
import { linesOf } from './lines.ts';
import { rejected } from './row.ts';
import type { Fields, Records, RejectedRow } from './row.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text and what is said of it, as spaCy's training data have them. */
const isPair = (value: unknown): value is [string, Record<string, unknown>] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isObject(value[1]);

/** The JSON object that starts at `line`, or why it is none. */
export function parseObject(line: number, text: string): Fields | RejectedRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return rejected(line, `is not JSON (${(error as Error).message})`);
  }
  if (isPair(value)) return { kind: 'fields', line, object: { text: value[0], ...value[1] } };
  if (!isObject(value)) return rejected(line, 'is not a JSON object');
  return { kind: 'fields', line, object: value };
}

export async function* readJsonLines(pieces: AsyncIterable<string>): Records<Fields> {
  for await (const { line, text } of linesOf(pieces)) if (text.trim()) yield parseObject(line, text);
}
