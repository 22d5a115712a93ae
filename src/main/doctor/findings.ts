/** The findings of an examination in words, each with its rows. */
import { labelsNamed, type Split, type Task } from '../../shared/domain.ts';
import type { DoctorReport, Finding, FindingKind, MendKind, Severity } from '../../shared/doctor.ts';
import type { Examination } from './examination.ts';
import { disagree, groupsOf, splitsAmong, type Groups } from './groups.ts';
import { sameNames } from './label-names.ts';

/** A label with fewer examples is named as rare. */
export const rareBelow = 10;

export interface FoundRows {
  /** Rows by group; one group a row where the finding has none. */
  groups: number[][];
  isGrouped: boolean;
}

/** What was found, with the rows that the report only counts. */
export interface Diagnosis {
  report: DoctorReport;
  rows: Map<FindingKind, FoundRows>;
  /** New names of labels that differ by spelling, by old ones. */
  renamed: Record<string, string>;
}

export interface DiagnosisContext {
  task: Task;
  ofProject: boolean;
  /** Only the first rows have been read. */
  sample: boolean;
  /** Why lengths cannot be measured; null: they can. */
  noLengths: string | null;
}

const count = (value: number): string => value.toLocaleString('en');
const countOf = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
const sizeOf = (groups: number[][]): number => groups.reduce((sum, rows) => sum + rows.length, 0);

interface Words {
  severity: Severity;
  title: string;
  /** What is said where nothing was found. */
  passed: string;
  mends: [kind: MendKind, title: string][];
}

/** In the order in which they are told. */
const catalogue: Record<FindingKind, Words> = {
  broken_rows: { severity: 'must', title: 'Rows that cannot be read', passed: 'broken rows', mends: [] },
  split_leak: {
    severity: 'must',
    title: 'Same text in more than one split',
    passed: 'same text in two splits',
    mends: [
      ['one_split', 'Move to training'],
      ['leave_out', 'Leave out of the test set'],
    ],
  },
  near_leak: {
    severity: 'must',
    title: 'Nearly the same text in more than one split',
    passed: 'near-duplicates across splits',
    mends: [
      ['one_split', 'Move to training'],
      ['leave_out', 'Leave out of the test set'],
    ],
  },
  conflicting_labels: {
    severity: 'must',
    title: 'Same text, different labels',
    passed: 'same text with different labels',
    mends: [['unlabel', 'Decide in labeler']],
  },
  lost_characters: {
    severity: 'must',
    title: 'Lost characters',
    passed: 'lost characters',
    mends: [['leave_out', 'Leave them out']],
  },
  mojibake: {
    severity: 'must',
    title: 'Wrongly decoded text',
    passed: 'encoding',
    mends: [['repair_text', 'Repair the text']],
  },
  label_spelling: {
    severity: 'must',
    title: 'Labels that differ by spelling',
    passed: 'label spelling',
    mends: [['merge_labels', 'Merge the labels']],
  },
  empty_text: { severity: 'look', title: 'Texts without words', passed: 'empty texts', mends: [['leave_out', 'Leave them out']] },
  exact_duplicates: {
    severity: 'look',
    title: 'Exact duplicates',
    passed: 'exact duplicates',
    mends: [['keep_first', 'Keep first of each']],
  },
  near_conflicts: {
    severity: 'look',
    title: 'Nearly the same text, different labels',
    passed: 'near-duplicates across labels',
    mends: [],
  },
  too_long: { severity: 'look', title: 'Too long for the model setting', passed: 'length', mends: [] },
  not_english: { severity: 'look', title: 'Not English', passed: 'language', mends: [] },
  mixed_script: { severity: 'look', title: 'Words of two scripts', passed: 'mixed scripts', mends: [] },
  span_edges: { severity: 'look', title: 'Entities that cut words', passed: 'edges of entities', mends: [['trim_spans', 'Fit to words']] },
  span_overlap: { severity: 'look', title: 'Overlapping entities', passed: 'overlapping entities', mends: [] },
  near_duplicates: { severity: 'note', title: 'Near-duplicates', passed: 'near-duplicates', mends: [] },
  rare_labels: { severity: 'note', title: 'Few examples of a label', passed: 'rare labels', mends: [] },
};

const kinds = Object.keys(catalogue) as FindingKind[];

