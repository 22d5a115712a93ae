/** One course of learning: what is known of the project's texts, the process that learns from them, and the steps that bring the two together. */
import { spanKey, type Span, type Task } from '../../../shared/domain.ts';
import { labelsForCurve, type LearningCurve, type LearningState } from '../../../shared/learning.ts';
import type { ChangeMark, LearningExample, Project, TrainingLimits } from '../../database/index.ts';
import { taggedWordsOf, type TaggedWords } from '../../../engine/text/index.ts';
import { answersOf } from './answers.ts';
import { Draws } from './draws.ts';
import { entityLimits, examplesOf, Pool } from './pool.ts';
import { readinessOf, type Readiness } from './readiness.ts';
import type { CutText, LearningProcess } from './session.ts';

/** Texts that are run through the base model at a time: a tenth of a second. */
const PIECE = 32;

/** Of entities: texts that decide what is kept of a word. */
const SAMPLED = 512;

/** Unlabeled texts that are to be known before a learning curve is worked out. */
const OPEN_FOR_CURVE = 500;

/** The head as it was fitted last. */
export interface Head {
  /** Ids of labels, in the order of its outputs. */
  classes: number[];
  /** Labeled texts it was fitted to. */
  texts: number;
  ms: number;
  /** Entities: spans it cannot learn. */
  spansLeftOut: number;
}

export class Course {
  readonly project: Project;
  readonly draws: Draws;
  head: Head | null = null;
  /** Something was changed that it does not know yet. */
  isStale = false;
  readonly #limits: TrainingLimits | undefined;
  #pool: Pool;
  #process: LearningProcess | null = null;
  #task: Task = 'classification';
  /** Of entities: how texts are cut into words that are not pre-tokenized. */
  #words: TaggedWords = 'segments';
  #mark: ChangeMark = { event: 0, action: 0, visible: 0 };
  #labels: { id: number; name: string }[] = [];
  #readiness: Readiness = { classes: null, missing: [], reason: null };
  #needsFit = false;
  #isTuned = true;
  #curve: LearningCurve | null = null;
  #isCurveKnown = true;
  #isFinished = true;
  #isKept = true;

  constructor(project: Project, limits?: TrainingLimits) {
    this.project = project;
    this.draws = new Draws(project);
    this.#limits = limits;
    this.#pool = new Pool(limits);
  }

  get pool(): Pool {
    return this.#pool;
  }

  async load(): Promise<void> {
    this.#task = (await this.project.summary()).task;
    if (this.isEntities) this.#pool = new Pool(this.#limits ?? entityLimits);
    this.#mark = await this.project.changeMark();
    this.#labels = await this.project.labelNames();
    await this.pool.load(this.project, 0);
    await this.draws.read();
    this.#settle();
  }

  /** Throws as LearningProcess.begin. */
  async begin(process: LearningProcess): Promise<void> {
    this.#process = process;
    await process.begin(this.project.folder, this.several, this.isEntities ? await this.#sample() : undefined);
  }

  /** Texts like those that will be read; they also say what a word is. */
  async #sample(): Promise<CutText[]> {
    const found = await examplesOf(this.project, this.pool.some(SAMPLED));
    this.#words = taggedWordsOf(found);
    return found.map((example) => this.cut(example));
  }

