/** The host's side of the database threads: a project as an object whose methods are answered there. */
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { z } from 'zod';
import type {
  Annotation,
  AnnotatorsReport,
  Disagreement,
  Epoch,
  Example,
  HistoryStep,
  ImportProgress,
  ImportReport,
  LabelPatch,
  Prediction,
  ProjectSummary,
  Remark,
  Run,
  Split,
  Suggestion,
  TakenReport,
} from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { pageQuerySchema } from '../../shared/filter.ts';
import type { BulkChange, BulkTarget, ExamplePage, SavedView } from '../../shared/filter.ts';
import type { ImportOptions } from '../import/index.ts';
import type { MendPlan } from '../doctor/index.ts';
import { entry } from '../entries.ts';
import type { Moves } from '../splits/index.ts';
import type { DrawnTraining, TrainingLimits } from './learning-pool.ts';
import type { IncomingAnswer, OutgoingExample } from './answers.ts';
import type { OpenOptions } from './open.ts';
import { releaseOwnership } from './owner.ts';
import type { OperationName, Request, Response, ThreadData } from './protocol.ts';
import type { Snapshot } from './snapshot.ts';
import type { StoredExample } from './tables/examples.ts';
import type { SuggestedLabels, UnpredictedText, WaitingSuggestion } from './tables/suggestions.ts';
import type { TextSample } from './text-sample.ts';
import type { Draw, DrawAnswer } from './tables/draws.ts';
import type { Changed, ChangeMark, LearningExample, SuggestionFacts } from './tables/learning.ts';
import type { OpenPrediction, PredictingRun } from './tables/open-predictions.ts';
import type { NewRun, RunPatch } from './tables/runs.ts';
import type { ExchangeIdentity, SentKey } from './tables/sent.ts';

