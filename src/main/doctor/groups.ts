/** Rows that belong together: those of one text, and those of texts that are near-duplicates. */
import type { Split } from '../../shared/domain.ts';
import type { Examination } from './examination.ts';

export interface Groups {
  /** Rows of one text, where there are several; in order, the first row's first. */
  same: number[][];
  /** Rows whose texts are near-duplicates and not all the same; in order. */
  near: number[][];
  /** Texts that shared a band with too many others to be compared with them all. */
  hurried: number;
}

/** The members of each group of two or more, by the lowest. */
function membersOf(count: number, groupOf: (row: number) => number): number[][] {
  const sizes = new Uint32Array(count);
  for (let row = 0; row < count; row++) sizes[groupOf(row)]++;
  const members = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const group = groupOf(row);
    if (sizes[group] < 2) continue;
    const known = members.get(group);
    if (known) known.push(row);
    else members.set(group, [row]);
  }
  return [...members.values()];
}

export function groupsOf(examination: Examination, progress: (share: number) => void): Groups {
  const { groups, hurried } = examination.near.groups((row) => examination.text(row), progress);
  const isAsked = (rows: number[]) => rows[rows.length - 1] >= examination.known;
  const differ = (rows: number[]) => rows.some((row) => examination.firstOf(row) !== examination.firstOf(rows[0]));
  const same = membersOf(examination.length, (row) => examination.firstOf(row)).filter(isAsked);
  const near = membersOf(examination.length, (row) => groups[row]).filter((rows) => isAsked(rows) && differ(rows));
  return { same, near, hurried };
}

/** The splits of the rows; those still to be drawn are left out, since a draw keeps such rows together. */
export function splitsAmong(examination: Examination, rows: number[]): Set<Split> {
  return new Set(rows.map((row) => examination.splitOf(row)).filter((split) => split !== null));
}

/** Whether the labeled ones among the rows are labeled differently. */
export function disagree(examination: Examination, rows: number[]): boolean {
  const said = new Set(rows.map((row) => examination.annotationOf(row)));
  said.delete(0);
  return said.size > 1;
}
