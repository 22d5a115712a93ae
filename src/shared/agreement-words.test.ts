import { expect, it } from 'vitest';
import { agreementSentence, figureOf, pairSentence, takenSentences } from './agreement-words.ts';
import type { AnnotatorPair } from './domain.ts';

const pair: AnnotatorPair = {
  annotators: ['Ana', 'Ben'],
  texts: 1480,
  same: 1412,
  measure: 'kappa',
  value: 0.7149,
  interval: [0.652, 0.768],
  labels: [],
};
const report = { annotators: [], texts: 0, same: 0, overall: { measure: 'alpha', value: null, interval: null }, pairs: [] } as const;

it('says how far two agree, with the interval', () => {
  expect(pairSentence(pair)).toBe('Ana and Ben agree on 1,412 of 1,480 texts: κ 0.71 (0.65–0.77).');
});

it('writes a real minus, and no dash where it would be read as one', () => {
  expect(figureOf({ measure: 'alpha', value: -0.05, interval: [-0.2, 0.1] })).toBe('α −0.05 (−0.20 to 0.10)');
  expect(figureOf({ measure: 'kappa', value: -0.003, interval: [-0.07, 0.08] })).toBe('κ 0.00 (−0.07 to 0.08)');
});

it('claims no figure where there is none', () => {
  expect(figureOf({ ...pair, value: null, interval: null })).toBe('κ is not defined here');
  expect(figureOf({ ...pair, interval: null })).toBe('κ 0.71');
  expect(agreementSentence({ ...report, annotators: [], pairs: [] })).toBe('No text has been answered by two annotators yet.');
});

it('tells what a file brought and what it could not', () => {
  const nothing = { texts: 0, answers: 0, annotators: [], added: 0, changed: 0, known: 0, unknown: 0, textChanged: 0, unknownLabels: [] };
  expect(takenSentences(nothing)).toEqual(['The file brought nothing that is not here already.']);
  const some = { ...nothing, answers: 5, annotators: ['Ben'], added: 2, known: 1, unknown: 1, unknownLabels: [{ label: 'x', answers: 1 }] };
  expect(takenSentences(some)).toEqual([
    '5 answers of Ben: 2 new, 0 changed, 1 known already.',
    '1 answer left out, for texts that are not in this project.',
    '1 answer left out: this project has no label “x”.',
  ]);
});
