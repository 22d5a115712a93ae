/** Figures of several runs. */

export const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a sample: divided by n − 1. 0 for one value. */
export const deviation = (values: number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / Math.max(1, values.length - 1));
