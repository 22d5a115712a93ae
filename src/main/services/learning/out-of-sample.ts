/** What heads say of labeled training texts that they were not fitted to. */
import type { Course } from './course.ts';
import type { Learner } from './learner.ts';
import { requireHead } from './refusals.ts';

/** Parts that labeled texts are split into, and by which draw. */
export const [FOLDS, SEED] = [5, 1];

export interface LabeledOutOfSample {
  /** Names, in the order of the probabilities. */
  labels: string[];
  examples: {
    id: number;
    /** The labels given, by name. */
    given: string[];
    /** And by id. */
    givenIds: number[];
  }[];
  /** [examples, labels]; of one label a row sums to 1. */
  probabilities: Float32Array;
}

/**
 * For each labeled training text the probabilities by a head that was fitted to the other folds: stratified, identical texts in one fold, the same
 * folds for the same seed and texts. Of one label, texts of labels that the head does not know yet are left out.
 * @throws unavailable, saying what is waited for
 */
export const outOfSampleOf = (learner: Learner): Promise<LabeledOutOfSample> => learner.ask((course) => outOfSampleIn(course), true);

/** The same within a question. */
export async function outOfSampleIn(course: Course): Promise<LabeledOutOfSample> {
  requireHead(course);
  const { ids, classes, probabilities } = await course.process.outOfSample(FOLDS, SEED);
  const name = (label: number) => course.nameOf(label);
  const examples = ids.map((id) => {
    const givenIds = course.pool.get(id)?.labels ?? [];
    return { id, given: givenIds.map(name), givenIds };
  });
  return { labels: classes.map(name), examples, probabilities };
}
