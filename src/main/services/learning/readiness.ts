/** Which labels a head can learn, and whether it is time to. */
import { labelsToBegin, type LearningState } from '../../../shared/learning.ts';

/** Share of the labeled texts whose labels are all known to the head, below which there is none. */
const ENOUGH = 0.95;

export interface Readiness {
  /** Ids of the labels to learn, in the project's order; null: it is too early. */
  classes: number[] | null;
  missing: LearningState['missing'];
  /** Why it is too early, where `missing` does not say it. */
  reason: string | null;
}

interface Counted {
  /** In the project's order. */
  labels: { id: number; name: string }[];
  /** Training texts that carry each. */
  counts: ReadonlyMap<number, number>;
  labeled: number;
  /** Of them those that carry no other labels than these. */
  countWithin(labels: ReadonlySet<number>): number;
  several: boolean;
}

/**
 * From the fifth text on a label is learned. There is no head while labels with fewer are more than a rare exception, since it would never answer
 * with them; one that comes up when there are many labels does not stop it.
 */
export function readinessOf({ labels, counts, labeled, countWithin, several }: Counted): Readiness {
  const used = labels.map(({ id, name }) => ({ id, name, count: counts.get(id) ?? 0 })).filter(({ count }) => count > 0);
  const missing = used.filter(({ count }) => count < labelsToBegin).map(({ name, count }) => ({ label: name, count }));
  const classes = used.filter(({ count }) => count >= labelsToBegin).map(({ id }) => id);
  const early = (reason: string | null): Readiness => ({ classes: null, missing, reason });
  if (used.length === 0) return early(`Thaw begins to learn once each label in use has ${labelsToBegin} texts in the training split.`);
  if (countWithin(new Set(classes)) < ENOUGH * labeled) return early(null);
  if (!several && classes.length < 2) return early(`All labels so far are “${used[0].name}”: there is nothing to tell apart yet.`);
  return { classes, missing, reason: null };
}
