/** The host's side of the database thread: a project as an object whose methods are answered there. */
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type {
  Annotation,
  Epoch,
  Example,
  HistoryStep,
  ImportReport,
  LabelPatch,
  Prediction,
  ProjectSummary,
  Remark,
  Run,
  Split,
  Suggestion,
} from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { entry } from '../entries.ts';
import type { OpenOptions } from './open.ts';
import { releaseOwnership } from './owner.ts';
import type { OperationName, Request, Response, ThreadData } from './protocol.ts';
import type { Snapshot } from './snapshot.ts';
import type { ImportOptions } from './staging.ts';
import type { ExampleFilter, StoredExample } from './tables/examples.ts';
import type { TextSample } from './text-sample.ts';
import type { NewRun, RunPatch } from './tables/runs.ts';

export interface Project {
  /** Absolute. */
  folder: string;
  /** False once closed, or when its thread died. */
  isOpen(): boolean;
  summary(): Promise<ProjectSummary>;
  /** Ends an import under way (nothing of it stays), lets the rest finish, and gives the project back. */
  close(): Promise<void>;
  /** Nothing of it is seen before it ends. Throws as readRows, wrong_format, disk_full, cancelled. */
  importFile(options: ImportOptions, signal?: AbortSignal): Promise<ImportReport>;
  page(filter: ExampleFilter & { offset: number; limit: number }): Promise<{ total: number; examples: Example[] }>;
  next(after: number | null): Promise<{ example: Example | null; remaining: number }>;
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
  /** Spans of the training examples, and how many of them a run leaves out because they overlap another one. */
  overlaps(): Promise<{ spans: number; leftOut: number }>;
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

interface Pending {
  resolve: (value: never) => void;
  reject: (error: ThawError) => void;
}

/** One database thread and the calls it has not answered yet. */
class DatabaseThread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
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

  private post(request: Request): void {
    this.worker.postMessage(request);
  }

  call<T>(operation: OperationName, given: unknown[], signal?: AbortSignal): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.nextId++;
    const cancel = () => this.post({ type: 'cancel', id });
    const answer = new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
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

/**
 * Opens a project's folder, or makes one there with `create`. One process writes to a project at a time; readers come beside it.
 * Throws unknown_project, project_in_use, newer_project, damaged_file, file_unreadable, disk_full.
 */
export async function openProject(folder: string, options: OpenOptions = {}): Promise<Project> {
  const path = resolve(folder);
  const thread = await start({ folder: path, options });
  const call =
    <Given extends unknown[], Result>(operation: OperationName) =>
    (...given: Given) =>
      thread.call<Result>(operation, given);
  return {
    folder: path,
    runDirectory: (run) => join(path, 'runs', run),
    isOpen: () => thread.isOpen(),
    close: () => thread.close(),
    importFile: (importOptions, signal) => thread.call('importFile', [importOptions], signal),
    summary: call('summary'),
    page: call('page'),
    next: call('next'),
    example: call('example'),
    examples: call('examples'),
    examplesAfter: call('examplesAfter'),
    columnsAfter: call('columnsAfter'),
    annotate: call('annotate'),
    remark: call('remark'),
    suggestion: call('suggestion'),
    overlaps: call('overlaps'),
    undo: call('undo'),
    redo: call('redo'),
    createLabel: call('createLabel'),
    updateLabel: call('updateLabel'),
    moveLabel: call('moveLabel'),
    deleteLabel: call('deleteLabel'),
    mergeLabel: call('mergeLabel'),
    signAs: call('signAs'),
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