  /** A text as the process reads it. */
  cut({ text, pretokenized }: { text: string; pretokenized: boolean }): CutText {
    return this.isEntities ? { text, cut: pretokenized ? 'spaces' : this.#words } : { text };
  }

  /** The process is gone, and all it had. */
  end(): void {
    this.#process = null;
    this.pool.forgetEmbeddings();
    this.head = null;
    this.#settle();
  }

  /** There is no other while it is asked. */
  get process(): LearningProcess {
    if (!this.#process) throw new Error('no process learns');
    return this.#process;
  }

  /** Texts carry several labels each. */
  get several(): boolean {
    return this.#task === 'multilabel';
  }
  get isEntities(): boolean {
    return this.#task === 'ner';
  }

  nameOf(label: number): string {
    return this.#labels.find(({ id }) => id === label)?.name ?? '';
  }

  get needsFit(): boolean {
    return this.#needsFit && this.pool.labeledMissing === 0;
  }

  /** No head is there, nor on its way. */
  get cannotFit(): boolean {
    return this.#readiness.classes === null;
  }

  /** Learns what was changed since the last time, at first what the head makes of drawn texts whose label comes to be known. */
  async follow(): Promise<void> {
    this.isStale = false;
    const { mark, ids } = await this.project.changedSince(this.#mark);
    const found = await examplesOf(this.project, ids);
    await this.#answerDrawn(found);
    this.#labels = await this.project.labelNames();
    await this.#update(ids, found);
    if (mark.visible > this.#mark.visible) {
      await this.pool.load(this.project, this.#mark.visible);
      this.#needsFit = true;
    }
    if (ids.some((id) => this.draws.has(id))) await this.draws.read();
    this.#mark = mark;
    this.#settle();
  }

  async #answerDrawn(found: LearningExample[]): Promise<void> {
    if (!this.head) return;
    const wasOpen = (id: number) => !this.pool.get(id)?.labels;
    const drawn = this.draws.unanswered(found.filter(({ id, labels }) => labels && wasOpen(id)).map(({ id }) => id));
    if (drawn.length === 0) return;
    const texts = found.filter(({ id }) => drawn.includes(id));
    await this.draws.answer(
      texts.map(({ id }) => id),
      await this.#answers(texts),
      this.head.texts,
    );
  }

  async #answers(texts: LearningExample[]): Promise<string[][]> {
    if (this.isEntities) return (await this.spans(texts)).map((found) => found.map(spanKey));
    const { classes, rows } = await this.process.probabilities(
      [],
      texts.map(({ text }) => text),
    );
    return rows.map((row) => answersOf(row, this.several).map((index) => this.nameOf(classes[index])));
  }

  /** Of entities, by text: what the head finds, by present names. */
  async spans(texts: { text: string; pretokenized: boolean }[]): Promise<(Span & { score: number })[][]> {
    const found = await this.process.spans(texts.map((text) => this.cut(text)));
    return found.map((ofText) => ofText.map((span) => ({ ...span, label: this.nameOf(span.label) })));
  }

  async #update(ids: number[], found: LearningExample[]): Promise<void> {
    const { changed, forgotten, labels } = this.pool.update(ids, found);
    if (labels) {
      this.#needsFit = true;
      this.#settle();
    }
    if (changed.length + forgotten.length === 0) return;
    await this.process.change(
      changed.flatMap((id) => this.#statusOf(id) ?? []),
      forgotten,
    );
  }

  #statusOf(id: number) {
    const text = this.pool.get(id);
    return text && { id, labels: text.labels, open: text.open, ...(text.spans && { spans: text.spans }) };
  }

  /** Whether there is something to learn, and what. */
  #settle(): void {
    const { pool } = this;
    const classes = this.#readiness.classes?.join();
    this.#readiness = readinessOf({
      labels: this.#labels,
      counts: pool.counts(),
      labeled: pool.labeled,
      countWithin: (labels) => pool.countWithin(labels),
      // A type by itself can be told from all other words, as one of several labels from its absence.
      several: this.#task !== 'classification',
    });
    if (this.#readiness.classes === null) this.head = null;
    const isOther = this.#readiness.classes?.join() !== classes;
    if (isOther || !this.head) this.#curve = null;
    this.#needsFit = this.#readiness.classes !== null && (this.#needsFit || !this.head || isOther);
  }

  async fit(): Promise<void> {
    const { classes } = this.#readiness;
    this.#needsFit = false;
    if (!classes) return;
    const { texts, ms, converged, leftOut = 0 } = await this.process.fit(classes);
    this.head = { classes, texts, ms, spansLeftOut: leftOut };
    this.#isTuned = false;
    this.#isCurveKnown = false;
    this.#isFinished = converged;
  }

  /** Goes on with a fit that was cut short so that nobody waits for it. */
  async #finish(): Promise<void> {
    const { converged } = await this.process.fit(this.#readiness.classes!);
    this.#isFinished = converged;
  }

  /** A piece of what can wait; false where there is none. While a run trains, texts that have just been labeled alone are read. */
  async advance(isTraining: boolean): Promise<boolean> {
    if (isTraining && !(this.head && this.pool.labeledMissing > 0)) return false;
    if (!isTraining && this.head && !(this.#isFinished && this.#isTuned)) {
      await (this.#isFinished ? this.#tune() : this.#finish());
      return true;
    }
    if (!isTraining && this.#isCurveDue) {
      await this.#learnCurve();
      return true;
    }
    const ids = this.pool.next(isTraining ? Math.min(PIECE, this.pool.labeledMissing) : PIECE);
    if (ids.length > 0) await this.#embed(ids);
    else if (this.#isKept) return false;
    else await this.keep();
    return true;
  }

  /** Once there are enough unlabeled texts to say which labeled ones are like them. */
  get #isCurveDue(): boolean {
    const { done, total } = this.pool.embedded;
    return this.head !== null && !this.isEntities && !this.#isCurveKnown && done >= Math.min(total, this.pool.labeled + OPEN_FOR_CURVE);
  }

  async #learnCurve(): Promise<void> {
    const { isDone, curve } = await this.process.curve();
    this.#isCurveKnown = isDone;
    this.#curve = curve ?? this.#curve;
  }

  async #tune(): Promise<void> {
    const { isDone, changed } = await this.process.tune();
    this.#isTuned = isDone;
    this.#needsFit ||= changed;
  }

  async #embed(ids: number[]): Promise<void> {
    const found = await examplesOf(this.project, ids);
    // What was changed since is learned here: it would come again otherwise.
    await this.#update(ids, found);
    const texts = found.flatMap((example) => {
      const status = this.#statusOf(example.id);
      return status ? [{ ...status, ...this.cut(example) }] : [];
    });
    const leftOut = await this.process.embed(texts);
    for (const { id, textHash } of found) this.pool.setEmbedded(id, textHash);
    for (const id of leftOut) this.pool.leaveOut(id);
    this.#isKept = false;
    this.#needsFit ||= texts.some(({ labels }) => labels !== null) && this.#readiness.classes !== null;
  }

  /** Puts into files what was computed. */
  async keep(): Promise<void> {
    this.#isKept = true;
    await this.process.keep();
  }

  get isKept(): boolean {
    return this.#isKept;
  }

  state(isTraining: boolean): LearningState {
    const { classes, missing, reason } = this.#readiness;
    const embedded = this.pool.embedded;
    const isPaused = isTraining && embedded.done < embedded.total;
    const early = classes === null ? ('waiting' as const) : this.pool.labeledMissing === 0 ? ('fitting' as const) : ('embedding' as const);
    return {
      phase: isPaused ? 'paused' : this.head ? 'ready' : early,
      missing,
      embedded,
      leftOut: this.pool.leftOut,
      labels: this.head?.texts ?? 0,
      spansLeftOut: this.head?.spansLeftOut ?? 0,
      fitMs: this.head?.ms ?? null,
      curve: this.#curve,
      curveFrom: this.head && !this.isEntities ? labelsForCurve(this.head.classes.length) : 0,
      heldOut: this.head && this.draws.heldOut(this.head.texts),
      reason: isPaused ? paused : reason,
    };
  }
}

const paused = 'A run is training: the texts that are left are read when it has ended.';
