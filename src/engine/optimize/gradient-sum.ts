/** Sums of gradients over the micro-batches of a step: one more buffer of their size, however many micro-batches there are. */

export class GradientSum {
  private readonly gradients: Float32Array[];
  private readonly sums: Float32Array[];

  /** `gradients`: where each micro-batch leaves its own. */
  constructor(gradients: Float32Array[]) {
    this.gradients = gradients;
    this.sums = gradients.map(({ length }) => new Float32Array(length));
  }
  /** Takes up the gradients of a micro-batch that is not the last. */
  add(): void {
    this.sums.forEach((sum, at) => addTo(sum, this.gradients[at]));
  }
  /** Puts the sums in place of the last micro-batch's gradients, and begins anew. Gives the sum of their squares. */
  finish(): number {
    return this.gradients.reduce((squares, gradient, at) => {
      addTo(gradient, this.sums[at]);
      this.sums[at].fill(0);
      return squares + squaresOf(gradient);
    }, 0);
  }
}
function addTo(target: Float32Array, values: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] += values[i];
}
function squaresOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
