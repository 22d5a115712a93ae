export { learningCurveOf } from './curve.ts';
export { Learner, type LearnerOptions } from './learner.ts';
export { outOfSampleOf, type LabeledOutOfSample } from './out-of-sample.ts';
export { queueOf } from './queue.ts';
export { suggestedFor, suggestionOf } from './suggestion.ts';
export { suspectsOf } from './suspects.ts';
