/** Why a queue cannot be had, in sentences. */
import { labelsToBegin } from '../../../shared/learning.ts';
import { ThawError } from '../../../shared/errors.ts';
import type { Course } from './course.ts';

/** @throws unavailable, saying what is waited for */
export function requireHead(course: Course): void {
  if (course.head) return;
  const { missing, reason } = course.state(false);
  const seldom = missing.map(({ label, count }) => `“${label}” (${count})`).join(', ');
  throw new ThawError({
    code: 'unavailable',
    message: reason ?? (seldom ? `Labels with too few training texts to learn from: ${seldom}.` : 'Nothing has been learned yet.'),
    remedy: seldom ? `Give each at least ${labelsToBegin}, or label at random meanwhile.` : 'Label at random meanwhile.',
  });
}

export const notOfEntities = (): ThawError =>
  new ThawError({
    code: 'unavailable',
    message: 'For entities there is no such queue.',
    remedy: 'Take the texts that are the most uncertain, or label at random.',
  });

export const noPredictions = (): ThawError =>
  new ThawError({
    code: 'unavailable',
    message: 'No run has predicted texts that wait to be labeled.',
    remedy: 'Train a run and let it predict the unlabeled texts, or label at random.',
  });
