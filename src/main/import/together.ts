/** Draws splits of rows of which some belong together: near-duplicates, or rows of one document or author. */
import type { Split, Task } from '../../shared/domain.ts';
import { DisjointSets } from '../duplicates/index.ts';
import { drawSplits, type Shares, type TextGroup } from './splits.ts';
import { stratifyLabels } from './stratify.ts';

/**
 * By row, the lowest row that it has to stay with. `near`: by row, its group of near-duplicates; `values`: by row, what its group column says;
 * null or empty: it stands alone. Rows that are joined over others are one group.
 */
export function rowsTogether(near: Uint32Array, values: readonly (string | null)[]): Uint32Array {
  const sets = new DisjointSets(near.length);
  const firsts = new Map<string, number>();
  for (let row = 0; row < near.length; row++) {
    sets.join(row, near[row]);
    const value = values[row];
    if (!value) continue;
    const first = firsts.get(value);
    if (first === undefined) firsts.set(value, row);
    else sets.join(row, first);
  }
  return Uint32Array.from({ length: near.length }, (_, row) => sets.find(row));
}

export interface RowsToDraw {
  task: Task;
  /** By row: its labels, or those of its entities. */
  labels: readonly (readonly string[])[];
  /** By row, as `rowsTogether` gives it. */
  together: Uint32Array;
}

/** One split a row, the same for all rows of a group; stratified by label as drawn splits are. */
export function drawTogether({ task, labels, together }: RowsToDraw, shares: Shares, seed: number): Split[] {
  const sizes = new Uint32Array(together.length);
  for (const name of together) sizes[name]++;
  // Most rows stand alone and have labels that others have: one object for all of those.
  const alone = new Map<readonly string[], TextGroup>();
  const groups: TextGroup[] = [];
  const placeOf = new Uint32Array(together.length);
  together.forEach((name, row) => {
    if (name !== row) return void addLabels(groups[placeOf[name]], labels[row]);
    const group = (sizes[row] === 1 && alone.get(labels[row])) || { labels: [...new Set(labels[row])], size: sizes[row] };
    if (sizes[row] === 1) alone.set(labels[row], group);
    placeOf[row] = groups.push(group) - 1;
  });
  const draw = task === 'multilabel' ? stratifyLabels : drawSplits;
  const drawn = draw(groups, shares, seed);
  return Array.from(together, (name) => drawn[placeOf[name]]);
}

function addLabels(group: TextGroup, labels: readonly string[]): void {
  group.labels = [...new Set([...group.labels, ...labels])];
}
