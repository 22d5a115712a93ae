/**
 * The one place where offsets change their unit: JavaScript and project.db count UTF-16 units, files, the command line and
 * Hugging Face tokenizers count code points.
 */

const SURROGATE = /[\ud800-\udbff]/;

/** `table[c]` is the UTF-16 offset of code point `c`; one entry more for the end. null: every code point is one unit. */
function unitsOfCodePoints(text: string): Uint32Array | null {
  if (!SURROGATE.test(text)) return null;
  const table: number[] = [];
  let unit = 0;
  for (const character of text) {
    table.push(unit);
    unit += character.length;
  }
  table.push(unit);
  return Uint32Array.from(table);
}

export interface Range {
  start: number;
  end: number;
}

/** Code points → UTF-16 units. Ranges beyond the text end at its end. */
export function toUtf16<T extends Range>(text: string, ranges: T[]): T[] {
  const table = unitsOfCodePoints(text);
  if (!table) return ranges;
  const at = (codePoint: number) => table[Math.min(codePoint, table.length - 1)];
  return ranges.map((range) => ({ ...range, start: at(range.start), end: at(range.end) }));
}

/** As `toUtf16`, for the pairs a tokenizer gives. */
export function pairsToUtf16(text: string, pairs: [number, number][]): [number, number][] {
  const table = unitsOfCodePoints(text);
  if (!table) return pairs;
  return pairs.map(([start, end]) => [table[start], table[end]]);
}

/** UTF-16 units → code points. A start inside a surrogate pair moves before it, an end behind it. */
export function toCodePoints<T extends Range>(text: string, ranges: T[]): T[] {
  if (!SURROGATE.test(text)) return ranges;
  const codePointAt = new Uint32Array(text.length + 1);
  let codePoint = 0;
  let unit = 0;
  for (const character of text) {
    codePointAt.fill(codePoint++, unit, unit + character.length);
    unit += character.length;
  }
  codePointAt[text.length] = codePoint;
  const inside = (at: number) => at > 0 && at < text.length && codePointAt[at] === codePointAt[at - 1];
  return ranges.map((range) => ({
    ...range,
    start: codePointAt[Math.min(range.start, text.length)],
    end: codePointAt[Math.min(range.end, text.length)] + (inside(range.end) ? 1 : 0),
  }));
}
