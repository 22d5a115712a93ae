/**
 * What it means that a text has the words of a search: each word anywhere in it, a part of a longer word included, in any order, whatever
 * their case and accents. Words in "double quotes" belong together as they are written, and begin and end where words do.
 */

export interface SearchTerm {
  /** Folded. */
  text: string;
  /** Begins and ends where words do. */
  whole: boolean;
}

const accents = /([a-z])[\u0300-\u036f]+/g;
const plain = /^[\0-\x7f]*$/;
const wordCharacter = /[\p{L}\p{N}\p{Co}]/u;

/** The text in lower case, Latin letters without their accents. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return plain.test(lower) ? lower : lower.normalize('NFD').replace(accents, '$1').normalize('NFC');
}

export function searchTerms(search: string): SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const [, quoted, word] of search.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    const text = fold((quoted ?? word).trim());
    if (text) terms.push({ text, whole: quoted !== undefined });
  }
  return terms;
}

/** Words of a folded text, as the search index parts them. */
export const wordsOf = (folded: string): string[] => folded.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];

function before(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

const isWordAt = (text: string, at: number) => at < text.length && wordCharacter.test(String.fromCodePoint(text.codePointAt(at) as number));

function hasWhole(folded: string, term: string): boolean {
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + 1)) {
    const end = at + term.length;
    const joinsBefore = at > 0 && wordCharacter.test(before(folded, at)) && isWordAt(folded, at);
    const joinsAfter = isWordAt(folded, end) && wordCharacter.test(before(folded, end));
    if (!joinsBefore && !joinsAfter) return true;
  }
  return false;
}

/** Whether a folded text has every term. */
export const hasTerms = (folded: string, terms: readonly SearchTerm[]): boolean =>
  terms.every(({ text, whole }) => (whole ? hasWhole(folded, text) : folded.includes(text)));
