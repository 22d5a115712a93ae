/** Long texts in parts. Offsets are UTF-16 units, `end` exclusive. */

export interface Part {
  start: number;
  end: number;
}

/** Of a text that is read: what the browser lays out at a time. */
const BLOCK = 4000;

/** A text in blocks, which joined are the text: one for texts of a few pages. */
export const blocksOf = (text: string): string[] =>
  text.length <= 4 * BLOCK ? [text] : partsOf(text, BLOCK).map(({ start, end }) => text.slice(start, end));

/**
 * The text in parts of about `size`, parted after the end of a line or else between words, and never within one of `whole`. Where neither
 * is near, between two characters.
 */
export function partsOf(text: string, size: number, whole: readonly Part[] = []): Part[] {
  const parts: Part[] = [];
  for (let start = 0; start < text.length || parts.length === 0;) {
    const end = text.length - start <= size ? text.length : outside(cutBefore(text, start, start + size), whole, text.length);
    parts.push({ start, end });
    start = end;
  }
  return parts;
}

/** The last good place to part the text at, in the second half before `end`. */
function cutBefore(text: string, start: number, end: number): number {
  const half = text.slice(start + Math.floor((end - start) / 2), end);
  const from = end - half.length;
  const line = half.lastIndexOf('\n');
  if (line !== -1) return from + line + 1;
  const space = half.search(/\s\S*$/);
  if (space !== -1) return from + space + 1;
  // Between the two halves of a surrogate pair is no place.
  return /[\uD800-\uDBFF]$/.test(half) ? end - 1 : end;
}

/** The place, or the end of the spans over it. */
function outside(place: number, whole: readonly Part[], last: number): number {
  for (;;) {
    const over = whole.filter(({ start, end }) => start < place && place < end);
    if (over.length === 0) return Math.min(place, last);
    place = Math.max(...over.map(({ end }) => end));
  }
}
