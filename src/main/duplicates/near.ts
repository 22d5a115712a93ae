/**
 * Near-duplicates: texts whose sets of character 5-grams have a Jaccard similarity of 0.8 or more. Locality-sensitive hashing finds candidates (texts
 * that agree in all 6 positions of one of 21 bands of their MinHash signatures: 99.8 % of pairs at 0.8, more above); the signature's estimate
 * throws out the most unlike, and what remains is measured exactly.
 */
import { agreements, permutations, sign } from './minhash.ts';
import { jaccard, shinglesOf } from './shingles.ts';
import { DisjointSets } from './union.ts';

/** Jaccard similarity of character 5-grams from which two texts are near-duplicates. */
export const nearThreshold = 0.8;

const bands = 21;
const bandLength = 6;
/** 1 MB. */
const chunkRows = 8192;
/** Agreements of 128 under which a pair is not measured: 0.8 less three standard deviations of the estimate. */
const leastAgreements = Math.floor((nearThreshold - 3 * Math.sqrt((nearThreshold * (1 - nearThreshold)) / permutations)) * permutations);
/** A text is compared with so many others of one band in vain before the band gives up on it. */
const patience = 128;

export interface NearGroups {
  /** By text: the lowest index of its group, which is its own where it has no near-duplicate. Chains of near-duplicates are one group. */
  groups: Uint32Array;
  /** Texts that shared a band with too many others to be compared with them all. */
  hurried: number;
}

/** Signatures of texts, 128 bytes each; the texts stay with whoever has them. */
export class NearDuplicates {
  private readonly signatures = new Signatures();

  add(text: string): void {
    sign(shinglesOf(text), this.signatures.add());
  }

  /** `textOf`: the text that was added at an index, from 0. `progress` is called with the share done. */
  groups(textOf: (index: number) => string, progress: (share: number) => void = () => {}): NearGroups {
    const { count } = this.signatures;
    const search = new Search(this.signatures, textOf);
    for (let band = 0; band < bands; band++) {
      search.band(band);
      progress((band + 1) / bands);
    }
    return { groups: Uint32Array.from({ length: count }, (_, index) => search.sets.find(index)), hurried: search.hurried.size };
  }
}

/** Signatures in chunks: an array that grows would for a moment be there twice. */
class Signatures {
  count = 0;
  private readonly chunks: Uint8Array[] = [];

  /** Room for one more. */
  add(): Uint8Array {
    if (this.count % chunkRows === 0) this.chunks.push(new Uint8Array(chunkRows * permutations));
    return this.at(this.count++);
  }

  at(index: number): Uint8Array {
    const start = (index % chunkRows) * permutations;
    return this.chunks[Math.floor(index / chunkRows)].subarray(start, start + permutations);
  }
}

class Search {
  readonly sets: DisjointSets;
  readonly hurried = new Set<number>();
  private readonly signatures: Signatures;
  private readonly textOf: (index: number) => string;
  /** A band's hash in the high half and the text in the low one, so that sorting puts equal bands side by side. */
  private readonly keys: BigUint64Array;
  private readonly halves: Uint32Array;
  /** By place in `keys`: where the texts before it that are next to each other and of one group begin. */
  private readonly runs: Uint32Array;
  private known: { index: number; shingles: Int32Array } = { index: -1, shingles: new Int32Array() };

  constructor(signatures: Signatures, textOf: (index: number) => string) {
    const { count } = signatures;
    this.signatures = signatures;
    this.textOf = textOf;
    this.sets = new DisjointSets(count);
    this.keys = new BigUint64Array(count);
    this.halves = new Uint32Array(this.keys.buffer);
    this.runs = new Uint32Array(count);
  }

  band(band: number): void {
    const { keys, halves } = this;
    const { count } = this.signatures;
    for (let index = 0; index < count; index++) {
      halves[2 * index] = index;
      halves[2 * index + 1] = bandHash(this.signatures.at(index), band);
    }
    keys.sort();
    for (let from = 0; from < count;) {
      let to = from + 1;
      while (to < count && halves[2 * to + 1] === halves[2 * from + 1]) to++;
      if (to > from + 1) this.bucket(from, to);
      from = to;
    }
  }

  /** Joins each text to the groups of those before it that it is near to; the latest come first. */
  private bucket(from: number, to: number): void {
    const { halves, runs, sets } = this;
    runs[from] = from;
    for (let at = from + 1; at < to; at++) {
      this.joinBefore(at, from);
      runs[at] = sets.find(halves[2 * at]) === sets.find(halves[2 * at - 2]) ? runs[at - 1] : at;
    }
  }

  private joinBefore(at: number, from: number): void {
    const { halves, runs, sets } = this;
    const text = halves[2 * at];
    let vain = 0;
    for (let other = at - 1; other >= from; other--) {
      const before = halves[2 * other];
      const isKnown = sets.find(before) === sets.find(text);
      if (!isKnown && this.isNear(text, before)) sets.join(text, before);
      else if (!isKnown && ++vain >= patience) {
        if (other > from) this.hurried.add(text);
        return;
      }
      // The rest of a run is of the same group.
      if (sets.find(before) === sets.find(text)) other = runs[other];
    }
  }

  private isNear(a: number, b: number): boolean {
    if (agreements(this.signatures.at(a), this.signatures.at(b), leastAgreements) < leastAgreements) return false;
    if (this.known.index !== a) this.known = { index: a, shingles: shinglesOf(this.textOf(a)) };
    return jaccard(this.known.shingles, shinglesOf(this.textOf(b))) >= nearThreshold;
  }
}

function bandHash(signature: Uint8Array, band: number): number {
  let hash = 0x811c9dc5;
  for (let at = band * bandLength; at < (band + 1) * bandLength; at++) hash = Math.imul(hash ^ signature[at], 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
}