export interface Project {
  /** Absolute. */
  folder: string;
  /** False once closed, or when its thread died. */
  isOpen(): boolean;
  summary(): Promise<ProjectSummary>;
  /** Resolves once the search index has every example; until then, the others are looked through. */
  indexed(): Promise<void>;
  /** Ends an import under way (nothing of it stays), lets the rest finish, and gives the project back. */
  close(): Promise<void>;
  /** Nothing of it is seen before it ends. Throws as readRows, wrong_format, disk_full, cancelled. */
  importFile(options: ImportOptions, call?: Call<ImportProgress>): Promise<ImportReport>;
  /** What is left out is at its default. Throws wrong_format (an expression that is none or takes too long), unknown_run, cancelled. */
  page(query: z.input<typeof pageQuerySchema>, call?: Call<never>): Promise<ExamplePage>;
  /** Once all of a listing is found. Throws unavailable for one that is out of date. */
  count(listing: number, call?: Call<never>): Promise<number>;
  /** Ids of a whole listing, in its order. Throws as count. */
  listed(listing: number, call?: Call<never>): Promise<Uint32Array>;
  /**
   * One change of many examples, one step of the history; how many it changed. Cancelled, it changes none. Throws unknown_label, wrong_format
   * (the change is not of the project's task), unavailable (the listing is out of date), cancelled.
   */
  changeMany(target: BulkTarget, change: BulkChange, call?: Call<{ done: number; total: number }>): Promise<number>;
  views(): Promise<SavedView[]>;
  /** A view of that name is replaced. */
  saveView(view: Omit<SavedView, 'id'>): Promise<SavedView[]>;
  removeView(id: number): Promise<SavedView[]>;
  /** The next to label after that one, and then from the start. */
  next(after: number | null): Promise<Example | null>;
  /** By id; null at the end. */
  beside(id: number, direction: 'earlier' | 'later'): Promise<Example | null>;
  example(id: number): Promise<Example>;
  examples(ids: number[]): Promise<Example[]>;
  /** Examples with an id above `after`, by id: all of them, a piece at a time. */
  examplesAfter(after: number, limit: number): Promise<StoredExample[]>;
  /** Names of the other columns of so many examples above `after`, and the last of those; null: there were none. */
  columnsAfter(after: number, limit: number): Promise<{ names: string[]; last: number | null }>;
  /** On disk when it returns. Throws unknown_label, wrong_format. */
  annotate(change: { id: number; annotation: Annotation; skipped: boolean }): Promise<Example>;
  /** On disk when it returns. */
  remark(change: { id: number; remark: Remark }): Promise<Example>;
  /** What the newest run that predicted the example says of it; null where none did, and for test texts. */
  suggestion(id: number): Promise<Suggestion | null>;
  /** What decides whether a run suggests or the head that learns meanwhile; null for an example that is not there. */
  suggestionFacts(id: number, run: string | null): Promise<SuggestionFacts | null>;
  /** Told after each change of examples or labels, of whatever kind, once it is on disk; gives what ends that. */
  onChange(listener: () => void): () => void;
  changeMark(): Promise<ChangeMark>;
  changedSince(mark: ChangeMark): Promise<Changed>;
  /** The training texts above an id that are labeled, or wait to be: of too many a part drawn evenly. */
  drawTraining(after: number, limits: TrainingLimits): Promise<DrawnTraining>;
  learningExamples(ids: number[]): Promise<LearningExample[]>;
  /** In the project's order. */
  labelNames(): Promise<{ id: number; name: string }[]>;
  /** Notes which texts were drawn at random. */
  addDraws(examples: number[]): Promise<void>;
  /** Notes what a head said of them before they were labeled. */
  answerDraws(answers: DrawAnswer[]): Promise<void>;
  draws(): Promise<Draw[]>;
  /** Keeps that a text's present labels are right, though they look wrong. @throws unavailable for one without */
  confirmLabels(id: number): Promise<void>;
  /** Those labels by example, as labelsKey has them. */
  confirmedLabels(): Promise<Map<number, string>>;
  /** What the run said of training texts that wait to be labeled, by id. */
  openPredictions(run: string): Promise<OpenPrediction[]>;
  /** The newest runs that have such predictions, newest first. */
  predictingRuns(limit: number): Promise<PredictingRun[]>;
  /**
   * How many texts of a range of ids above `after` wait to be labeled and have no answer of the run; `last`: where the next range begins, null
   * after the last. Never of the test split. Throws unknown_run.
   */
  countUnpredicted(run: string, after: number): Promise<{ count: number; last: number | null }>;
  /** The same texts, up to `limit` of them; a piece may be empty and not the last. */
  unpredictedAfter(run: string, after: number, limit: number): Promise<{ texts: UnpredictedText[]; last: number | null }>;
  /** What the run says of the texts that wait to be labeled, of a range of ids above `after`. */
  waitingSuggestions(run: string, after: number): Promise<{ suggestions: WaitingSuggestion[]; last: number | null }>;
  /** One for each; null for a text that does not wait, or that the run says nothing of. */
  suggestionsOf(run: string, ids: number[]): Promise<(SuggestedLabels | null)[]>;
  /** What the run says of texts outside the test split. Throws unknown_run. */
  addPredictions(run: string, split: 'train' | 'validation', predictions: Prediction[]): Promise<void>;
  /**
   * What the run says of the texts becomes their label: one step of the history; how many it labeled. Left out are texts that do not wait to be
   * labeled any more. Cancelled, it labels none. Throws unknown_run, cancelled.
   */
  approve(run: string, ids: Uint32Array, call?: Call<{ done: number; total: number }>): Promise<number>;
  /** Spans of the training examples, and how many of them a run leaves out because they overlap another one. */
  overlaps(): Promise<{ spans: number; leftOut: number }>;
  /** Id of the example that was imported last; 0 without any. */
  lastExample(): Promise<number>;
  exchangeIdentity(): Promise<ExchangeIdentity>;
  /** In the order of `ids`, as an exchange file has them; null for those that did not come from the project that the file is for. */
  outgoing(ids: number[]): Promise<(OutgoingExample | null)[]>;
  /** Ids here of examples by their ids in the project of origin; null for those that are not here. */
  findSent(origins: number[]): Promise<(number | null)[]>;
  /** Notes that the examples after `after` are those of the project `origin`, in this order. */
  recordOrigin(sent: { origin: string; keys: SentKey[]; after: number }): Promise<void>;
  /** Keeps them beside the project's own labels, which stay as they are. Throws unavailable for a name that is taken, wrong_format. */
  takeAnswers(answers: IncomingAnswer[]): Promise<Omit<TakenReport, 'texts'>>;
  /** All that exchange files brought of one annotator; how many answers that were. No step of the history. */
  removeAnswers(annotator: string): Promise<number>;
  agreement(): Promise<AnnotatorsReport>;
  /** Examples of which answers differ, by id. */
  disagreements(): Promise<{ id: number; settled: boolean }[]>;
  disagreement(id: number): Promise<Disagreement>;
  /** Makes it the project's label, as one change. Throws unknown_label, wrong_format, test_locked. */
  settle(change: { id: number; annotation: Annotation }): Promise<Example>;
  /** Any kind of change, also one of an earlier sitting or of many examples. */
  undo(): Promise<HistoryStep>;
  redo(): Promise<HistoryStep>;
  createLabel(name: string): Promise<ProjectSummary>;
  /** Throws unknown_label, wrong_format for a name that is taken. */
  updateLabel(change: { id: number; patch: LabelPatch }): Promise<ProjectSummary>;
  moveLabel(change: { id: number; position: number }): Promise<ProjectSummary>;
  deleteLabel(id: number): Promise<ProjectSummary>;
  mergeLabel(change: { id: number; into: number }): Promise<ProjectSummary>;
  /** Who makes the changes from now on; before, the name of the account. */
  signAs(annotator: string): Promise<void>;
  /** Confirms that the test set may change, until its figures are opened again. */
  unlockTest(): Promise<ProjectSummary>;
  /** As one change. Throws test_locked. */
  applySplits(moves: Moves): Promise<ProjectSummary>;
  /** As one change; how many examples it was planned for. Throws test_locked. */
  mend(plan: MendPlan): Promise<number>;
  snapshot(): Promise<Snapshot>;
  sampleTexts(): Promise<Record<Split, TextSample>>;
  createRun(run: NewRun): Promise<Run>;
  updateRun(run: string, patch: RunPatch): Promise<Run>;
  runs(): Promise<Run[]>;
  run(run: string): Promise<Run>;
  removeRun(run: string): Promise<void>;
  addEpoch(run: string, epoch: Epoch): Promise<void>;
  /** Removes the epochs after this one, which a resumed run goes over again. */
  dropEpochs(run: string, after: number): Promise<void>;
  savePredictions(run: string, split: Split, predictions: Prediction[]): Promise<void>;
  predictions(run: string, split: Split): Promise<Prediction[]>;
  countTestOpening(run: string): Promise<number>;
  /** Where the run's checkpoints and exports lie. */
  runDirectory(run: string): string;
}

