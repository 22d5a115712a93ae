/** The learning curve of a project, for whoever waits for it. */
import { curveMissing } from '../../../shared/curve-words.ts';
import type { LearningCurve } from '../../../shared/learning.ts';
import { ThawError } from '../../../shared/errors.ts';
import type { Learner } from './learner.ts';
import { requireHead } from './refusals.ts';

/** Of the labels there are now. @throws unavailable, saying what is waited for */
export async function learningCurveOf(learner: Learner): Promise<LearningCurve> {
  const leaving = new AbortController();
  try {
    for await (const state of learner.watch(leaving.signal)) {
      if (state.phase === 'failed') throw new ThawError({ code: 'unavailable', message: state.reason ?? '' });
      if (state.labels > 0 && state.curveFrom === 0) throw noCurve();
      const missing = curveMissing(state);
      if (missing) throw new ThawError({ code: 'unavailable', message: `${missing}.` });
      if (state.curve) return state.curve;
      if (state.labels === 0) await learner.ask((course) => Promise.resolve(requireHead(course)), true);
    }
  } finally {
    leaving.abort();
  }
  throw new ThawError({ code: 'cancelled', message: 'The project was closed.' });
}

const noCurve = () => new ThawError({ code: 'unavailable', message: 'Entities have no learning curve.' });
