/** Probabilities of each row of `logits` ([rows × classes]), computed stably: the largest logit of a row is taken off first. */
export function softmax(logits: Float32Array, classes: number): Float32Array<ArrayBuffer> {
  const probabilities = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const largest = row.reduce((best, value) => Math.max(best, value), -Infinity);
    const exponentials = Float64Array.from(row, (value) => Math.exp(value - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    exponentials.forEach((value, index) => (probabilities[from + index] = value / sum));
  }
  return probabilities;
}

/** The probability of a yes whose logit this is; its exponential never overflows. */
export function sigmoid(logit: number): number {
  const exponential = Math.exp(-Math.abs(logit));
  return logit >= 0 ? 1 / (1 + exponential) : exponential / (1 + exponential);
}
