/** Trainer processes: one for each job, or one that keeps a model open. Events out, a result or error for each question, and a reason when one dies. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ThawError, type ErrorReport } from '../../shared/errors.ts';
import type { RunEvent } from '../../shared/domain.ts';
import { fromTrainerSchema, type Job, type JobOf, type JobResult, type ResultOf, type ToTrainer } from '../../trainer/messages.ts';
import { entry, plainNode } from '../entries.ts';
import { allocator } from './allocator.ts';
import { deathOf, oomKills } from './death.ts';

/** A trainer that has not obeyed a cancel by then is killed. */
const patienceMs = 15_000;

export interface JobOptions {
  /** Cancels the job; it then rejects with `cancelled`. */
  signal?: AbortSignal;
  /** Told in order; the next event waits for nothing. */
  event?: (event: RunEvent) => void;
  /** Told the id of the process before it begins. */
  started?: (pid: number) => Promise<void>;
}

/**
 * Resolves with the job's result once its process has answered and is gone.
 * @throws what the trainer reports, `cancelled`, or `trainer_died` (out_of_memory where it said so) with the reason
 */
export async function runJob<T extends Job['type']>(job: JobOf<T>, options: JobOptions = {}): Promise<ResultOf<T>> {
  if (options.signal?.aborted) throw cancelled();
  const trainer = new TrainerProcess();
  try {
    if (trainer.pid !== undefined) await options.started?.(trainer.pid);
    return (await trainer.ask({ type: 'job', job }, options)) as ResultOf<T>;
  } finally {
    // It ends by itself after its answer; its memory is free before the next one begins.
    await trainer.kill();
  }
}

interface Asker {
  resolve: (result: JobResult) => void;
  reject: (error: unknown) => void;
  event?: (event: RunEvent) => void;
}

/** A trainer process, asked one thing at a time. */
export class TrainerProcess {
  readonly #child = fork(entry('trainer'), [], {
    execPath: plainNode(),
    execArgv: [],
    serialization: 'advanced',
    silent: true,
    env: { ...allocator, ...process.env },
  });
  readonly #gone = once(this.#child, 'exit').catch(() => {});
  readonly #death = death(this.#child, lastWords(this.#child));
  #asker: Asker | null = null;

  constructor() {
    // Whoever asks meets it; until then it is not unhandled.
    this.#death.catch(() => {});
    this.#child.on('message', (raw) => this.#receive(raw));
  }

  /** Left out where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  /** Resolves when it is gone. */
  get ended(): Promise<unknown> {
    return this.#gone;
  }

  tell(message: ToTrainer): void {
    tell(this.#child, message);
  }

  /** Throws as runJob. */
  async ask(message: ToTrainer, { signal, event }: JobOptions = {}): Promise<JobResult> {
    const cancel = () => requestCancel(this.#child);
    signal?.addEventListener('abort', cancel);
    try {
      const answer = new Promise<JobResult>((resolve, reject) => (this.#asker = { resolve, reject, event }));
      this.tell(message);
      const died = this.#death.catch((reason: unknown) => {
        throw signal?.aborted ? cancelled() : reason;
      });
      return await Promise.race([answer, died]);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends it wherever it is; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #receive(raw: unknown): void {
    const { data: message, error } = fromTrainerSchema.safeParse(raw);
    if (error) {
      // It speaks another language than its host: it must not go on beside the next job.
      this.#child.kill('SIGKILL');
      this.#asker?.reject(error);
    } else if (message.type === 'event') this.#asker?.event?.(message.event);
    else if (message.type === 'result') this.#asker?.resolve(message.result);
    else this.#asker?.reject(new ThawError(message.error as ErrorReport));
  }
}

const tell = (child: ChildProcess, message: ToTrainer): void => void child.send(message, () => {});
const cancelled = () => new ThawError({ code: 'cancelled', message: 'Cancelled.' });

function requestCancel(child: ChildProcess): void {
  if (child.connected) tell(child, { type: 'cancel' });
  const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  killing.unref();
  child.once('exit', () => clearTimeout(killing));
}

/** Rejects once the process is gone and everything it had sent is read. */
async function death(child: ChildProcess, said: () => string): Promise<never> {
  const before = oomKills();
  const [[code, signal]] = await Promise.all([once(child, 'close'), once(child, 'disconnect')]);
  throw deathOf({ code, signal, said: said(), oomKill: oomKills() > before });
}

/** Characters of them: Node says what was fatal before a trace of its own code, which is long. */
const LAST_WORDS = 16_000;

/** What a process last wrote to its standard error. Its standard output is read away. */
function lastWords(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-LAST_WORDS)));
  child.stdout?.resume();
  return () => tail.trim();
}
