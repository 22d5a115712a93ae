/**
 * Learns while a person labels a project: keeps a process that holds embeddings and a head up with what is labeled. Whoever labels never waits for
 * it: the database tells of changes, and one thing is done after another, the most wanted first.
 */
import type { LearningState } from '../../../shared/learning.ts';
import { errorLine, ThawError, toThawError } from '../../../shared/errors.ts';
import type { Project, TrainingLimits } from '../../database/index.ts';
import { Course } from './course.ts';
import { LearningProcess } from './session.ts';
import { Telling } from './telling.ts';

/** Failures in a row after which it gives up, until it is asked for again. */
const MOST_FAILURES = 3;
/** For a process that is to put into files what it has. */
const PATIENCE_MS = 2000;

export interface LearnerOptions {
  /** After nobody has listened or asked for so long, it ends. */
  idleMs?: number;
  limits?: TrainingLimits;
}

interface Ask {
  needsHead: boolean;
  /** Never rejects. */
  run: (course: Course) => Promise<void>;
  refuse: (error: unknown) => void;
}

export class Learner {
  readonly #project: Project;
  readonly #idleMs: number;
  readonly #limits: TrainingLimits | undefined;
  readonly #telling = new Telling<LearningState>(nothingYet);
  #asks: Ask[] = [];
  #users = 0;
  #idle: NodeJS.Timeout | undefined;
  #course: Course | null = null;
  #process: LearningProcess | null = null;
  #working: Promise<void> | null = null;
  #stopping = false;
  #closed = false;
  #isTraining = false;
  #failures = 0;
  #wake = () => {};

  constructor(project: Project, { idleMs = 60_000, limits }: LearnerOptions = {}) {
    this.#project = project;
    this.#idleMs = idleMs;
    this.#limits = limits;
  }

  /** There is a head now. */
  get hasHead(): boolean {
    return this.#course?.head != null;
  }

  /** The state, and each that follows, but for those that are out of date before they are taken; ends with the signal, and when this is closed. */
  async *watch(signal: AbortSignal): AsyncGenerator<LearningState> {
    this.#enter();
    try {
      yield* this.#telling.watch(signal);
    } finally {
      this.#leave();
    }
  }

  /**
   * Does `work` in its turn, once all changes so far are learned from; with `needsHead` not before there is a head, or it is known that there
   * will be none for now.
   * @throws unavailable, cancelled, and what the process reports
   */
  async ask<T>(work: (course: Course) => Promise<T>, needsHead = false): Promise<T> {
    this.#enter();
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#asks.push({ needsHead, run: (course) => work(course).then(resolve, reject), refuse: reject });
        this.#wake();
      });
    } finally {
      this.#leave();
    }
  }

  /** While a run trains, no texts are run through the base model. */
  setTraining(isTraining: boolean): void {
    this.#isTraining = isTraining;
    this.#tell();
    this.#wake();
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stop();
    this.#telling.end();
  }

  #enter(): void {
    if (this.#closed) throw closed();
    this.#users++;
    clearTimeout(this.#idle);
    if (!this.#stopping) this.#begin();
  }

  #leave(): void {
    this.#users--;
    if (this.#users === 0 && !this.#closed) this.#idle = setTimeout(() => void this.#stop(), this.#idleMs).unref();
  }

  #begin(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    this.#stopping = true;
    this.#wake();
    const impatient = setTimeout(() => void this.#process?.kill(), PATIENCE_MS);
    await this.#working;
    clearTimeout(impatient);
    this.#stopping = false;
    // Somebody came meanwhile.
    if (this.#asks.length > 0 || this.#users > 0) {
      if (this.#closed) this.#refuse(closed());
      else this.#begin();
    }
  }

  /** Until it is stopped, over as many processes as it takes. Never rejects. */
  async #work(): Promise<void> {
    const course = new Course(this.#project, this.#limits);
    this.#course = course;
    const ended = this.#project.onChange(() => {
      course.isStale = true;
      this.#wake();
    });
    this.#failures = 0;
    try {
      await course.load();
      this.#tell();
      while (!this.#stopping) await this.#workInProcess(course);
    } catch (cause) {
      if (!this.#stopping) {
        this.#telling.tell(failed(course, cause));
        this.#refuse(cause);
      }
    } finally {
      ended();
      this.#course = null;
    }
  }

  async #workInProcess(course: Course): Promise<void> {
    const process = new LearningProcess();
    this.#process = process;
    void process.ended.then(() => this.#wake());
    try {
      await course.begin(process);
      this.#tell();
      while (!this.#stopping) await this.#step(course);
      if (!course.isKept) await course.keep();
    } catch (cause) {
      if (this.#stopping) return;
      if (++this.#failures >= MOST_FAILURES) throw cause;
      this.#telling.tell(failed(course, cause));
    } finally {
      await process.kill();
      this.#process = null;
      course.end();
    }
  }

  /** The most wanted thing there is to do. */
  async #step(course: Course): Promise<void> {
    const ask = this.#nextAsk(course);
    if (course.isStale) await course.follow();
    else if (course.needsFit) await this.#fit(course);
    else if (ask) await this.#answer(ask, course);
    else if (!(await course.advance(this.#isTraining))) await this.#rest(course);
    this.#tell();
  }

  async #fit(course: Course): Promise<void> {
    await course.fit();
    this.#failures = 0;
  }

  #nextAsk(course: Course): Ask | undefined {
    const isInTurn = ({ needsHead }: Ask) => !needsHead || course.head !== null || course.cannotFit || this.#isTraining;
    return this.#asks.find(isInTurn);
  }

  async #answer(ask: Ask, course: Course): Promise<void> {
    this.#asks = this.#asks.filter((other) => other !== ask);
    await ask.run(course);
  }

  /** Until something is to be done. A process that ended meanwhile is met at the next question. */
  async #rest(course: Course): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#stopping || course.isStale || this.#nextAsk(course) || !course.process.isAlive) resolve();
    });
    if (!course.process.isAlive) await course.process.keep();
  }

  #tell(): void {
    if (this.#course) this.#telling.tell(this.#course.state(this.#isTraining));
  }

  #refuse(error: unknown): void {
    for (const { refuse } of this.#asks.splice(0)) refuse(error);
  }
}

const closed = () => new ThawError({ code: 'cancelled', message: 'The project was closed.' });

const nothingYet: LearningState = {
  phase: 'waiting',
  missing: [],
  embedded: { done: 0, total: 0 },
  leftOut: 0,
  labels: 0,
  spansLeftOut: 0,
  fitMs: null,
  heldOut: null,
  curve: null,
  curveFrom: 0,
  reason: 'The texts are being looked through.',
};

const failed = (course: Course, cause: unknown): LearningState => ({
  ...course.state(false),
  phase: 'failed',
  labels: 0,
  heldOut: null,
  curve: null,
  curveFrom: 0,
  reason: errorLine(toThawError(cause).toReport()),
});
