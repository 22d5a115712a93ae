import { expect, it } from 'vitest';
import type { LearningState } from '../../../shared/learning.ts';
import { learningLine, learningNews } from './learning-words.ts';

const state: LearningState = {
  phase: 'ready',
  missing: [],
  embedded: { done: 400, total: 400 },
  leftOut: 0,
  labels: 142,
  fitMs: 8,
  heldOut: null,
  reason: null,
};

it('says what the head learns from, and how often it was right, with the interval', () => {
  expect(learningLine(state)).toBe('Learning from 142 labels');
  const heldOut = { accuracy: 31 / 38, low: 0.6658, high: 0.908, examples: 38 };
  expect(learningLine({ ...state, heldOut })).toBe('Learning from 142 labels · right on 31 of 38 texts drawn at random: 82\u00a0% (67–91)');
  expect(learningLine({ ...state, embedded: { done: 399, total: 400 } })).toBe('Learning from 142 labels · reading the texts, 99\u00a0%');
});

it('says what is missing, label by label, and no more than three of them', () => {
  const missing = ['Billing', 'Delivery', 'Account', 'Feedback'].map((label, at) => ({ label, count: at + 1 }));
  const waiting = { ...state, phase: 'waiting' as const, labels: 0 };
  expect(learningLine({ ...waiting, missing: missing.slice(0, 1) })).toBe('Needs 4 more of Billing to begin');
  expect(learningLine({ ...waiting, missing })).toBe(
    'Needs 4 more of Billing, 3 more of Delivery, 2 more of Account, and some of 1 other label to begin',
  );
  expect(learningLine({ ...waiting, reason: 'There is nothing to tell apart yet.' })).toBe('There is nothing to tell apart yet.');
});

it('gives the reason where nothing is learned, and keeps what was learned while a run trains', () => {
  const reason = 'A run is training.';
  expect(learningLine({ ...state, phase: 'paused', reason })).toBe('Learning from 142 labels · A run is training.');
  expect(learningLine({ ...state, phase: 'paused', labels: 0, reason })).toBe('A run is training.');
  expect(learningLine({ ...state, phase: 'failed', reason: 'It died.' })).toBe('It died.');
});

it('says aloud what changes, not each figure', () => {
  expect(learningNews({ ...state, labels: 7 })).toBe(learningNews({ ...state, labels: 8 }));
  expect(learningNews({ ...state, phase: 'fitting' })).toBe('');
  expect(learningNews({ ...state, phase: 'failed', reason: 'It died.' })).toBe('It died.');
});