/** What goes on while a long call is answered. */
export interface Call<Progress> {
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
}

interface Pending {
  resolve: (value: never) => void;
  reject: (error: ThawError) => void;
  progress?: (progress: never) => void;
}

/** One database thread and the calls it has not answered yet. */
class DatabaseThread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Set<() => void>();
  private nextId = 1;
  private ended: ThawError | null = null;
  private closing = false;
  private readonly exited: Promise<void>;

  /** `died`: told when the thread ends without having been asked to. */
  constructor(worker: Worker, died: () => void) {
    this.worker = worker;
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (response: Response) => this.receive(response));
    worker.on('error', (error) => this.end(`The database thread failed: ${error.message}`));
    worker.on('exit', () => {
      if (!this.closing) died();
      this.end(this.closing ? 'The project was closed.' : 'The database thread ended.');
    });
  }

  private receive(response: Response): void {
    if (response.type === 'changed') return this.listeners.forEach((listener) => listener());
    if (response.type === 'progress') return this.pending.get(response.id)?.progress?.(response.value as never);
    if (response.type !== 'result' && response.type !== 'error') return;
    const call = this.pending.get(response.id);
    this.pending.delete(response.id);
    if (response.type === 'result') call?.resolve(response.value as never);
    else call?.reject(new ThawError(response.error));
  }

  private end(message: string): void {
    this.ended ??= new ThawError({ code: 'unavailable', message, remedy: 'Open the project again.' });
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }

  isOpen(): boolean {
    return this.ended === null && !this.closing;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private post(request: Request): void {
    this.worker.postMessage(request);
  }

  call<T, Progress = never>(operation: OperationName, given: unknown[], { signal, progress }: Call<Progress> = {}): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.nextId++;
    const cancel = () => this.post({ type: 'cancel', id });
    const answer = new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve, reject, progress });
      this.post({ type: 'call', id, operation, arguments: given });
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
    });
    return answer.finally(() => signal?.removeEventListener('abort', cancel));
  }

  async close(): Promise<void> {
    if (!this.ended && !this.closing) this.post({ type: 'close' });
    this.closing = true;
    await this.exited;
  }
}

