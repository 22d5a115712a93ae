/**
 * Filters as a person types them: words to search for, and parts such as `label:Billing`, `length:>6` or `/regular expression/`. The search
 * field of the Data screen, saved views and the command line all read and write this.
 */
import { ThawError } from './errors.ts';
import { everything } from './filter.ts';
import type { ExampleFilter } from './filter.ts';

/** One part of a filter: as it is typed, and in words. */
export interface QueryPart {
  text: string;
  name: string;
  value: string;
  /** The filter with this part at its default. */
  without: (filter: ExampleFilter) => ExampleFilter;
}

const flags = {
  labeled: { labeled: true },
  unlabeled: { labeled: false },
  skipped: { skipped: true },
  unskipped: { skipped: false },
  unsure: { unsure: true },
  sure: { unsure: false },
  noted: { noted: true },
  unnoted: { noted: false },
} satisfies Record<string, Partial<ExampleFilter>>;

const keys = ['label', 'split', 'is', 'source', 'length', 'run', 'predicted', 'probability', 'differs'] as const;
type Key = (typeof keys)[number];

const splits = { train: 'train', training: 'train', validation: 'validation', test: 'test' } as const;

const sources = ['approved', 'given'] as const;

/** A part: key and value (the value may be quoted), an expression between slashes, or anything else, which is searched for. */
const token = new RegExp(String.raw`(${keys.join('|')}):("[^"]*"|\S*)|/((?:[^/\\]|\\.)+)/(?=\s|$)|"[^"]*"?|\S+`, 'giu');

function refuse(part: string, remedy: string): ThawError {
  return new ThawError({ code: 'wrong_format', message: `“${part}” is no filter.`, remedy, place: { field: 'filter' } });
}

/** `>6`, `<6`, `6..20`, `6`. */
function bounds(part: string, value: string, toNumber: (text: string) => number): { least: number | null; most: number | null } {
  const found = /^(?:(>=?|<=?)([\d.]+%?)|([\d.]+%?)\.\.([\d.]+%?)|([\d.]+%?))$/.exec(value.replace('…', '..'));
  if (!found) throw refuse(part, 'Write a bound, such as >6, <20 or 6..20.');
  const [, sign, bound, from, to, exact] = found;
  if (sign) return sign.startsWith('>') ? { least: toNumber(bound), most: null } : { least: null, most: toNumber(bound) };
  if (from !== undefined) return { least: toNumber(from), most: toNumber(to) };
  return { least: toNumber(exact), most: toNumber(exact) };
}

const share = (text: string) => (text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text));

function parsePart(part: string, key: Key, value: string): Partial<ExampleFilter> {
  if (value === '') throw refuse(part, `Say what after ${key}:, without a space.`);
  if (key === 'label') return { label: value };
  if (key === 'predicted') return { predicted: value };
  if (key === 'run') return { run: value };
  if (key === 'differs') return { differs: value };
  if (key === 'split') {
    const split = splits[value.toLowerCase() as keyof typeof splits] as ExampleFilter['split'] | undefined;
    if (!split) throw refuse(part, 'Splits are train, validation and test.');
    return { split };
  }
  if (key === 'is') {
    const flag = flags[value.toLowerCase() as keyof typeof flags] as Partial<ExampleFilter> | undefined;
    if (!flag) throw refuse(part, `After is: comes ${Object.keys(flags).join(', ')}.`);
    return flag;
  }
  if (key === 'source') {
    const source = sources.find((known) => known === value.toLowerCase());
    if (!source) throw refuse(part, 'After source: comes approved or given.');
    return { source };
  }
  if (key === 'length') {
    const { least, most } = bounds(part, value, (text) => Math.round(Number(text)));
    return { ...(least !== null && { minLength: least }), ...(most !== null && { maxLength: most }) };
  }
  const { least, most } = bounds(part, value, share);
  if (Math.max(least ?? 0, most ?? 0) > 1) throw refuse(part, 'A probability is at most 1, or 100%.');
  return { ...(least !== null && { minProbability: least }), ...(most !== null && { maxProbability: most }) };
}

/** Throws wrong_format, naming the part that cannot be read. */
export function parseQuery(text: string): ExampleFilter {
  const filter: ExampleFilter = { ...everything };
  const words: string[] = [];
  for (const [part, key, value, pattern] of text.matchAll(token)) {
    if (key !== undefined) Object.assign(filter, parsePart(part, key.toLowerCase() as Key, value.replace(/^"(.*)"$/s, '$1')));
    else if (pattern !== undefined) filter.pattern = pattern;
    else words.push(part);
  }
  return { ...filter, search: words.join(' ') };
}

