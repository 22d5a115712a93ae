/**
 * Tags of a text's words as one chain (Lafferty, McCallum and Pereira 2001): p(tags) ∝ Π p(tag | word) · t(tag | the tag before), where a tag that
 * cannot follow has t = 0, so that every answer is valid IOB2. The words' own probabilities come from a head that was fitted to each word by itself;
 * t is how much likelier a tag is after another than anywhere, by the labeled texts, to the power ½: the words' probabilities know some of it already.
 */
import { IGNORED } from '../text/index.ts';

/** Of what is likelier after a tag than anywhere. */
const POWER = 0.5;
/** Added to each count (Jeffreys 1946). */
const SMOOTHING = 0.5;

const labelOf = (tag: string): string => tag.slice(2);
const continues = (tag: string): boolean => tag.startsWith('I-');
/** Whether `tag` may follow `before`; undefined: the text's beginning. */
const mayFollow = (before: string | undefined, tag: string): boolean =>
  !continues(tag) || (before !== undefined && before !== 'O' && labelOf(before) === labelOf(tag));

/** Of each tag (row) the next: [tags, tags]. `sequences`: by text, the index of each word's tag; −100: not known. */
export function transitionsOf(tags: readonly string[], sequences: readonly Int32Array[]): Float64Array {
  const n = tags.length;
  const [pairs, singles] = [new Float64Array(n * n).fill(SMOOTHING), new Float64Array(n).fill(SMOOTHING)];
  for (const sequence of sequences)
    sequence.forEach((tag, word) => {
      if (tag === IGNORED) return;
      singles[tag]++;
      const before = word === 0 ? IGNORED : sequence[word - 1];
      if (before !== IGNORED) pairs[before * n + tag]++;
    });
  const all = singles.reduce((sum, count) => sum + count);
  return pairs.map((count, at) => {
    const [before, tag] = [Math.floor(at / n), at % n];
    if (!mayFollow(tags[before], tags[tag])) return 0;
    const row = pairs.subarray(before * n, (before + 1) * n);
    const possible = row.reduce((sum, other, next) => sum + (mayFollow(tags[before], tags[next]) ? other : 0), 0);
    return (count / possible / (singles[tag] / all)) ** POWER;
  });
}

export interface FoundSpan {
  /** Words, both included. */
  first: number;
  last: number;
  label: string;
  /** That there is this span, neither longer nor shorter, under this label. */
  probability: number;
}
export interface Decoded {
  /** Of the likeliest tags (Viterbi 1967), in order. */
  spans: FoundSpan[];
  /** The probability of its likeliest tag, of the word where it is lowest: 1 where there is no word. */
  leastSure: number;
  /** Of each word's tags, with those of all others: [words, tags]. */
  marginals: Float32Array;
}

/** `probabilities`: of each word's tags by itself, [words, tags]. */
export function decodeChain(tags: readonly string[], transitions: Float64Array, probabilities: Float32Array): Decoded {
  const n = tags.length;
  const words = probabilities.length / n;
  if (words === 0) return { spans: [], leastSure: 1, marginals: new Float32Array(0) };
  const chain: Chain = { tags, transitions, probabilities, words };
  const passed = bothWays(chain);
  const path = likeliestPath(chain);
  const marginals = Float32Array.from(passed.forward, (forward, at) => forward * passed.backward[at]);
  let leastSure = 1;
  for (let word = 0; word < words; word++) leastSure = Math.min(leastSure, Math.max(...marginals.subarray(word * n, (word + 1) * n)));
  const spans = spansIn(path, tags).map((span) => ({ ...span, probability: spanProbability(chain, passed, span, path) }));
  return { spans, leastSure, marginals };
}

interface Chain {
  tags: readonly string[];
  transitions: Float64Array;
  probabilities: Float32Array;
  words: number;
}
/** Scaled so that forward · backward is a tag's probability (Rabiner 1989, section V A). */
interface BothWays {
  forward: Float64Array;
  backward: Float64Array;
  scales: Float64Array;
}

function bothWays({ tags, transitions, probabilities, words }: Chain): BothWays {
  const n = tags.length;
  const [forward, backward, scales] = [new Float64Array(words * n), new Float64Array(words * n), new Float64Array(words)];
  for (let word = 0; word < words; word++) {
    for (let tag = 0; tag < n; tag++) {
      let sum = 0;
      if (word === 0) sum = Number(mayFollow(undefined, tags[tag]));
      else for (let before = 0; before < n; before++) sum += forward[(word - 1) * n + before] * transitions[before * n + tag];
      scales[word] += forward[word * n + tag] = sum * probabilities[word * n + tag];
    }
    for (let tag = 0; tag < n; tag++) forward[word * n + tag] /= scales[word];
  }
  backward.fill(1, (words - 1) * n);
  for (let word = words - 2; word >= 0; word--)
    for (let tag = 0; tag < n; tag++)
      for (let next = 0; next < n; next++)
        backward[word * n + tag] +=
          stepTo({ transitions, probabilities }, n, word + 1, tag, next, scales) * backward[(word + 1) * n + next];
  return { forward, backward, scales };
}
/** From `before` to `tag` at a word. */
const stepTo = (
  { transitions, probabilities }: Pick<Chain, 'transitions' | 'probabilities'>,
  n: number,
  word: number,
  before: number,
  tag: number,
  scales: Float64Array,
): number => (transitions[before * n + tag] * probabilities[word * n + tag]) / scales[word];

function likeliestPath({ tags, transitions, probabilities, words }: Chain): number[] {
  const n = tags.length;
  const from = new Int32Array(words * n);
  let scores = Float64Array.from(tags, (tag, at) => (mayFollow(undefined, tag) ? Math.log(probabilities[at]) : -Infinity));
  for (let word = 1; word < words; word++) {
    const next = new Float64Array(n).fill(-Infinity);
    for (let tag = 0; tag < n; tag++)
      for (let before = 0; before < n; before++) {
        const score = scores[before] + Math.log(transitions[before * n + tag]) + Math.log(probabilities[word * n + tag]);
        if (score > next[tag]) [next[tag], from[word * n + tag]] = [score, before];
      }
    scores = next;
  }
  const path = [scores.indexOf(Math.max(...scores))];
  for (let word = words - 1; word > 0; word--) path.unshift(from[word * n + path[0]]);
  return path;
}

function spansIn(path: number[], tags: readonly string[]): Omit<FoundSpan, 'probability'>[] {
  const spans: Omit<FoundSpan, 'probability'>[] = [];
  path.forEach((tag, word) => {
    if (tags[tag] === 'O') return;
    if (continues(tags[tag])) spans[spans.length - 1].last = word;
    else spans.push({ first: word, last: word, label: labelOf(tags[tag]) });
  });
  return spans;
}

function spanProbability(
  chain: Chain,
  { forward, backward, scales }: BothWays,
  { first, last, label }: Omit<FoundSpan, 'probability'>,
  path: number[],
): number {
  const n = chain.tags.length;
  const inside = chain.tags.indexOf(`I-${label}`);
  let probability = forward[first * n + path[first]];
  for (let word = first + 1; word <= last; word++) probability *= stepTo(chain, n, word, path[word - 1], path[word], scales);
  const end = path[last];
  const longer = last + 1 < chain.words ? stepTo(chain, n, last + 1, end, inside, scales) * backward[(last + 1) * n + inside] : 0;
  return Math.min(1, Math.max(0, probability * (backward[last * n + end] - longer)));
}
