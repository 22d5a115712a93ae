/** Which columns of a table hold the text and the label. */
import { ThawError } from '../../shared/errors.ts';

/** Names of columns that usually hold the text. */
const textNames = [
  'text',
  'sentence',
  'review',
  'content',
  'body',
  'message',
  'comment',
  'tweet',
  'title',
  'document',
  'utterance',
  'query',
];
const labelNames = ['label', 'class', 'category', 'sentiment', 'target', 'topic', 'intent', 'tag', 'rating', 'polarity'];

/** Before the others where a text may carry several. */
const listNames = ['labels', 'categories', 'tags', 'topics', 'classes', 'genres', 'emotions', 'intents'];

export interface ColumnChoice {
  /** Positions of the columns that make the text, joined with a newline. */
  text: number[];
  label: number | null;
  /** Multi-label: in place of `label`. */
  labels?: number[];
  split: number | null;
  /** Rows with the same value here go to the same split. */
  group: number | null;
}

/** Names that the columns go by: the header's, unnamed ones by their number, repeated ones told apart. */
export function columnNames(header: string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((cell, index) => {
    const name = cell.trim() || String(index + 1);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

function find(names: string[], wanted: string, file: string): number {
  const index = names.includes(wanted) ? names.indexOf(wanted) : names.indexOf(wanted.trim());
  if (index >= 0) return index;
  throw new ThawError({
    code: 'unknown_column',
    message: `There is no column '${wanted.trim()}' in ${file}.`,
    remedy: `Columns there are: ${names.join(', ')}.`,
    place: { file, line: 1, field: wanted.trim() },
  });
}

/** One column, whose name may hold commas, or several parted by them. */
const findSeveral = (names: string[], asked: string, file: string) =>
  (names.includes(asked) || names.includes(asked.trim()) ? [asked] : asked.split(',')).map((name) => find(names, name, file));

/** Whether a file's first row says by a usual name that it is a header. */
export const namesColumns = (names: string[]): boolean => guess(names, [...textNames, ...labelNames, ...listNames]) >= 0;

const guess = (names: string[], known: string[]) => {
  const lower = names.map((name) => name.toLowerCase());
  return known.map((name) => lower.indexOf(name)).find((index) => index >= 0) ?? -1;
};

/** Position of the column that names each row's split, -1 where there is none. */
function splitColumn(names: string[], { splitColumn: asked, file }: Asked): number {
  if (asked === '') return -1;
  return asked === undefined ? names.findIndex((name) => name.toLowerCase() === 'split') : find(names, asked, file);
}

interface Asked {
  text?: string;
  label?: string;
  /** Default: the one that is named so, if any; empty: none. */
  splitColumn?: string;
  group?: string;
  /** Labels may be in several columns. */
  several?: boolean;
  file: string;
}

/**
 * What was asked for (an empty label: there is none); else by the usual names; else the first column is the text and, where `lastIsLabel`, the last the label.
 * Throws unknown_column, naming those there are.
 */
export function chooseColumns(names: string[], asked: Asked, lastIsLabel: boolean): ColumnChoice {
  const split = splitColumn(names, asked);
  const group = asked.group ? find(names, asked.group, asked.file) : null;
  const text = asked.text ? findSeveral(names, asked.text, asked.file) : [Math.max(0, guess(names, textNames))];
  const free = names.map((_, index) => index).filter((index) => !text.includes(index) && index !== split && index !== group);
  const guessed = guess(names, asked.several ? [...listNames, ...labelNames] : labelNames);
  const fallback = lastIsLabel ? (free.at(-1) ?? null) : null;
  const proposed = free.includes(guessed) ? guessed : fallback;
  const named = asked.label && (asked.several ? findSeveral(names, asked.label, asked.file) : [find(names, asked.label, asked.file)]);
  const labels = named || (asked.label === '' || proposed === null ? [] : [proposed]);
  const ownSplit = split >= 0 && !text.includes(split) && !labels.includes(split) ? split : null;
  const rest = { text, split: ownSplit, group };
  return asked.several ? { ...rest, label: null, labels } : { ...rest, label: labels[0] ?? null };
}
