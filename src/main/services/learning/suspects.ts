/** Labels that look wrong: given labels against what heads say that were not fitted to them. */
import type { LabelSuspect, SuspectPage } from '../../../shared/learning.ts';
import { labelIssues, severalLabelIssues, type LabelIssue } from '../../../engine/evaluate/label-issues.ts';
import type { Project } from '../../database/index.ts';
import { labelsKey } from '../../database/tables/confirmed.ts';
import type { Course } from './course.ts';
import type { Learner } from './learner.ts';
import { requireHead } from './refusals.ts';

const [FOLDS, SEED] = [5, 1];

/**
 * The labeled training texts in question, the worst first; those that a person has said are right are left out, until their labels change.
 * @throws unavailable, saying what is waited for
 */
export function suspectsOf(project: Project, learner: Learner, { offset, limit }: { offset: number; limit: number }): Promise<SuspectPage> {
  return learner.ask(async (course) => {
    requireHead(course);
    const confirmed = await project.confirmedLabels();
    const { ids, classes, probabilities } = await course.process.outOfSample(FOLDS, SEED);
    const given = ids.map((id) => course.pool.get(id)?.labels ?? []);
    // Labels that the head does not know yet are not asked about.
    const indexes = given.map((labels) => labels.map((label) => classes.indexOf(label)).filter((index) => index !== -1));
    const issues = course.several
      ? severalLabelIssues(indexes, probabilities, classes.length)
      : labelIssues(
          indexes.map(([index]) => index),
          probabilities,
          classes.length,
        );
    const open = issues.filter(({ index }) => confirmed.get(ids[index]) !== labelsKey(given[index]));
    const rows = open.slice(offset, offset + limit).map((issue): LabelSuspect => {
      const row = probabilities.subarray(issue.index * classes.length, (issue.index + 1) * classes.length);
      return { id: ids[issue.index], ...answers(course, issue, indexes[issue.index], row, classes) };
    });
    return { total: open.length, outOf: ids.length, rows };
  }, true);
}

/** Of several labels the probabilities are those of the answer in question, yes or no, whose is least sure. */
function answers(
  course: Course,
  { classes: found, score }: LabelIssue,
  given: number[],
  row: Float32Array,
  classes: number[],
): Omit<LabelSuspect, 'id'> {
  const names = (indexes: number[]) => indexes.map((index) => course.nameOf(classes[index]));
  if (!course.several)
    return { given: names(given), suggested: names(found), probability: row[found[0]], givenProbability: row[given[0]], score };
  const suggested = classes.flatMap((_, index) => (given.includes(index) !== found.includes(index) ? [index] : []));
  const probability = Math.min(...found.map((index) => (given.includes(index) ? 1 - row[index] : row[index])));
  return { given: names(given), suggested: names(suggested), probability, givenProbability: 1 - probability, score };
}
