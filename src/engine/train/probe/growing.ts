/** What heads answer that were fitted to more and more of the rows: the material of a learning curve. */
import { margins } from '../../active/uncertainty.ts';
import { likeliest } from '../../evaluate/metrics.ts';
import { mulberry32, shuffle, type Random } from '../../text/random.ts';
import { probabilitiesOf } from './cross-validation.ts';
import type { Probe } from './fit.ts';
import { stratifiedFolds, type FoldedRow } from './folds.ts';
import { someRows, type LabeledRows } from './labeled-rows.ts';
import { fitRows, type ProbeTask } from './strength.ts';

/** How the rows are parted: `draws` times into `folds`; heads of each size are fitted to nested parts of all folds but one. */
export interface GrowingPlan {
  /** Ascending; the last at most what all folds but the largest one have. */
  sizes: number[];
  folds: number;
  draws: number;
}

export interface GrowingAnswers {
  /** [answers]: the row that was asked about; each once a draw. */
  rows: number[];
  /** [sizes][answers]: the classes that are answered. */
  classes: number[][][];
  /** [answers]: how clearly the heads of the largest size decide; see `margins`. */
  margins: number[];
  /** The same of the pool, by all these heads, in no order. */
  poolMargins: Float32Array;
}

/**
 * Each row is answered by heads that know neither it nor one identical to it. Smaller parts are parts of the larger ones and have each class as
 * often as all rows do, as near as can be. `pool`: features [any, width] of rows without a label. Yields before each fit, so that its caller can do
 * other things in between.
 */
export function* growingAnswers(
  rows: LabeledRows,
  folded: readonly FoldedRow[],
  task: ProbeTask & { strength: number },
  plan: GrowingPlan,
  pool: Float32Array,
): Generator<undefined, GrowingAnswers> {
  const several = rows.targets !== null;
  const found: GrowingAnswers = { rows: [], classes: plan.sizes.map(() => []), margins: [], poolMargins: new Float32Array() };
  const pools: number[] = [];
  for (let draw = 0; draw < plan.draws; draw++) {
    const foldOf = stratifiedFolds(folded, plan.folds, draw + 1);
    for (let fold = 0; fold < plan.folds; fold++) {
      const all = [...foldOf.keys()];
      const heldRows = all.filter((row) => foldOf[row] === fold);
      const kept = all.filter((row) => foldOf[row] !== fold);
      const order = spread(kept, folded, mulberry32(draw * plan.folds + fold + 1));
      const { features } = someRows(rows, heldRows);
      let probe: Probe | undefined;
      let probabilities = new Float32Array();
      for (const [index, size] of plan.sizes.entries()) {
        probe = yield* fitInSteps(someRows(rows, order.slice(0, size)), task, probe);
        probabilities = probabilitiesOf(probe, features, several);
        heldRows.forEach((_, at) =>
          found.classes[index].push(answered(probabilities.subarray(at * task.classes, (at + 1) * task.classes), several)),
        );
      }
      const kind = several ? 'several' : 'one';
      found.rows.push(...heldRows);
      found.margins.push(...margins(probabilities, task.classes, kind));
      for (const margin of margins(probabilitiesOf(probe!, pool, several), task.classes, kind)) pools.push(margin);
    }
  }
  return { ...found, poolMargins: Float32Array.from(pools) };
}

/** A fit that is cut short goes on from where it was. */
function* fitInSteps(
  rows: LabeledRows,
  { strength, ...task }: ProbeTask & { strength: number },
  start?: Probe,
): Generator<undefined, Probe> {
  for (;;) {
    yield;
    const probe = fitRows(rows, task, strength, start);
    if (probe.converged) return probe;
    start = probe;
  }
}

const answered = (row: Float32Array, several: boolean): number[] =>
  several ? [...row.keys()].filter((label) => row[label] >= 0.5) : [likeliest(row)];

/** In an order of which any first part has about the same share of each class (of several the rarest counts). */
function spread(kept: number[], folded: readonly FoldedRow[], random: Random): number[] {
  const counts = new Map<number, number>();
  for (const row of kept) for (const label of folded[row].classes) counts.set(label, (counts.get(label) ?? 0) + 1);
  const rarest = (row: number) =>
    folded[row].classes.reduce((least, label) => (least < 0 || counts.get(label)! < counts.get(least)! ? label : least), -1);
  const strata = Map.groupBy(shuffle([...kept], random), rarest);
  const placed = [...strata.values()].flatMap((members) => members.map((row, at) => ({ row, place: (at + random()) / members.length })));
  return placed.sort((a, b) => a.place - b.place).map(({ row }) => row);
}
