export { compareRuns, isRight, type ComparedExample, type ComparisonRequest } from './compare.ts';
export { classificationMetrics, entityMetrics, likeliest, multiLabelMetrics } from './metrics.ts';
export { approximateRandomisation, mcnemarExact, pairedBootstrap } from './significance.ts';
export { sigmoid, softmax } from './softmax.ts';
export { tuneThresholds } from './thresholds.ts';
