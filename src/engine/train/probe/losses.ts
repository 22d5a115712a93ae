/** What a row's scores cost, and what its derivatives are. */
export interface Loss {
  /** The loss of a row, whose scores begin at `at`; they are replaced by its derivatives by them. */
  differentiate(scores: Float64Array, at: number, row: number): number;
  /** The second derivative of a row's loss by a score, where all scores are 0. */
  variance: number;
  /** Sum of the rows' weights. */
  weight: number;
}

/** Cross-entropy over `classes`; a label outside [0, classes) counts nothing. */
export function softmaxLoss(labels: Int32Array, classes: number, classWeights: readonly number[] | null): Loss {
  const weightOf = (label: number) => (label < 0 || label >= classes ? 0 : (classWeights?.[label] ?? 1));
  function differentiate(scores: Float64Array, at: number, row: number): number {
    const label = labels[row];
    const weight = weightOf(label);
    if (weight === 0) return (scores.fill(0, at, at + classes), 0);
    let largest = scores[at];
    for (let c = 1; c < classes; c++) largest = Math.max(largest, scores[at + c]);
    const logit = scores[at + label];
    let total = 0;
    for (let c = 0; c < classes; c++) total += scores[at + c] = Math.exp(scores[at + c] - largest);
    for (let c = 0; c < classes; c++) scores[at + c] *= weight / total;
    scores[at + label] -= weight;
    return weight * (Math.log(total) + largest - logit);
  }
  const weight = labels.reduce((sum, label) => sum + weightOf(label), 0);
  return { differentiate, variance: (classes - 1) / classes ** 2, weight };
}

/** Binary cross-entropy of each cell. `targets`: [rows, outputs], 0 or 1; `cellWeights` likewise, null: 1. */
export function sigmoidLoss(targets: Float32Array, outputs: number, cellWeights: Float32Array | null): Loss {
  const weightOf = (cell: number) => cellWeights?.[cell] ?? 1;
  function differentiate(scores: Float64Array, at: number, row: number): number {
    let loss = 0;
    for (let c = 0; c < outputs; c++) {
      const cell = row * outputs + c;
      const [score, weight] = [scores[at + c], weightOf(cell)];
      // log(1 + e^s) − t·s, without overflow; a cell that counts nothing may have any target.
      if (weight > 0) loss += weight * (Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - targets[cell] * score);
      scores[at + c] = weight > 0 ? weight * (1 / (1 + Math.exp(-score)) - targets[cell]) : 0;
    }
    return loss;
  }
  const weight = cellWeights?.reduce((sum, cell) => sum + cell, 0) ?? targets.length;
  return { differentiate, variance: 1 / 4, weight: weight / outputs };
}
