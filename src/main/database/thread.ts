/** A database thread, as its host sees it. */
import { Worker } from 'node:worker_threads';
import { ThawError } from '../../shared/errors.ts';
import { entry, rowThreadLimits } from '../entries.ts';
import { releaseOwnership } from './owner.ts';
import type { OperationName, Request, Response, ThreadData } from './protocol.ts';
import type { Call } from './project.ts';

interface Pending {
  resolve: (value: never) => void;
  reject: (error: ThawError) => void;
  progress?: (progress: never) => void;
}

/** One database thread and the calls it has not answered yet. */
export class DatabaseThread {
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
export function start(data: ThreadData): Promise<DatabaseThread> {
  const worker = new Worker(entry('database'), { workerData: data, execArgv: [], resourceLimits: rowThreadLimits });
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
