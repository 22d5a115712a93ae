import type { Batch, HeadKind } from '../../src/engine/index.ts';

/** A batch of made-up tokens for the tiny fixtures (900 tokens; 0 to 4 are special): another length for each `seed`, with padding. */
export function syntheticBatch(head: HeadKind, seed: number, padId = 0): Batch {
  const shape: [number, number] = [4, 6 + seed];
  const [batch, length] = shape;
  const real = (i: number) => i % length < length - (Math.floor(i / length) % 3);
  const ids = Int32Array.from({ length: batch * length }, (_, i) => (real(i) ? 5 + ((i * 37 + seed * 11) % 890) : padId));
  const mask = Float32Array.from(ids, (_, i) => (real(i) ? 1 : 0));
  const labels =
    head === 'token'
      ? Int32Array.from(ids, (_, i) => (real(i) ? i % 3 : -100))
      : Int32Array.from({ length: batch }, (_, i) => (i + seed) % 3);
  return { shape, ids, mask, labels };
}
