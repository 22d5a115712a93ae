/** The learning curve of a session's head: worked out in short steps, and anew when there are a tenth more labels. */
import { learningCurve, marginStrata, measureOf, type LearningCurve } from '../engine/active/index.ts';
import { rowsOf } from '../engine/embed/index.ts';
import { growingAnswers, type GrowingPlan } from '../engine/train/probe/index.ts';
import { labelsForCurve } from '../shared/learning.ts';
import { boundedTask, foldedRows, type LearningHead } from './learning-head.ts';
import type { LearningAnswerOf } from './learning-messages.ts';
import type { LearningRows } from './learning-rows.ts';

const GROWTH = 1.1;
const FOLDS = 5;
const SIZES = 6;
/** Of the smallest size: that many labels, and of each class. */
const [LEAST, LEAST_EACH] = [16, 3];
/** Below so many labels the texts are parted twice, since what is drawn matters more. */
const DRAWN_TWICE = 1000;
/** Unlabeled texts that are looked at, evenly spaced; of fewer than the least nothing is said. */
const [LEAST_POOL, MOST_POOL] = [100, 2000];
/** After so long a step ends. */
const STEP_MS = 50;

interface Work {
  steps: Generator<undefined, LearningCurve>;
  classes: string;
  labels: number;
}

export class LearningCurveWork {
  readonly #texts: LearningRows;
  readonly #head: LearningHead;
  readonly #several: boolean;
  #work: Work | null = null;
  /** What the last one was of. */
  #done: Omit<Work, 'steps'> | null = null;

  constructor(texts: LearningRows, head: LearningHead, several: boolean) {
    this.#texts = texts;
    this.#head = head;
    this.#several = several;
  }

  /** Some fits at most; labels that come meanwhile are for the next curve. @throws unavailable before the first fit */
  advance(): LearningAnswerOf<'curve'> {
    const { classes } = this.#head.fitted();
    if (this.#work?.classes !== classes.join()) this.#work = null;
    this.#work ??= this.#begun(classes);
    if (!this.#work) return { type: 'curve', isDone: true, curve: null };
    const began = performance.now();
    while (performance.now() - began < STEP_MS) {
      const { done, value } = this.#work.steps.next();
      if (!done) continue;
      this.#done = this.#work;
      this.#work = null;
      return { type: 'curve', isDone: true, curve: value };
    }
    return { type: 'curve', isDone: false, curve: null };
  }

  #begun(classes: number[]): Work | null {
    const selection = this.#head.select(classes);
    const labels = selection.ids.length;
    const last = this.#done?.classes === classes.join() ? this.#done.labels : 0;
    if (labels < labelsForCurve(classes.length) || (labels < GROWTH * last && labels > last / GROWTH)) return null;
    return { steps: this.#steps(classes, selection), classes: classes.join(), labels };
  }

  *#steps(classes: number[], selection: ReturnType<LearningHead['select']>): Generator<undefined, LearningCurve> {
    const { rows, textHashes, labels: given } = selection;
    const plan = planOf(given.length, classes.length);
    const task = { ...boundedTask(classes.length, rows), strength: this.#head.strength };
    const found = yield* growingAnswers(rows, foldedRows(selection), task, plan, this.#pool());
    const counts = classes.map((_, at) => given.filter((labels) => labels.includes(at)).length);
    const material = {
      sizes: plan.sizes,
      labels: given.length,
      classes: classes.length,
      groups: found.rows.map((row) => textHashes[row]),
      given: found.rows.map((row) => given[row]),
      answers: found.classes,
      ...marginStrata(found.margins, found.poolMargins),
    };
    return yield* learningCurve(material, measureOf(counts, this.#several));
  }

  /** Features of texts that wait to be labeled. */
  #pool(): Float32Array {
    const open = this.#texts.open(new Set());
    const stride = Math.ceil(open.length / MOST_POOL);
    const some = open.length < LEAST_POOL ? [] : open.filter((_, at) => at % stride === 0);
    const { values, width, rows } = this.#texts.points(some);
    return rowsOf(values, width, rows);
  }
}

/** Sizes up to what the other folds have, which are as large as each other but for a group of identical texts. */
function planOf(labels: number, classes: number): GrowingPlan {
  const [first, last] = [Math.max(LEAST, LEAST_EACH * classes), Math.floor((labels * (FOLDS - 1)) / FOLDS)];
  const sizes = Array.from({ length: SIZES }, (_, at) => Math.round(first * (last / first) ** (at / (SIZES - 1))));
  return { sizes, folds: FOLDS, draws: labels < DRAWN_TWICE ? 2 : 1 };
}
