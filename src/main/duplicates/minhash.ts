/**
 * MinHash (Broder 1997): of each permutation of all shingles, the first that a text has. Two texts agree in a permutation with the probability of
 * their Jaccard similarity. Of each minimum 8 bits are kept (b-bit minwise hashing, Li and König 2010), 128 bytes a text.
 */
import { mulberry32 } from '../../engine/text/random.ts';

export const permutations = 128;

/** Permutations of the 32-bit numbers, h → a·h + b with odd a; the same on every machine. */
const random = mulberry32(0x7468_6177);
const factors = Int32Array.from({ length: permutations }, () => (random() * 2 ** 32) | 1);
const terms = Int32Array.from({ length: permutations }, () => random() * 2 ** 32);

/** The lowest values agree in their high bits, so the bits that are kept come from all of them. */
const kept = (minimum: number): number => Math.imul(minimum, 0x9e3779b1) >>> 24;

/** Writes the signature of a set of shingle hashes to `signature`, [128]. Four permutations at a time stay in registers, 3× as fast as one. */
export function sign(shingles: Int32Array, signature: Uint8Array): void {
  for (let index = 0; index < permutations; index += 4) {
    const [a0, a1, a2, a3] = [factors[index], factors[index + 1], factors[index + 2], factors[index + 3]];
    const [b0, b1, b2, b3] = [terms[index], terms[index + 1], terms[index + 2], terms[index + 3]];
    let [m0, m1, m2, m3] = [0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff];
    for (let at = 0; at < shingles.length; at++) {
      const shingle = shingles[at];
      const v0 = (Math.imul(a0, shingle) + b0) | 0;
      const v1 = (Math.imul(a1, shingle) + b1) | 0;
      const v2 = (Math.imul(a2, shingle) + b2) | 0;
      const v3 = (Math.imul(a3, shingle) + b3) | 0;
      if (v0 < m0) m0 = v0;
      if (v1 < m1) m1 = v1;
      if (v2 < m2) m2 = v2;
      if (v3 < m3) m3 = v3;
    }
    signature[index] = kept(m0);
    signature[index + 1] = kept(m1);
    signature[index + 2] = kept(m2);
    signature[index + 3] = kept(m3);
  }
}

/** How many of 128 positions agree in two signatures; stops once they cannot reach `least` any more. */
export function agreements(first: Uint8Array, second: Uint8Array, least: number): number {
  let equal = 0;
  for (let at = 0; at < permutations; at += 16) {
    for (let index = at; index < at + 16; index++) if (first[index] === second[index]) equal++;
    if (equal + permutations - at - 16 < least) return equal;
  }
  return equal;
}

/** The Jaccard similarity estimated from agreements: two different minima share their 8 bits once in 256. */
export const estimated = (equal: number): number => Math.max(0, (equal / permutations - 1 / 256) / (1 - 1 / 256));
