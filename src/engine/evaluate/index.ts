export { compareRuns, isRight, type ComparedExample, type ComparisonRequest } from './compare.ts';
export { classificationMetrics, entityMetrics, likeliest } from './metrics.ts';
export { approximateRandomisation, mcnemarExact, pairedBootstrap } from './significance.ts';
export { softmax } from './softmax.ts';
