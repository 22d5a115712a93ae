export { fitBinaryProbes, fitProbe, type FittedProbe, type Probe, type ProbeOptions } from './fit.ts';
export { chooseStrength, outOfSample, probabilitiesOf } from './cross-validation.ts';
export { stratifiedFolds, type FoldedRow } from './folds.ts';
export { growingAnswers, type GrowingAnswers, type GrowingPlan } from './growing.ts';
export { someRows, type LabeledRows } from './labeled-rows.ts';
export { meanOf, scatterOf } from './rows.ts';
export { fitRows, STRENGTHS, type ProbeTask } from './strength.ts';
