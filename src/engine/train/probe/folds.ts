/** Which fold each row is in: for probabilities of rows by probes that were not fitted to them (Stone 1974). */
import { mulberry32, shuffle } from '../../text/random.ts';

export interface FoldedRow {
  /** Rows of one group, such as identical texts, are in one fold. */
  group: string;
  /** Its classes: none, one or several. */
  classes: readonly number[];
}

/**
 * The fold of each row, 0 … folds − 1: [n]. Stratified: groups of the same rarest class are dealt out in turn, in an order drawn with the seed, the
 * rarest class first; so each class is spread over the folds as evenly as whole groups allow.
 */
export function stratifiedFolds(rows: readonly FoldedRow[], folds: number, seed: number): Int32Array {
  const counts = new Map<number, number>();
  for (const { classes } of rows) for (const label of classes) counts.set(label, (counts.get(label) ?? 0) + 1);
  const groups = [...Map.groupBy(rows.keys(), (row) => rows[row].group).values()];
  const rarestOf = (members: number[]) => {
    const present = members.flatMap((row) => rows[row].classes);
    return present.reduce((rarest, label) => (rarest < 0 || counts.get(label)! < counts.get(rarest)! ? label : rarest), -1);
  };
  const strata = Map.groupBy(shuffle(groups, mulberry32(seed)), rarestOf);
  const order = [...strata].sort(([a], [b]) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0) || a - b);
  const foldOf = new Int32Array(rows.length);
  let turn = 0;
  for (const group of order.flatMap(([, members]) => members)) {
    for (const row of group) foldOf[row] = turn % folds;
    turn++;
  }
  return foldOf;
}
