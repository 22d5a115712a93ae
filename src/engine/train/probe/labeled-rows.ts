/** What a head reads of labeled examples, as a probe takes it. */
import { collate, type TrainingItem } from '../../text/index.ts';
import { breathe } from '../cancellation.ts';
import type { Examples } from '../dataset.ts';
import { batchesByLength } from '../evaluation.ts';
import type { HeadRows } from '../runtime.ts';
import type { TrainableModel } from '../step.ts';

export interface LabeledRows {
  /** [n, hidden] */
  features: Float32Array;
  /** [n]: the class of each; multi-label: −100. */
  labels: Int32Array;
  /** Multi-label: [n, classes]. */
  targets: Float32Array | null;
  /** Rows there are with a label, of which these are evenly spaced ones where they are more than asked for. */
  available: number;
}

/** Some of the rows, copied. */
export function someRows({ features, labels, targets }: LabeledRows, rows: number[]): LabeledRows {
  const width = features.length / labels.length;
  const classes = (targets?.length ?? 0) / labels.length;
  const copied = (values: Float32Array, columns: number) => {
    const some = new Float32Array(rows.length * columns);
    rows.forEach((row, at) => some.set(values.subarray(row * columns, (row + 1) * columns), at * columns));
    return some;
  };
  return {
    features: copied(features, width),
    labels: Int32Array.from(rows, (row) => labels[row]),
    targets: targets && copied(targets, classes),
    available: rows.length,
  };
}

/** The rows of an item with a label: its text's, or its tokens'. */
const labeledIn = ({ labels, targets }: TrainingItem): number[] => (targets ? [0] : [...labels.keys()].filter((row) => labels[row] >= 0));

/** Rows of one part of the head; of more than `most` values (rows · hidden) evenly spaced ones. @throws cancelled */
export async function labeledRows(
  model: TrainableModel,
  { items }: Examples,
  { part, hidden, most, padId, signal }: { part: keyof HeadRows; hidden: number; most: number; padId: number; signal: AbortSignal },
): Promise<LabeledRows> {
  const all = items.flatMap((item, index) => labeledIn(item).map((row) => ({ index, row })));
  const stride = Math.ceil((all.length * hidden) / most) || 1;
  const kept = all.filter((_, at) => at % stride === 0);
  const wanted = Map.groupBy(
    kept.map((place, at) => ({ ...place, at })),
    ({ index }) => index,
  );
  const features = new Float32Array(kept.length * hidden);
  for (const indexes of batchesByLength(
    items.map(({ ids }) => ids.length),
    [...wanted.keys()],
  )) {
    await breathe(signal);
    const members = indexes.map((index) => items[index]);
    const rows = (await model.headRows(collate(members, padId)))[part];
    const width = rows.length / members.length;
    indexes.forEach((index, member) => {
      for (const { row, at } of wanted.get(index)!) {
        const from = member * width + row * hidden;
        features.set(rows.subarray(from, from + hidden), at * hidden);
      }
    });
  }
  const labels = Int32Array.from(kept, ({ index, row }) => items[index].labels[row]);
  const targets = kept.flatMap(({ index }) => [...(items[index].targets ?? [])]);
  return { features, labels, targets: targets.length ? Float32Array.from(targets) : null, available: all.length };
}
