/**
 * Mojibake: text in UTF-8 that was read as Windows-1252 or Latin-1 ("cafÃ©"). Runs of such characters that are UTF-8 when put back to bytes
 * are suspects, except where they are as likely meant ("LIBERTÉ»", the end of a French quote).
 */

/** What Windows-1252 has at bytes 0x80 to 0x9f, and what it leaves out. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOf = new Map(Array.from(windows1252, (character, index) => [character, 0x80 + index]));
const continuation = `[\u0080-\u00bf${windows1252}]`;
const quick = new RegExp(`[\u00c2-\u00f4]${continuation}`);
const runs = new RegExp(`(?:[\u00c2-\u00df]${continuation}|[\u00e0-\u00ef]${continuation}{2}|[\u00f0-\u00f4]${continuation}{3})+`, 'g');
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A stretch of the text, in UTF-16 units, and what it was meant to be. */
export interface Misread {
  start: number;
  end: number;
  meant: string;
}

function decoded(run: string): string | null {
  try {
    return decoder.decode(Uint8Array.from(run, (character) => byteOf.get(character) ?? character.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** One letter of two bytes may be a capital before a mark that ends a quote or a sentence; only the commonest ones are believed. */
function isLikely(run: string, before: string, after: string): boolean {
  if (run.length !== 2) return true;
  const [lead, mark] = run;
  if (!/[ÂÃÄÅ]/.test(lead)) return false;
  const closes = /[\u00a0«»…‘’“”–—™·]/.test(mark);
  if (!closes || /\p{Ll}/u.test(before) || /\p{Ll}/u.test(after)) return true;
  return !/\p{L}/u.test(before) && (lead === 'Â' || (lead === 'Ã' && mark === '\u00a0'));
}

/** Stretches of the text that were misread, in order. */
export function misreadIn(text: string): Misread[] {
  if (!quick.test(text)) return [];
  return Array.from(text.matchAll(runs)).flatMap(({ 0: run, index }) => {
    const meant = isLikely(run, text[index - 1] ?? '', text[index + run.length] ?? '') ? decoded(run) : null;
    return meant === null ? [] : [{ start: index, end: index + run.length, meant }];
  });
}

/** The text as it was meant, and how far each offset of the misread one moves; what was misread twice is put right twice. */
export function repairText(text: string): { text: string; moved: (offset: number) => number } {
  const misread = misreadIn(text);
  if (misread.length === 0) return { text, moved: (offset) => offset };
  let repaired = '';
  let at = 0;
  for (const { start, end, meant } of misread) {
    repaired += text.slice(at, start) + meant;
    at = end;
  }
  const moved = (offset: number) => {
    let shift = 0;
    for (const { start, end, meant } of misread) {
      if (offset >= end) shift += meant.length - (end - start);
      // An offset inside a misread character stands at its end.
      else if (offset > start) return start + shift + meant.length;
    }
    return offset + shift;
  };
  const again = repairText(repaired + text.slice(at));
  return { text: again.text, moved: (offset) => again.moved(moved(offset)) };
}
