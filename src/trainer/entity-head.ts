/** The head of a session on entities: a linear probe that tags words, and how tags follow each other, from all labeled texts. */
import { ThawError } from '../shared/errors.ts';
import { decodeChain, transitionsOf, windowed, type Decoded, type TextFeatures } from '../engine/tagging/index.ts';
import { encodeTags, IGNORED, tagsOf, type Word } from '../engine/text/index.ts';
import { fitRows, probabilitiesOf, type Probe } from '../engine/train/probe/index.ts';
import { boundedTask } from './learning-head.ts';
import type { LearningAnswerOf, TextStatus } from './learning-messages.ts';

/**
 * The penalty: with 50 to 1,000 labeled texts hardly any other is better (see docs/decisions/active-learning.md), and a choice by cross-validation would
 * take as long as some tens of labels.
 */
const STRENGTH = 0.1;
/** Texts that are decoded at a time: what the head reads of them takes some megabytes. */
const PIECE = 128;

export type Spans = NonNullable<TextStatus['spans']>;
export interface LabeledText {
  features: TextFeatures;
  spans: Spans;
}
interface Fitted {
  probe: Probe;
  /** The labels it knows. */
  classes: number[];
  tags: string[];
  transitions: Float64Array;
}

export class EntityHead {
  /** Values that are kept of a word. */
  readonly #own: number;
  #fitted: Fitted | null = null;

  constructor(own: number) {
    this.#own = own;
  }

  /** @throws unavailable before the first fit */
  #known(): Fitted {
    if (this.#fitted) return this.#fitted;
    throw new ThawError({ code: 'unavailable', message: 'There is no head yet.' });
  }

  /** Words of a label that is not among the classes are not learned from. */
  fit(texts: LabeledText[], classes: number[]): LearningAnswerOf<'fit'> {
    const began = performance.now();
    const start = this.#fitted?.classes.join() === classes.join() ? this.#fitted.probe : undefined;
    const { probe, fitted, leftOut } = this.#solve(texts, classes, start);
    this.#fitted = fitted;
    const { evaluations: passes, converged } = probe;
    return { type: 'fit', texts: texts.length, ms: performance.now() - began, passes, strength: STRENGTH, converged, leftOut };
  }

  #solve(texts: LabeledText[], classes: number[], start?: Probe) {
    const tags = tagsOf(classes.map(String));
    const indexOf = new Map(tags.map((tag, index) => [tag, index]));
    let leftOut = 0;
    const sequences = texts.map(({ features, spans }) => {
      const encoded = encodeTags(
        wordsOf(features),
        spans.map((span) => ({ ...span, label: String(span.label) })),
      );
      leftOut += encoded.leftOut;
      return Int32Array.from(encoded.tags, (tag) => indexOf.get(tag) ?? IGNORED);
    });
    const labels = Int32Array.from(sequences.flatMap((sequence) => [...sequence]));
    const features = windowed(
      texts.map((text) => text.features),
      this.#own,
    );
    const rows = { features, labels, targets: null, available: labels.length };
    const probe = fitRows(rows, boundedTask(tags.length, rows), STRENGTH, start);
    return { probe, fitted: { probe, classes, tags, transitions: transitionsOf(tags, sequences) }, leftOut };
  }

  /** In their order. @throws unavailable before the first fit */
  decode(texts: TextFeatures[]): Decoded[] {
    return this.#decoded(texts, this.#known());
  }

  #decoded(texts: TextFeatures[], { probe, tags, transitions }: Fitted): Decoded[] {
    const decoded: Decoded[] = [];
    for (let from = 0; from < texts.length; from += PIECE) {
      const some = texts.slice(from, from + PIECE);
      const probabilities = probabilitiesOf(probe, windowed(some, this.#own), false);
      let word = 0;
      for (const { ranges } of some) {
        const end = word + ranges.length / 2;
        decoded.push(decodeChain(tags, transitions, probabilities.subarray(word * tags.length, end * tags.length)));
        word = end;
      }
    }
    return decoded;
  }
}

export const wordsOf = ({ ranges }: TextFeatures): Word[] =>
  Array.from({ length: ranges.length / 2 }, (_, word): Word => [ranges[2 * word], ranges[2 * word + 1]]);
