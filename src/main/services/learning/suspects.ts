/** Labels that look wrong: given labels against what heads say that were not fitted to them. */
import { spanKey, type Span } from '../../../shared/domain.ts';
import type { LabelSuspect, SuspectPage } from '../../../shared/learning.ts';
import { labelIssues, severalLabelIssues, type LabelIssue } from '../../../engine/evaluate/label-issues.ts';
import type { Project } from '../../database/index.ts';
import { labelsKey } from '../../database/tables/confirmed.ts';
import type { Learner } from './learner.ts';
import type { Course } from './course.ts';
import { FOLDS, outOfSampleIn, SEED } from './out-of-sample.ts';
import { requireHead } from './refusals.ts';

/**
 * The labeled training texts in question, the worst first; those that a person has said are right are left out, until their labels change.
 * @throws unavailable, saying what is waited for
 */
export function suspectsOf(project: Project, learner: Learner, { offset, limit }: { offset: number; limit: number }): Promise<SuspectPage> {
  return learner.ask(async (course) => {
    if (course.isEntities) return entitySuspects(course, { offset, limit });
    const { labels, examples, probabilities } = await outOfSampleIn(course);
    const confirmed = await project.confirmedLabels();
    // Labels that the head does not know yet are not asked about.
    const given = examples.map((example) => example.given.map((name) => labels.indexOf(name)).filter((index) => index !== -1));
    const issues = course.several
      ? severalLabelIssues(given, probabilities, labels.length)
      : labelIssues(
          given.map(([index]) => index),
          probabilities,
          labels.length,
        );
    const open = issues.filter(
      ({ index }) => confirmed.get(examples[index].id) !== labelsKey({ labels: examples[index].givenIds, spans: null }),
    );
    const rows = open.slice(offset, offset + limit).map((issue): LabelSuspect => {
      const row = probabilities.subarray(issue.index * labels.length, (issue.index + 1) * labels.length);
      const answers = course.several ? answersOfSeveral : answersOfOne;
      return { id: examples[issue.index].id, score: issue.score, spans: null, ...answers(issue, given[issue.index], row, labels) };
    });
    return { total: open.length, outOf: examples.length, rows };
  }, true);
}

/** Of the spans whose labels the head knows; texts with overlapping spans are not asked about. */
async function entitySuspects(course: Course, { offset, limit }: { offset: number; limit: number }): Promise<SuspectPage> {
  requireHead(course);
  const { outOf, doubts } = await course.process.doubts(FOLDS, SEED);
  const confirmed = await course.project.confirmedLabels();
  const textOf = (id: number) => course.pool.get(id) ?? { labels: [], spans: [] };
  const open = doubts.filter(({ id }) => confirmed.get(id) !== labelsKey(textOf(id)));
  const rows = open.slice(offset, offset + limit).map(({ id, spans, probability, ...figures }): LabelSuspect => {
    const given = (textOf(id).spans ?? []).map((span) => ({ ...span, label: course.nameOf(span.label) }));
    const suggested = spans.map((span) => ({ ...span, label: course.nameOf(span.label) }));
    const added = suggested.filter((span) => !given.some((other) => spanKey(other) === spanKey(span)));
    const least = added.reduce((low, { score }) => Math.min(low, score), 1);
    return {
      id,
      ...figures,
      probability: added.length > 0 ? least : probability,
      given: typesOf(given),
      suggested: typesOf(suggested),
      spans: { given, suggested },
    };
  });
  return { total: open.length, outOf, rows };
}
/** Each once. */
const typesOf = (spans: Span[]): string[] => [...new Set(spans.map(({ label }) => label))];

type Answers = Omit<LabelSuspect, 'id' | 'score' | 'spans'>;

const namesOf = (labels: string[], indexes: number[]): string[] => indexes.map((index) => labels[index]);

function answersOfOne({ classes: [found] }: LabelIssue, [given]: number[], row: Float32Array, labels: string[]): Answers {
  return { given: [labels[given]], suggested: [labels[found]], probability: row[found], givenProbability: row[given] };
}

/** The probabilities are those of the answer in question, yes or no, whose is least sure. */
function answersOfSeveral({ classes: turned }: LabelIssue, given: number[], row: Float32Array, labels: string[]): Answers {
  const suggested = [...labels.keys()].filter((index) => given.includes(index) !== turned.includes(index));
  const probability = Math.min(...turned.map((index) => (given.includes(index) ? 1 - row[index] : row[index])));
  return { given: namesOf(labels, given), suggested: namesOf(labels, suggested), probability, givenProbability: 1 - probability };
}
