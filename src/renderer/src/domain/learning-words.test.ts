import { expect, it } from 'vitest';
import type { LearningState } from '../../../shared/learning.ts';
import type { Span } from '../../../shared/domain.ts';
import { learningLine, learningNews, suspicion } from './learning-words.ts';

const state: LearningState = {
  phase: 'ready',
  missing: [],
  embedded: { done: 400, total: 400 },
  leftOut: 0,
  labels: 142,
  spansLeftOut: 0,
  fitMs: 8,
  heldOut: null,
  curve: null,
  curveFrom: 50,
  reason: null,
};

it('says what the head learns from, and how often it was right, with the interval', () => {
  expect(learningLine(state, 'classification')).toBe('Learning from 142 labels');
  const heldOut = { accuracy: 31 / 38, low: 0.6658, high: 0.908, examples: 38 };
  expect(learningLine({ ...state, heldOut }, 'classification')).toBe(
    'Learning from 142 labels · right on 31 of 38 texts drawn at random: 82\u00a0% (67–91)',
  );
  expect(learningLine({ ...state, embedded: { done: 399, total: 400 } }, 'classification')).toBe(
    'Learning from 142 labels · reading the texts, 99\u00a0%',
  );
});

it('says what is missing, label by label, and no more than three of them', () => {
  const missing = ['Billing', 'Delivery', 'Account', 'Feedback'].map((label, at) => ({ label, count: at + 1 }));
  const waiting = { ...state, phase: 'waiting' as const, labels: 0 };
  expect(learningLine({ ...waiting, missing: missing.slice(0, 1) }, 'classification')).toBe('Needs 4 more of Billing to begin');
  expect(learningLine({ ...waiting, missing }, 'classification')).toBe(
    'Needs 4 more of Billing, 3 more of Delivery, 2 more of Account, and some of 1 other label to begin',
  );
  expect(learningLine({ ...waiting, reason: 'There is nothing to tell apart yet.' }, 'classification')).toBe(
    'There is nothing to tell apart yet.',
  );
});

it('gives the reason where nothing is learned, and keeps what was learned while a run trains', () => {
  const reason = 'A run is training.';
  expect(learningLine({ ...state, phase: 'paused', reason }, 'classification')).toBe('Learning from 142 labels · A run is training.');
  expect(learningLine({ ...state, phase: 'paused', labels: 0, reason }, 'classification')).toBe('A run is training.');
  expect(learningLine({ ...state, phase: 'failed', reason: 'It died.' }, 'classification')).toBe('It died.');
});

it('says of entities that whole texts count, and which spans it cannot learn', () => {
  const heldOut = { accuracy: 0.5, low: 0.0945, high: 0.9055, examples: 2 };
  expect(learningLine({ ...state, labels: 1, spansLeftOut: 1 }, 'ner')).toBe(
    'Learning from 1 text · without 1 span inside or across another',
  );
  expect(learningLine({ ...state, heldOut }, 'ner')).toBe(
    'Learning from 142 texts · all spans right on 1 of 2 texts drawn at random: 50\u00a0% (9–91)',
  );
});

it('says what there is rather in place of a label that looks wrong', () => {
  const suspect = { id: 1, score: 0.1, given: ['A'], suggested: ['B', 'C'], probability: 0.9, givenProbability: 0.1, spans: null };
  expect(suspicion(suspect, '')).toBe('Looks wrong: rather “B” and “C”, 90\u00a0%');
  const text = 'Anna lives in Bonn';
  const [anna, bonn] = [
    { start: 0, end: 4, label: 'Person' },
    { start: 14, end: 18, label: 'Place' },
  ];
  const of = (given: Span[], suggested: Span[]) =>
    suspicion({ ...suspect, spans: { given, suggested: suggested.map((span) => ({ ...span, score: 0.8 })) } }, text);
  expect(of([{ ...bonn, label: 'Person' }, anna], [anna, bonn])).toBe('Looks wrong: rather Place “Bonn”, 80\u00a0%');
  expect(of([anna, bonn], [bonn])).toBe('Looks wrong: rather no Person “Anna”, 90\u00a0%');
});

it('says aloud what changes, not each figure', () => {
  expect(learningNews({ ...state, labels: 7 })).toBe(learningNews({ ...state, labels: 8 }));
  expect(learningNews({ ...state, phase: 'fitting' })).toBe('');
  expect(learningNews({ ...state, phase: 'failed', reason: 'It died.' })).toBe('It died.');
});
