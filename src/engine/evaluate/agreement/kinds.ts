/** Texts that were answered alike are one kind: whatever is computed of them, and drawn of them, only counts kinds. */
import { mulberry32 } from '../../text/random.ts';
import { percentile } from '../significance.ts';

/** Samples of an interval: fewer of very many texts, of which each takes longer and tells more. */
const drawsOf = (texts: number) => Math.max(200, Math.min(1000, Math.floor(10_000_000 / Math.max(1, texts))));

export interface Kinds<T> {
  kinds: T[];
  /** By text. */
  kindOf: Uint32Array;
}

/** `key`: equal for texts that count alike. */
export function kindsOf<T>(texts: T[], key: (text: T) => string): Kinds<T> {
  const places = new Map<string, number>();
  const kinds: T[] = [];
  const kindOf = Uint32Array.from(texts, (text) => {
    const known = places.get(key(text));
    if (known !== undefined) return known;
    places.set(key(text), kinds.length);
    return kinds.push(text) - 1;
  });
  return { kinds, kindOf };
}

/** A figure of texts, given how many there are of each kind; NaN where it is not defined. */
export type Statistic = (counts: Uint32Array) => number;

export interface Estimate {
  /** Null where the texts leave it undefined. */
  value: number | null;
  /** 95 %; null where it is undefined in more than half of the samples. */
  interval: [low: number, high: number] | null;
}

/** The figure, and its percentile bootstrap interval over samples of the texts with replacement. The same seed gives the same. */
export function estimate(
  { kinds, kindOf }: Kinds<unknown>,
  statistic: Statistic,
  { draws = drawsOf(kindOf.length), seed = 1 } = {},
): Estimate {
  const counts = new Uint32Array(kinds.length);
  for (const kind of kindOf) counts[kind]++;
  const value = statistic(counts);
  if (Number.isNaN(value)) return { value: null, interval: null };
  const random = mulberry32(seed);
  const drawn: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (let text = 0; text < kindOf.length; text++) counts[kindOf[Math.floor(random() * kindOf.length)]]++;
    const sample = statistic(counts);
    if (!Number.isNaN(sample)) drawn.push(sample);
  }
  const sorted = Float64Array.from(drawn).sort();
  return { value, interval: 2 * sorted.length > draws ? [percentile(sorted, 0.025), percentile(sorted, 0.975)] : null };
}