/** Compares all rows with each other and puts what was found into words. `progress`: the share of the comparing done. */
export function diagnose(examination: Examination, context: DiagnosisContext, progress: (share: number) => void): Diagnosis {
  const groups = groupsOf(examination, progress);
  const renamed = sameNames(examination.labels);
  const rows = rowsOf(examination, groups, renamed);
  const findings: Finding[] = [];
  const passed: string[] = [];
  for (const kind of kinds.filter((each) => isAsked(each, context))) {
    const { severity, title, passed: name, mends } = catalogue[kind];
    const found = rows.get(kind);
    const size = kind === 'broken_rows' ? examination.rejected.length : found ? sizeOf(found.groups) : 0;
    if (size === 0) passed.push(name);
    else
      findings.push({
        kind,
        severity,
        title,
        sentence: sentences[kind]({ examination, found: found ?? { groups: [], isGrouped: false }, groups, renamed, size, context }),
        count: size,
        ...(found?.isGrouped && { groups: found.groups.length }),
        mends: mends.filter(([mend]) => isOffered(kind, mend, examination, found)).map(([mend, own]) => offered(mend, own, examination)),
      });
  }
  const skipped = context.noLengths === null ? [] : [{ check: catalogue.too_long.passed, reason: context.noLengths }];
  const usable = examination.length - examination.known;
  const report = {
    rows: usable + examination.rejected.length,
    sample: context.sample,
    usable,
    withFinding: countRows(examination, rows, findings),
    findings,
    passed,
    skipped,
  };
  return { report, rows, renamed };
}

function isAsked(kind: FindingKind, { task, ofProject, noLengths }: DiagnosisContext): boolean {
  if (kind === 'broken_rows') return !ofProject;
  if (kind === 'span_edges' || kind === 'span_overlap') return task === 'ner';
  return kind !== 'too_long' || noLengths === null;
}

/** Rows that are in the project already stay where they are, and those of the file go to them. */
const offered = (kind: MendKind, title: string, { known }: Examination) => ({
  kind,
  title: kind === 'one_split' && known > 0 ? 'Move to one split' : title,
});

function isOffered(kind: FindingKind, mend: MendKind, examination: Examination, found: FoundRows | undefined): boolean {
  if (mend !== 'leave_out' || (kind !== 'split_leak' && kind !== 'near_leak')) return true;
  return found?.groups.some((rows) => splitsAmong(examination, rows).has('test')) ?? false;
}

function countRows(examination: Examination, rows: Map<FindingKind, FoundRows>, findings: Finding[]): number {
  const marked = new Uint8Array(examination.length);
  for (const { kind, severity } of findings)
    if (severity !== 'note') for (const group of rows.get(kind)?.groups ?? []) for (const row of group) marked[row] = 1;
  return marked.subarray(examination.known).reduce((sum, mark) => sum + mark, 0);
}

function rowsOf(examination: Examination, { same, near }: Groups, renamed: Record<string, string>): Map<FindingKind, FoundRows> {
  const rows = new Map<FindingKind, FoundRows>();
  const put = (kind: FindingKind, groups: number[][], isGrouped: boolean) => groups.length > 0 && rows.set(kind, { groups, isGrouped });
  for (const [kind, found] of examination.found)
    put(
      kind,
      Array.from(found.all(), (row) => [row]),
      false,
    );
  const across = (each: number[]) => splitsAmong(examination, each).size > 1;
  const conflicting = same.filter((each) => disagree(examination, each));
  put('split_leak', same.filter(across), true);
  put('conflicting_labels', conflicting, true);
  put(
    'exact_duplicates',
    same.filter((each) => !disagree(examination, each)),
    true,
  );
  put(
    'near_leak',
    near.filter((each) => across(each) && !isExactLeak(examination, each)),
    true,
  );
  put(
    'near_conflicts',
    near.filter((each) => disagree(examination, each)),
    true,
  );
  put('near_duplicates', near, true);
  const rare = new Set([...examination.labels].filter(([, { examples }]) => examples < rareBelow).map(([name]) => name));
  const odd = new Set(Object.keys(renamed));
  if (rare.size + odd.size === 0) return rows;
  const [withRare, withOdd]: [number[][], number[][]] = [[], []];
  for (let row = examination.known; row < examination.length; row++) {
    if (examination.annotationOf(row) === 0) continue;
    const names = labelsNamed(examination.row(row).annotation);
    if (names.some((name) => rare.has(name))) withRare.push([row]);
    if (names.some((name) => odd.has(name))) withOdd.push([row]);
  }
  put('rare_labels', withRare, false);
  put('label_spelling', withOdd, false);
  return rows;
}

/** Whether each text of the group is in all of its splits, so that the same text in two splits says it all. */
function isExactLeak(examination: Examination, rows: number[]): boolean {
  const all = splitsAmong(examination, rows).size;
  return [...Map.groupBy(rows, (row) => examination.firstOf(row)).values()].every((same) => splitsAmong(examination, same).size === all);
}