const quoted = (value: string) => (/[\s"]/.test(value) || value === '' ? `"${value}"` : value);

function boundPart(key: 'length' | 'probability', least: number | null, most: number | null): string {
  if (least !== null && most !== null) return `${key}:${least}..${most}`;
  return least !== null ? `${key}:>=${least}` : `${key}:<=${most}`;
}

const percent = (value: number) => `${Math.round(1000 * value) / 10} %`;

function said(least: number | null, most: number | null, show: (value: number) => string): string {
  if (least !== null && most !== null) return least === most ? show(least) : `${show(least)} to ${show(most)}`;
  return least !== null ? `at least ${show(least)}` : `at most ${show(most as number)}`;
}

/** The parts of a filter besides the words it searches for. `runName`: what a person calls a run. */
export function queryParts(filter: ExampleFilter, runName: (run: string) => string = (run) => run): QueryPart[] {
  const parts: QueryPart[] = [];
  const add = (text: string, name: string, value: string, cleared: Partial<ExampleFilter>) =>
    parts.push({ text, name, value, without: (from) => ({ ...from, ...cleared }) });
  const { label, split, source, minLength, maxLength, pattern, run, predicted, minProbability, maxProbability, differs } = filter;
  if (label !== null) add(`label:${quoted(label)}`, 'label', label, { label: null });
  if (split) add(`split:${split}`, 'split', split === 'train' ? 'training' : split, { split: null });
  if (source) add(`source:${source}`, 'label from', sourceWords[source], { source: null });
  for (const [name, flag] of Object.entries(flags)) {
    const [field, wanted] = Object.entries(flag)[0] as [keyof ExampleFilter, boolean];
    if (filter[field] === wanted) add(`is:${name}`, 'is', isWords[name as keyof typeof flags], { [field]: null });
  }
  if (minLength !== null || maxLength !== null)
    add(boundPart('length', minLength, maxLength), 'length', said(minLength, maxLength, String), { minLength: null, maxLength: null });
  if (pattern) add(`/${pattern.replace(/\\.|\//gs, (found) => (found === '/' ? '\\/' : found))}/`, 'matches', pattern, { pattern: '' });
  if (run !== null) add(`run:${run}`, 'run', runName(run), { run: null });
  if (predicted !== null) add(`predicted:${quoted(predicted)}`, 'predicted', predicted, { predicted: null });
  if (minProbability !== null || maxProbability !== null) {
    const cleared = { minProbability: null, maxProbability: null };
    add(boundPart('probability', minProbability, maxProbability), 'probability', said(minProbability, maxProbability, percent), cleared);
  }
  if (differs !== null)
    add(`differs:${differs}`, 'prediction differs from', differs === 'label' ? 'label' : runName(differs), { differs: null });
  return parts;
}

const sourceWords = { approved: 'an approved suggestion', given: 'a person or a file' };

const isWords: Record<keyof typeof flags, string> = {
  labeled: 'labeled',
  unlabeled: 'unlabeled',
  skipped: 'skipped',
  unskipped: 'not skipped',
  unsure: 'unsure',
  sure: 'not unsure',
  noted: 'with a note',
  unnoted: 'without a note',
};

/** The filter as it would be typed. */
export const formatQuery = (filter: ExampleFilter): string =>
  [...queryParts(filter).map(({ text }) => text), filter.search].filter(Boolean).join(' ');

/** What is typed in a search field: the parts that are finished (a space follows, or `isDone`) as a filter, and the text that is left. */
export function liftParts(text: string, isDone: boolean): { lifted: Partial<ExampleFilter>; left: string } {
  const lifted: Partial<ExampleFilter> = {};
  const left = text.replace(token, (part: string, key: string | undefined, _value: string, pattern: string | undefined, at: number) => {
    const isFinished = isDone || /\s/.test(text.charAt(at + part.length));
    if (!isFinished || (key === undefined && pattern === undefined)) return part;
    const whole = parseQuery(part);
    for (const [field, given] of Object.entries(whole))
      if (given !== everything[field as keyof ExampleFilter]) Object.assign(lifted, { [field]: given });
    return '';
  });
  return { lifted, left: left === text ? text : left.trimStart().replace(/\s+/g, ' ') };
}

/** The words of a search field that are searched for while it is typed in: not those of a part that is not finished. */
export const searchedIn = (text: string): string =>
  text
    .replace(token, (part: string, key: string | undefined, _value: string, pattern: string | undefined) =>
      key !== undefined || pattern !== undefined || /^\/./.test(part) ? '' : part,
    )
    .replace(/\s+/g, ' ')
    .trim();
