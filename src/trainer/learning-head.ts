/** The head of a session: a linear probe on the labeled texts' embeddings, solved for again with each label, from the solution before. */
import { ThawError } from '../shared/errors.ts';
import { rowsOf } from '../engine/embed/index.ts';
import {
  chooseStrength,
  fitRows,
  outOfSample,
  stratifiedFolds,
  STRENGTHS,
  type LabeledRows,
  type Probe,
  type ProbeTask,
} from '../engine/train/probe/index.ts';
import type { LearningAnswerOf, LearningQuestionOf } from './learning-messages.ts';
import type { LearningRows } from './learning-rows.ts';

/**
 * Penalties to choose from. Of a few dozen labels cross-validation is a draw, and one that falls on a stronger penalty leaves hardly more than the
 * commonest label: see docs/decisions/active-learning.md.
 */
const MILD = STRENGTHS.filter((strength) => strength <= 1);
/** Until there is one that cross-validation has chosen. */
const FIRST_STRENGTH = 1;
/** The penalty is chosen anew when the labels are so many times those of the last choice. */
const GROWTH = 1.5;
const TUNING_FOLDS = 5;
const TUNING_SEED = 1;

interface Fitted {
  probe: Probe;
  /** The labels that its outputs are, in order. */
  classes: number[];
}
interface Selection {
  ids: number[];
  textHashes: string[];
  /** Indexes into the classes. */
  labels: number[][];
  rows: LabeledRows;
}

export class LearningHead {
  readonly #texts: LearningRows;
  readonly #several: boolean;
  #fitted: Fitted | null = null;
  #strength: number | null = null;
  /** Texts the penalty was chosen on. */
  #chosenOn = 0;
  #choosing: { steps: Generator<undefined, number>; classes: string; texts: number } | null = null;

  constructor(texts: LearningRows, several: boolean) {
    this.#texts = texts;
    this.#several = several;
  }

  /** @throws unavailable before the first fit */
  fitted(): Fitted {
    if (this.#fitted) return this.#fitted;
    throw new ThawError({ code: 'unavailable', message: 'There is no head yet.' });
  }

  fit(classes: number[]): LearningAnswerOf<'fit'> {
    const began = performance.now();
    const { rows } = this.#select(classes);
    const strength = this.#strength ?? FIRST_STRENGTH;
    const start = this.#fitted && isSame(this.#fitted.classes, classes) ? this.#fitted.probe : undefined;
    const probe = fitRows(rows, taskOf(classes), strength, start);
    this.#fitted = { probe, classes };
    return { type: 'fit', texts: rows.labels.length, ms: performance.now() - began, passes: probe.evaluations, strength };
  }

  /** One step: a fit at most. */
  tune(): LearningAnswerOf<'tune'> {
    const { classes } = this.fitted();
    // Labels that came or went since are for the next choice, other classes are another problem.
    if (this.#choosing?.classes !== classes.join()) this.#choosing = null;
    this.#choosing ??= this.#begunChoice(classes);
    if (!this.#choosing) return { type: 'tune', isDone: true, changed: false };
    const { done, value } = this.#choosing.steps.next();
    if (!done) return { type: 'tune', isDone: false, changed: false };
    const changed = value !== (this.#strength ?? FIRST_STRENGTH);
    this.#strength = value;
    this.#chosenOn = this.#choosing.texts;
    this.#choosing = null;
    return { type: 'tune', isDone: true, changed };
  }

  #begunChoice(classes: number[]) {
    const { rows, textHashes, labels } = this.#select(classes);
    const texts = rows.labels.length;
    if (texts < GROWTH * this.#chosenOn && texts > this.#chosenOn / GROWTH) return null;
    const foldOf = foldsOf(textHashes, labels, TUNING_FOLDS, TUNING_SEED);
    return { steps: chooseStrength(rows, taskOf(classes), foldOf, this.#candidates()), classes: classes.join(), texts };
  }

  /** All at first; then the one before and those beside it. */
  #candidates(): number[] {
    const at = this.#strength === null ? -1 : MILD.indexOf(this.#strength);
    return at < 0 ? MILD : MILD.slice(Math.max(0, at - 1), at + 2);
  }

  outOfSample({ folds, seed }: LearningQuestionOf<'out-of-sample'>): LearningAnswerOf<'out-of-sample'> {
    const { classes } = this.fitted();
    const { ids, rows, textHashes, labels } = this.#select(classes);
    const foldOf = foldsOf(textHashes, labels, folds, seed);
    const steps = outOfSample(rows, taskOf(classes), this.#strength ?? FIRST_STRENGTH, foldOf);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return { type: 'out-of-sample', ids, classes, probabilities: value };
    }
  }

  /** The labeled texts that the head learns: of one label those of its classes, of several all. */
  #select(classes: number[]): Selection {
    const indexOf = new Map(classes.map((label, index) => [label, index]));
    const texts = this.#texts
      .labeled()
      .map((row) => ({ ...row, known: row.labels.flatMap((label) => indexOf.get(label) ?? []) }))
      .filter(({ known }) => this.#several || known.length === 1);
    const { values, width } = this.#texts;
    const targets = new Float32Array(this.#several ? texts.length * classes.length : 0);
    if (this.#several) texts.forEach(({ known }, row) => known.forEach((index) => (targets[row * classes.length + index] = 1)));
    return {
      ids: texts.map(({ id }) => id),
      textHashes: texts.map(({ textHash }) => textHash),
      labels: texts.map(({ known }) => known),
      rows: {
        features: rowsOf(
          values,
          width,
          Uint32Array.from(texts, ({ at }) => at),
        ),
        labels: Int32Array.from(texts, ({ known }) => (this.#several ? -100 : known[0])),
        targets: this.#several ? targets : null,
        available: texts.length,
      },
    };
  }
}

const taskOf = (classes: number[]): ProbeTask => ({ classes: classes.length, classWeights: null });
const isSame = (a: number[], b: number[]): boolean => a.join() === b.join();

function foldsOf(textHashes: string[], labels: number[][], folds: number, seed: number): Int32Array {
  const rows = textHashes.map((group, at) => ({ group, classes: labels[at] }));
  return stratifiedFolds(rows, folds, seed);
}