interface Case {
  examination: Examination;
  found: FoundRows;
  groups: Groups;
  renamed: Record<string, string>;
  size: number;
  context: DiagnosisContext;
}

/** How many test (or validation) texts the model would have seen the like of in training. `near`: those that are there exactly aside. */
function leak({ examination, found }: Case, near: boolean): string {
  for (const split of ['test', 'validation'] as const) {
    const leaked = found.groups.reduce((sum, rows) => sum + leakedOf(examination, rows, split, near), 0);
    if (leaked === 0) continue;
    let all = 0;
    for (let row = 0; row < examination.length; row++) if (examination.splitOf(row) === split) all++;
    const are = leaked === 1 ? 'is' : 'are';
    const like = near ? 'nearly the same as one' : 'also';
    const points = ((100 * leaked) / all).toFixed(1);
    return `${countOf(leaked, `${split} text`)} of ${count(all)} ${are} ${like} in training: up to ${points} points of the ${split} figures may be memory.`;
  }
  return 'Validation and test would measure the same texts.';
}

function leakedOf(examination: Examination, rows: number[], split: Split, near: boolean): number {
  const trained = rows.filter((row) => examination.splitOf(row) === 'train');
  if (trained.length === 0) return 0;
  const exactly = new Set(trained.map((row) => examination.firstOf(row)));
  return rows.filter((row) => examination.splitOf(row) === split && !(near && exactly.has(examination.firstOf(row)))).length;
}

function brokenSentence({ examination: { rejected } }: Case): string {
  const [first] = rejected;
  const likes = Map.groupBy(rejected, ({ reason }) => reason.replace(/\d+|'[^']*'/g, '…'));
  const others = likes.size === 1 ? '' : ` There are ${likes.size} kinds of reasons.`;
  return `They are left out. Line ${count(first.line)} ${first.reason}.${others}`;
}

const hurry = ({ groups: { hurried } }: Case) =>
  hurried === 0
    ? ''
    : ` ${countOf(hurried, 'text')} of a common pattern ${hurried === 1 ? 'was' : 'were'} compared with its nearest likes only.`;

const sentences: Record<FindingKind, (found: Case) => string> = {
  broken_rows: brokenSentence,
  split_leak: (found) => leak(found, false),
  near_leak: (found) => leak(found, true) + hurry(found),
  conflicting_labels: () => 'The model is told two things at once. Choose one for each text.',
  lost_characters: () => 'They hold � where a character was lost. Export them again from where they came.',
  mojibake: () => 'UTF-8 was read as another encoding: “cafÃ©” for “café”.',
  label_spelling: ({ renamed }) =>
    `${Object.entries(renamed)
      .slice(0, 3)
      .map(([from, to]) => `“${from}” and “${to}”`)
      .join(', ')}${Object.keys(renamed).length > 3 ? ' and others' : ''} would be learnt as different labels.`,
  empty_text: () => 'Nothing in them can be learnt.',
  exact_duplicates: () => 'They count double in training and in scores.',
  near_conflicts: () => 'Texts that are nearly the same carry different labels: one of them may be a slip.',
  too_long: ({ examination, context }) =>
    `Longer than ${examination.limit?.maxLength} tokens; ${context.task === 'ner' ? 'they are read in overlapping windows' : 'the end is cut off'}. The longest has ${count(examination.tokens.all().reduce((a, b) => Math.max(a, b), 0))}.`,
  not_english: () => 'The built-in base model was trained on English only: take a multilingual base for other languages.',
  mixed_script: () => 'Letters that look Latin are Cyrillic or Greek, and the model reads them as others.',
  span_edges: () => 'They begin or end inside a word or at white space; training reads whole words.',
  span_overlap: () => 'A model gives each word one entity: of entities that overlap, training can use one only.',
  near_duplicates: (found) =>
    `Texts that share four fifths of their 5-letter pieces or more. A draw keeps them in one split.${hurry(found)}`,
  rare_labels: ({ examination }) => {
    const rare = [...examination.labels].filter(([, { examples }]) => examples < rareBelow).sort((a, b) => a[1].examples - b[1].examples);
    const named = rare.slice(0, 3).map(([name, { examples }]) => `${name} has ${examples}`);
    return `Fewer than ${rareBelow} examples: ${named.join(', ')}${rare.length > 3 ? ` and ${rare.length - 3} more` : ''}. Scores for ${rare.length === 1 ? 'it' : 'them'} will be uncertain.`;
  },
};
