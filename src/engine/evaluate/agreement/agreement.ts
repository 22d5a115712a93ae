/** How far annotators agree, by the measure of the task. */
import { answerKey, labelsNamed } from '../../../shared/domain.ts';
import type { AgreementReport, Annotation, AnnotatorPair, LabelAgreement, Task } from '../../../shared/domain.ts';
import { krippendorffAlpha, masi, nominal } from './alpha.ts';
import { countCommonSpans, entityF1 } from './entities.ts';
import { cohenKappa } from './kappa.ts';
import { estimate, kindsOf } from './kinds.ts';
import type { Estimate } from './kinds.ts';

/** One text: what each annotator who answered said of it. */
export type Answers = Map<string, Annotation>;

type Both = [first: Annotation, second: Annotation];

/** `labels`: names, in the project's order. */
export function agreement(task: Task, labels: string[], texts: Answers[], seed = 1): AgreementReport {
  const shared = texts.filter((answers) => answers.size > 1);
  const annotators = [...new Set(texts.flatMap((answers) => [...answers.keys()]))];
  const pairs = annotators.flatMap((first, index) =>
    annotators.slice(index + 1).map((second) => {
      const both = shared.flatMap((answers): Both[] => {
        const [a, b] = [answers.get(first), answers.get(second)];
        return a && b ? [[a, b]] : [];
      });
      return pairOf(task, labels, [first, second], both, seed);
    }),
  );
  return {
    annotators: annotators.map((name) => ({ name, texts: texts.filter((answers) => answers.has(name)).length })),
    texts: shared.length,
    same: shared.filter((answers) => new Set([...answers.values()].map(answerKey)).size === 1).length,
    overall: { measure: task === 'ner' ? 'f1' : 'alpha', ...overall(task, shared, seed) },
    pairs: pairs.filter((pair) => pair.texts > 0),
  };
}

function overall(task: Task, texts: Answers[], seed: number): Estimate {
  const given = texts.map((answers) => [...answers.values()]);
  if (task !== 'ner') return alphaOf(given, seed);
  const counted = kindsOf(
    given.map((answers) => {
      const sum = { first: 0, second: 0, both: 0 };
      answers.forEach((a, at) =>
        answers.slice(at + 1).forEach((b) => {
          const counts = countCommonSpans(a.spans ?? [], b.spans ?? []);
          sum.first += counts.first;
          sum.second += counts.second;
          sum.both += counts.both;
        }),
      );
      return sum;
    }),
    ({ first, second, both }) => `${first + second} ${both}`,
  );
  return estimate(counted, entityF1(counted.kinds), { seed });
}

function alphaOf(texts: Annotation[][], seed: number): Estimate {
  const kinds = kindsOf(texts, (answers) => JSON.stringify(answers.map(answerKey).sort()));
  const sets = kinds.kinds.map((answers) => answers.map(labelsNamed));
  const several = texts.some((answers) => answers.some(({ labels }) => labels));
  const statistic = several
    ? krippendorffAlpha(sets, masi, (labels) => JSON.stringify(labels.toSorted()))
    : krippendorffAlpha(kinds.kinds.map((answers) => answers.map(answerKey)), nominal, String); // prettier-ignore
  return estimate(kinds, statistic, { seed });
}

function pairOf(task: Task, labels: string[], annotators: [string, string], both: Both[], seed: number): AnnotatorPair {
  const keys = both.map(([a, b]): [string, string] => [answerKey(a), answerKey(b)]);
  return {
    annotators,
    texts: both.length,
    same: keys.filter(([a, b]) => a === b).length,
    measure: task === 'classification' ? 'kappa' : task === 'ner' ? 'f1' : 'alpha',
    ...pairEstimate(task, both, keys, seed),
    labels: labels.map((label) => labelAgreement(label, both)),
    ...(task === 'classification' && { confusion: confusionOf(labels, keys) }),
  };
}

function pairEstimate(task: Task, both: Both[], keys: [string, string][], seed: number): Estimate {
  if (task === 'multilabel') return alphaOf(both, seed);
  if (task === 'classification') {
    const kinds = kindsOf(keys, JSON.stringify);
    return estimate(kinds, cohenKappa(kinds.kinds), { seed });
  }
  const counted = kindsOf(
    both.map(([a, b]) => countCommonSpans(a.spans ?? [], b.spans ?? [])),
    ({ first, second, both: common }) => `${first + second} ${common}`,
  );
  return estimate(counted, entityF1(counted.kinds), { seed });
}

/** Texts, or for NER spans, that got the label. `f1`: the positive agreement (Cicchetti and Feinstein 1990). */
function labelAgreement(label: string, both: Both[]): LabelAgreement {
  const sum = { first: 0, second: 0, both: 0 };
  for (const [a, b] of both) {
    if (a.spans && b.spans) {
      const of = (annotation: Annotation) => (annotation.spans ?? []).filter((span) => span.label === label);
      const counts = countCommonSpans(of(a), of(b));
      sum.first += counts.first;
      sum.second += counts.second;
      sum.both += counts.both;
    } else {
      const [first, second] = [labelsNamed(a).includes(label), labelsNamed(b).includes(label)];
      sum.first += Number(first);
      sum.second += Number(second);
      sum.both += Number(first && second);
    }
  }
  const all = sum.first + sum.second;
  return { label, ...sum, f1: all === 0 ? null : (2 * sum.both) / all };
}

/** [labels of the first annotator × of the second]: texts. */
function confusionOf(labels: string[], keys: [string, string][]): number[][] {
  const places = new Map(labels.map((label, place) => [label, place]));
  const matrix = labels.map(() => labels.map(() => 0));
  for (const [a, b] of keys) {
    const [row, column] = [places.get(a), places.get(b)];
    if (row !== undefined && column !== undefined) matrix[row][column]++;
  }
  return matrix;
}
