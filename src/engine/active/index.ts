/** Active learning: which unlabeled texts to label next. Pure functions of probabilities and embeddings. */
export { disagreement, entropies, margins, type Kind } from './uncertainty.ts';
export { centralPoint, kCenterGreedy, type Chosen, type Points } from './k-center.ts';
export { mixAtRandom, type Mixed } from './mix.ts';
export { highest } from './highest.ts';
export { learningCurve, marginStrata, measureOf, type CurveMaterial, type LearningCurve } from './learning-curve.ts';
