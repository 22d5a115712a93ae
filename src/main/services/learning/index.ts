export { Learner, type LearnerOptions } from './learner.ts';
export { outOfSampleOf, type LabeledOutOfSample } from './out-of-sample.ts';
export { queueOf } from './queue.ts';
export { suggestionOf } from './suggestion.ts';
export { suspectsOf } from './suspects.ts';
