/** The indexes of the `count` highest values, highest first, equal ones in their order. */
export function highest(values: Float32Array, count: number): number[] {
  const indexes = Uint32Array.from(values, (_, index) => index);
  return [...indexes.sort((a, b) => values[b] - values[a] || a - b).subarray(0, count)];
}
