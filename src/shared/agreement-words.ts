/** How far annotators agree, and what an exchange file brought, in sentences. */
import { count, countOf } from './counts.ts';
import type { AgreementMeasure, AgreementReport, AnnotatorPair, TakenReport } from './domain.ts';

export const measureNames = { kappa: 'κ', alpha: 'α', f1: 'entity F1' } as const satisfies Record<AgreementMeasure, string>;

/** Two decimals, with a real minus, and none before what rounds to 0. */
const decimal = (value: number) =>
  value
    .toFixed(2)
    .replace(/^-(?!0\.00$)/, '−')
    .replace('-', '');

type Figure = AgreementReport['overall'];

/** “κ 0.71 (0.65–0.77)”. */
export function figureOf({ measure, value, interval }: Figure): string {
  if (value === null) return `${measureNames[measure]} is not defined here`;
  const [low, high] = interval ?? [null, null];
  const between = low !== null && low < 0 ? ' to ' : '–';
  return `${measureNames[measure]} ${decimal(value)}${low === null || high === null ? '' : ` (${decimal(low)}${between}${decimal(high)})`}`;
}

/** “Ana and Ben agree on 412 of 480 texts: κ 0.71 (0.65–0.77).” */
export function pairSentence(pair: AnnotatorPair): string {
  const [first, second] = pair.annotators;
  return `${first} and ${second} agree on ${count(pair.same)} of ${countOf(pair.texts, 'text')}: ${figureOf(pair)}.`;
}

/** Of all annotators; that of the pair where there are two. */
export function agreementSentence(report: AgreementReport): string {
  if (report.pairs.length === 0) return 'No text has been answered by two annotators yet.';
  if (report.pairs.length === 1) return pairSentence(report.pairs[0]);
  return `${report.annotators.length} annotators agree on ${count(report.same)} of ${countOf(report.texts, 'text')}: ${figureOf(report.overall)}.`;
}

export function takenSentences({ texts, answers, annotators, added, changed, known, ...left }: TakenReport): string[] {
  return [
    ...(texts > 0 ? [`${countOf(texts, 'text')} added.`] : []),
    ...(answers > 0
      ? [`${countOf(answers, 'answer')} of ${annotators.join(', ')}: ${added} new, ${changed} changed, ${known} known already.`]
      : []),
    ...(left.unknown > 0 ? [`${countOf(left.unknown, 'answer')} left out, for texts that are not in this project.`] : []),
    ...(left.textChanged > 0 ? [`${countOf(left.textChanged, 'answer')} left out, for texts that were changed since.`] : []),
    ...left.unknownLabels.map(({ label, answers: some }) => `${countOf(some, 'answer')} left out: this project has no label “${label}”.`),
    ...(texts + answers === 0 ? ['The file brought nothing that is not here already.'] : []),
  ];
}
