/**
 * Finds texts by parts of words with an index of whole words. The index knows every word there is, once (a million texts have some hundred
 * thousand); those that a term may be a part of are found in that list, and the texts by them. Where a term is more than one word, the texts
 * found have to be looked at.
 */
import type { Database } from 'better-sqlite3';
import { wordsOf } from '../../shared/search.ts';
import type { SearchTerm } from '../../shared/search.ts';

/** A term that is a part of more words than this is found sooner by looking through the texts: many have it. */
const mostWords = 500;

export interface WordQuery {
  /** For MATCH; null where the index cannot help. */
  match: string | null;
  /** No text of the index has every term. */
  none: boolean;
  /** Whether a text that matches need not have every term. */
  inexact: boolean;
}

/** The words of the examples up to `upTo`. */
export class WordList {
  readonly upTo: number;
  /** Each between two line ends. */
  readonly #words: string;

  constructor(upTo: number, words: string[]) {
    this.upTo = upTo;
    this.#words = `\n${words.join('\n')}\n`;
  }

  query(terms: readonly SearchTerm[]): WordQuery {
    const parts: string[] = [];
    let inexact = false;
    let none = false;
    for (const { text, whole } of terms) {
      const words = wordsOf(text);
      if (words.length !== 1 || words[0] !== text) inexact = true;
      for (const [index, word] of words.entries()) {
        const begins = whole || index > 0 ? '\n' : '';
        const ends = whole || index < words.length - 1 ? '\n' : '';
        const found = this.#having(begins + word + ends);
        if (found?.length === 0) none = true;
        else if (found) parts.push(`(${found.map((one) => `"${one}"`).join(' OR ')})`);
        else inexact = true;
      }
    }
    return { match: parts.length > 0 ? parts.join(' AND ') : null, none, inexact };
  }

  /** The words that have `part`; null where they are too many. */
  #having(part: string): string[] | null {
    const words = this.#words;
    const found: string[] = [];
    for (let at = words.indexOf(part); at >= 0;) {
      const start = words.lastIndexOf('\n', part.startsWith('\n') ? at : at - 1) + 1;
      const end = words.indexOf('\n', start);
      found.push(words.slice(start, end));
      if (found.length > mostWords) return null;
      at = words.indexOf(part, end);
    }
    return found;
  }
}

/** Reads the list, a piece of some milliseconds at a time. */
export function* readWords(database: Database): Generator<void, WordList> {
  const upTo = database.prepare('SELECT indexed_examples FROM project').pluck().get() as number;
  database.exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.word USING fts5vocab('main', 'example_search', 'row')");
  const piece = database.prepare('SELECT term FROM temp.word WHERE term > ? LIMIT 1000').pluck();
  const words: string[] = [];
  for (;;) {
    const more = piece.all(words.at(-1) ?? '') as string[];
    for (const word of more) words.push(word);
    if (more.length < 1000) return new WordList(upTo, words);
    yield;
  }
}