/** Resolves once the thread has the project open; rejects with the reason it gives. */
function start(data: ThreadData): Promise<DatabaseThread> {
  const worker = new Worker(entry('database'), { workerData: data, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.once('error', (error) =>
      reject(new ThawError({ code: 'internal', message: `The database thread did not start: ${error.message}` }, { cause: error })),
    );
    worker.once('exit', (code) =>
      reject(new ThawError({ code: 'internal', message: `The database thread ended at once (code ${code}).` })),
    );
    worker.once('message', (response: Response) => {
      if (response.type === 'refused') reject(new ThawError(response.error));
      // A thread that died could not give the project back, and it would stay locked as long as this process lives.
      else resolve(new DatabaseThread(worker, () => data.options.readonly || releaseOwnership(data.folder)));
    });
  });
}

/** A second thread that only reads, started when it is first needed: whatever has to look through many rows keeps nobody who labels waiting. */
class Reader {
  private readonly data: ThreadData;
  private started: Promise<DatabaseThread> | null;

  /** `own`: a thread that reads already. */
  constructor(data: ThreadData, own: DatabaseThread | null) {
    this.data = data;
    this.started = own && Promise.resolve(own);
  }

  async thread(): Promise<DatabaseThread> {
    const known = this.started;
    if (known && (await known).isOpen()) return known;
    if (this.started !== known) return this.thread();
    const starting = start(this.data);
    starting.catch(() => (this.started = null));
    return (this.started = starting);
  }

  async close(): Promise<void> {
    const thread = await this.started?.catch(() => null);
    await thread?.close();
  }
}

/**
 * Opens a project's folder, or makes one there with `create`. One process writes to a project at a time; readers come beside it.
 * Throws unknown_project, project_in_use, newer_project, damaged_file, file_unreadable, disk_full.
 */
