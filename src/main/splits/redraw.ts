/** What drawing a project's splits anew would change. */
import { labelsNamed, type Example, type Split, type Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { RedrawOptions, RedrawPreview } from '../../shared/splits.ts';
import { drawTogether, parseShares } from '../import/index.ts';
import { Gathering, type TextStore } from './gather.ts';
import type { Redraw } from './messages.ts';

interface Rows {
  task: Task;
  splits: Split[];
  labels: string[][];
  /** Names of columns beside text and label. */
  columns: Set<string>;
}

/** Lists of labels are kept once each: a million rows have few different ones. */
function interned(known: Map<string, string[]>, labels: string[]): string[] {
  const unique = [...new Set(labels)].sort();
  const key = unique.join('\0');
  const list = known.get(key) ?? unique;
  known.set(key, list);
  return list;
}

/** The same for the same examples and seed. Throws unknown_column, wrong_format. */
export function redrawn(examples: Iterable<Example>, texts: TextStore, { shares, seed, group }: RedrawOptions): Redraw {
  const parsed = parseShares(shares);
  const gathering = new Gathering(texts);
  const rows: Rows = { task: 'classification', splits: [], labels: [], columns: new Set() };
  const lists = new Map<string, string[]>();
  for (const { id, text, split, annotation, extra } of examples) {
    if (annotation.labels) rows.task = 'multilabel';
    gathering.add(id, text, group === null ? null : (extra[group] ?? null));
    rows.splits.push(split);
    rows.labels.push(interned(lists, labelsNamed(annotation)));
    for (const column of Object.keys(extra)) rows.columns.add(column);
  }
  checkGroup(group, rows);
  const { ids, together, alike } = gathering.finish();
  const drawn = drawTogether({ task: rows.task, labels: rows.labels, together }, parsed, seed);
  const moved = drawn.flatMap((split, row) => (split === rows.splits[row] ? [] : [row]));
  return {
    preview: { ...previewOf(rows, drawn, moved, together), alike },
    moves: { ids: Float64Array.from(moved, (row) => ids[row]), splits: moved.map((row) => drawn[row]) },
  };
}

function checkGroup(group: string | null, { columns }: Rows): void {
  if (group === null || columns.has(group)) return;
  throw new ThawError({
    code: 'unknown_column',
    message: `No example has a column '${group}'.`,
    remedy: columns.size ? `Columns there are: ${[...columns].join(', ')}.` : 'The examples have no columns beside their text and label.',
    place: { field: 'group' },
  });
}

function previewOf(rows: Rows, drawn: Split[], moved: number[], together: Uint32Array): Omit<RedrawPreview, 'alike'> {
  const sizes = sizesOf(together);
  return {
    before: countSplits(rows.splits),
    after: countSplits(drawn),
    moved: moved.length,
    leaveTest: moved.filter((row) => rows.splits[row] === 'test').length,
    joinTest: moved.filter((row) => drawn[row] === 'test').length,
    groups: sizes.length,
    largestGroup: sizes.reduce((largest, size) => Math.max(largest, size), 1),
    columns: [...rows.columns],
    labels: countLabels(rows, drawn),
  };
}

const noCounts = (): Record<Split, number> => ({ train: 0, validation: 0, test: 0 });

function countSplits(splits: readonly Split[]): Record<Split, number> {
  const counts = noCounts();
  for (const split of splits) counts[split]++;
  return counts;
}

function countLabels({ labels }: Rows, drawn: readonly Split[]): RedrawPreview['labels'] {
  const counts = new Map<string, Record<Split, number>>();
  labels.forEach((own, row) => {
    for (const label of own) {
      const known = counts.get(label) ?? noCounts();
      known[drawn[row]]++;
      counts.set(label, known);
    }
  });
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return sorted.map(([label, bySplit]) => ({ label, counts: bySplit }));
}

/** Of the groups of two or more. */
function sizesOf(together: Uint32Array): number[] {
  const sizes = new Map<number, number>();
  for (const group of together) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return [...sizes.values()].filter((size) => size > 1);
}
