/** A text as the set of its character 5-grams: what near-duplicates are measured on. */

export const shingleLength = 5;

/** What does not count: case, the form of accents, and which white space stands where. */
export const comparable = (text: string): string => text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();

/** MurmurHash3's finalizer (Austin Appleby, public domain): every bit of the result depends on every bit given. */
function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/**
 * The set of hashes (32 bits, signed) of the text's 5-grams of UTF-16 units, in order of their value, each once. A text that is shorter is one
 * shingle itself.
 */
export function shinglesOf(text: string): Int32Array {
  const units = comparable(text);
  const count = Math.max(1, units.length - shingleLength + 1);
  const hashes = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    let hash = 0x9e3779b1;
    const end = Math.min(at + shingleLength, units.length);
    for (let unit = at; unit < end; unit++) hash = Math.imul(hash ^ units.charCodeAt(unit), 0x01000193) ^ (hash >>> 15);
    hashes[at] = mixed(hash);
  }
  hashes.sort();
  let kept = 1;
  for (let at = 1; at < count; at++) if (hashes[at] !== hashes[kept - 1]) hashes[kept++] = hashes[at];
  return hashes.subarray(0, kept);
}

/** Jaccard similarity |a ∩ b| / |a ∪ b| of two sets as `shinglesOf` gives them. */
export function jaccard(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i] < b[j]) i++;
    else j++;
  }
  return shared / (a.length + b.length - shared);
}