export async function openProject(folder: string, options: OpenOptions = {}): Promise<Project> {
  const path = resolve(folder);
  const openedAt = new Date().toISOString();
  const thread = await start({ folder: path, options, openedAt });
  const reader = new Reader({ folder: path, options: { readonly: true }, openedAt }, options.readonly ? thread : null);
  const call =
    <Given extends unknown[], Result>(operation: OperationName) =>
    (...given: Given) =>
      thread.call<Result>(operation, given);
  /** Answered by the thread that only reads; once the project is closed, by the other one, which says so. */
  const lookingThread = async () => (thread.isOpen() ? reader.thread() : thread);
  return {
    folder: path,
    runDirectory: (run) => join(path, 'runs', run),
    isOpen: () => thread.isOpen(),
    async close() {
      await reader.close();
      await thread.close();
    },
    importFile: (importOptions, watch) => thread.call('importFile', [importOptions], watch),
    summary: async () => (await lookingThread()).call('summary', []),
    indexed: call('indexed'),
    page: async (query, watch) => (await lookingThread()).call('page', [pageQuerySchema.parse(query)], watch),
    count: async (listing, watch) => (await lookingThread()).call('count', [listing], watch),
    listed: async (listing, watch) => (await lookingThread()).call('listed', [listing], watch),
    async changeMany(target, change, watch) {
      const except = new Set('except' in target ? target.except : []);
      const ids =
        'ids' in target
          ? Uint32Array.from(target.ids)
          : (await (await lookingThread()).call<Uint32Array>('listed', [target.listing], watch)).filter((id) => !except.has(id));
      return thread.call('changeMany', [{ ids, change }], watch);
    },
    views: call('views'),
    saveView: call('saveView'),
    removeView: call('removeView'),
    next: call('next'),
    beside: call('beside'),
    example: call('example'),
    examples: call('examples'),
    examplesAfter: async (after, limit) => (await lookingThread()).call('examplesAfter', [after, limit]),
    columnsAfter: async (after, limit) => (await lookingThread()).call('columnsAfter', [after, limit]),
    annotate: call('annotate'),
    remark: call('remark'),
    suggestion: call('suggestion'),
    suggestionFacts: async (id, run) => (await lookingThread()).call('suggestionFacts', [id, run]),
    onChange: (listener) => thread.onChange(listener),
    changeMark: async () => (await lookingThread()).call('changeMark', []),
    changedSince: async (mark) => (await lookingThread()).call('changedSince', [mark]),
    drawTraining: async (after, limits) => (await lookingThread()).call('drawTraining', [after, limits]),
    learningExamples: async (ids) => (await lookingThread()).call('learningExamples', [ids]),
    labelNames: async () => (await lookingThread()).call('labelNames', []),
    addDraws: call('addDraws'),
    answerDraws: call('answerDraws'),
    confirmLabels: call('confirmLabels'),
    confirmedLabels: async () => (await lookingThread()).call('confirmedLabels', []),
    draws: async () => (await lookingThread()).call('draws', []),
    openPredictions: async (run) => (await lookingThread()).call('openPredictions', [run]),
    predictingRuns: async (limit) => (await lookingThread()).call('predictingRuns', [limit]),
    countUnpredicted: async (run, after) => (await lookingThread()).call('countUnpredicted', [run, after]),
    unpredictedAfter: async (run, after, limit) => (await lookingThread()).call('unpredictedAfter', [run, after, limit]),
    waitingSuggestions: async (run, after) => (await lookingThread()).call('waitingSuggestions', [run, after]),
    suggestionsOf: async (run, ids) => (await lookingThread()).call('suggestionsOf', [run, ids]),
    addPredictions: call('addPredictions'),
    approve: (run, ids, watch) => thread.call('approve', [{ run, ids }], watch),
    overlaps: call('overlaps'),
    lastExample: call('lastExample'),
    exchangeIdentity: call('exchangeIdentity'),
    outgoing: async (ids) => (await lookingThread()).call('outgoing', [ids]),
    findSent: call('findSent'),
    recordOrigin: call('recordOrigin'),
    takeAnswers: call('takeAnswers'),
    removeAnswers: call('removeAnswers'),
    agreement: async () => (await lookingThread()).call('agreement', []),
    disagreements: async () => (await lookingThread()).call('disagreements', []),
    disagreement: call('disagreement'),
    settle: call('settle'),
    undo: call('undo'),
    redo: call('redo'),
    createLabel: call('createLabel'),
    updateLabel: call('updateLabel'),
    moveLabel: call('moveLabel'),
    deleteLabel: call('deleteLabel'),
    mergeLabel: call('mergeLabel'),
    signAs: call('signAs'),
    unlockTest: call('unlockTest'),
    applySplits: call('applySplits'),
    mend: call('mend'),
    snapshot: call('snapshot'),
    sampleTexts: call('sampleTexts'),
    createRun: call('createRun'),
    updateRun: call('updateRun'),
    runs: call('runs'),
    run: call('run'),
    removeRun: call('removeRun'),
    addEpoch: call('addEpoch'),
    dropEpochs: call('dropEpochs'),
    savePredictions: call('savePredictions'),
    predictions: call('predictions'),
    countTestOpening: call('countTestOpening'),
  };
}
