/** The head of a session on entities: a linear probe that tags words, and how tags follow each other, from all labeled texts. */
import { ThawError } from '../shared/errors.ts';
import { decodeChain, transitionsOf, windowed, type Decoded, type TextFeatures } from '../engine/tagging/index.ts';
import { tagsOf } from '../engine/text/index.ts';
import { fitRows, probabilitiesOf, type Probe } from '../engine/train/probe/index.ts';
import { doubtsOf } from './entity-doubts.ts';
import { givenTags, isWhole, type LabeledText } from './entity-texts.ts';
import { boundedTask } from './learning-head.ts';
import type { LearningAnswerOf } from './learning-messages.ts';

/**
 * The penalty: with 50 to 1,000 labeled texts hardly any other is better (see docs/decisions/active-learning.md), and a choice by cross-validation would
 * take as long as some tens of labels.
 */
const STRENGTH = 0.1;
/** Texts that are decoded at a time: what the head reads of them takes some megabytes. */
const PIECE = 128;

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
    const given = texts.map((text) => givenTags(text, tags));
    const sequences = given.map(({ sequence }) => sequence);
    const labels = Int32Array.from(sequences.flatMap((sequence) => [...sequence]));
    const features = windowed(
      texts.map((text) => text.features),
      this.#own,
    );
    const rows = { features, labels, targets: null, available: labels.length };
    const probe = fitRows(rows, boundedTask(tags.length, rows), STRENGTH, start);
    const leftOut = given.reduce((sum, own) => sum + own.leftOut, 0);
    return { probe, fitted: { probe, classes, tags, transitions: transitionsOf(tags, sequences) }, leftOut };
  }

  /** Texts whose spans heads of the other folds speak against. @throws unavailable before the first fit */
  doubts(texts: (LabeledText & { id: number })[], foldOf: Int32Array): LearningAnswerOf<'doubts'> {
    const { classes, tags } = this.#known();
    const given = texts.map((text) => givenTags(text, tags));
    const decoded: Decoded[] = new Array(texts.length);
    for (let fold = 0; fold <= Math.max(...foldOf); fold++) {
      const { fitted } = this.#solve(
        texts.filter((_, at) => foldOf[at] !== fold),
        classes,
      );
      const held = [...texts.keys()].filter((at) => foldOf[at] === fold);
      const features = held.map((at) => texts[at].features);
      this.#decoded(features, fitted).forEach((own, at) => (decoded[held[at]] = own));
    }
    const places = [...texts.keys()].filter((at) => isWhole(texts[at], given[at]));
    const doubts = doubtsOf(
      places.map((at) => ({ ...texts[at], ...given[at], decoded: decoded[at] })),
      tags,
    );
    return { type: 'doubts', outOf: places.length, doubts };
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
