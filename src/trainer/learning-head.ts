/** The head of a session: a linear probe on the labeled texts' embeddings, solved for again with each label, from the solution before. */
import { ThawError } from '../shared/errors.ts';
import { rowsOf } from '../engine/embed/index.ts';
import {
  chooseStrength,
  fitRows,
  outOfSample,
  someRows,
  stratifiedFolds,
  STRENGTHS,
  type FoldedRow,
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
const MILD = STRENGTHS.filter((strength) => strength <= 1 && strength >= 1e-3);
/** Until there is one that cross-validation has chosen. */
const FIRST_STRENGTH = 1;
/** The penalty is chosen anew when the labels are so many times those of the last choice. */
const GROWTH = 1.5;
const TUNING_FOLDS = 5;
const TUNING_SEED = 1;
/** Values times classes of the rows that penalties are compared on, and at least so many rows a class. */
const TUNING_VALUES = 2 ** 22;
const TUNING_ROWS = 4;
/** Share of the objective that may still be gained: it changes no answer. */
const TOLERANCE = 1e-5;
/** Values times classes that a fit passes over, of all its passes: some tenths of a second. */
const FIT_VALUES = 2e8;

interface Fitted {
  probe: Probe;
  /** The labels that its outputs are, in order. */
  classes: number[];
}
/** What a head is fitted to. */
export interface Selection {
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

  get strength(): number {
    return this.#strength ?? FIRST_STRENGTH;
  }

  /** @throws unavailable before the first fit */
  fitted(): Fitted {
    if (this.#fitted) return this.#fitted;
    throw new ThawError({ code: 'unavailable', message: 'There is no head yet.' });
  }

  fit(classes: number[]): LearningAnswerOf<'fit'> {
    const began = performance.now();
    const { rows } = this.select(classes);
    const { strength } = this;
    const start = this.#fitted && isSame(this.#fitted.classes, classes) ? this.#fitted.probe : undefined;
    const probe = fitRows(rows, boundedTask(classes.length, rows), strength, start);
    this.#fitted = { probe, classes };
    const { evaluations: passes, converged } = probe;
    return { type: 'fit', texts: rows.labels.length, ms: performance.now() - began, passes, strength, converged };
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
    const changed = value !== this.strength;
    this.#strength = value;
    this.#chosenOn = this.#choosing.texts;
    this.#choosing = null;
    return { type: 'tune', isDone: true, changed };
  }

  #begunChoice(classes: number[]) {
    const all = this.select(classes);
    const texts = all.rows.labels.length;
    if (texts < GROWTH * this.#chosenOn && texts > this.#chosenOn / GROWTH) return null;
    const most = Math.max(TUNING_VALUES / classes.length, TUNING_ROWS * classes.length * this.#texts.width);
    const { rows, textHashes, labels } = thinned(all, most);
    const foldOf = stratifiedFolds(foldedRows({ textHashes, labels }), TUNING_FOLDS, TUNING_SEED);
    return { steps: chooseStrength(rows, boundedTask(classes.length, rows), foldOf, this.#candidates()), classes: classes.join(), texts };
  }

  /** All at first; then the one before and those beside it. */
  #candidates(): number[] {
    const at = this.#strength === null ? -1 : MILD.indexOf(this.#strength);
    return at < 0 ? MILD : MILD.slice(Math.max(0, at - 1), at + 2);
  }

  outOfSample({ folds, seed }: LearningQuestionOf<'out-of-sample'>): LearningAnswerOf<'out-of-sample'> {
    const { classes } = this.fitted();
    const { ids, rows, textHashes, labels } = this.select(classes);
    const foldOf = stratifiedFolds(foldedRows({ textHashes, labels }), folds, seed);
    // Asked for once, not with each label: these are solved to the end.
    const task = { ...boundedTask(classes.length, rows), maxIterations: undefined };
    const steps = outOfSample(rows, task, this.strength, foldOf);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return { type: 'out-of-sample', ids, classes, probabilities: value };
    }
  }

  /** The labeled texts that the head learns: of one label those of its classes, of several all. */
  select(classes: number[]): Selection {
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

/** A fit that ends after some tenths of a second, solved or not. */
export const boundedTask = (classes: number, { features }: LabeledRows): ProbeTask => ({
  classes,
  classWeights: null,
  tolerance: TOLERANCE,
  maxIterations: Math.max(1, Math.floor(FIT_VALUES / (features.length * classes))),
});

/** Evenly spaced texts, where they are more than so many values. */
function thinned(all: Selection, most: number): Selection {
  const stride = Math.ceil(all.rows.features.length / most);
  const kept = [...all.ids.keys()].filter((at) => at % stride === 0);
  const of = <T>(values: T[]) => kept.map((at) => values[at]);
  return stride <= 1 ? all : { ids: of(all.ids), textHashes: of(all.textHashes), labels: of(all.labels), rows: someRows(all.rows, kept) };
}
const isSame = (a: number[], b: number[]): boolean => a.join() === b.join();

/** Identical texts are of one group. */
export const foldedRows = ({ textHashes, labels }: Pick<Selection, 'textHashes' | 'labels'>): FoldedRow[] =>
  textHashes.map((group, at) => ({ group, classes: labels[at] }));
