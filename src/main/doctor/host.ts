/** The host's side of the doctor's thread. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ChosenMend, DoctorEvent, DoctorReport, EvidencePage, FindingKind } from '../../shared/doctor.ts';
import { ThawError } from '../../shared/errors.ts';
import { entry } from '../entries.ts';
import type { DoctorJob, DoctorMessage, DoctorQuestion } from './messages.ts';
import type { MendPlan } from './row.ts';

/** Old space of the thread, in MB: what it keeps of rows lies outside of it. */
const heapMB = 256;

export interface Doctor {
  /** The report of all rows, once they have been examined. Throws as readRows and openProject, and cancelled once closed. */
  readonly report: Promise<DoctorReport>;
  /** Texts behind a finding of the latest report. */
  evidence(page: { finding: FindingKind; offset: number; limit: number }): Promise<EvidencePage>;
  /** What the mends would change. */
  plan(chosen: ChosenMend[]): Promise<MendPlan>;
  /** Ends the thread at once, whatever it does, and removes what it kept. */
  close(): Promise<void>;
}

type Question = DoctorQuestion extends infer Each ? (Each extends DoctorQuestion ? Omit<Each, 'id'> : never) : never;

const closed = () => new ThawError({ code: 'cancelled', message: 'The check was ended.' });

class DoctorThread implements Doctor {
  readonly report: Promise<DoctorReport>;
  private readonly worker: Worker;
  private readonly folder: string;
  private readonly pending = new Map<number, { resolve: (value: never) => void; reject: (error: ThawError) => void }>();
  private nextId = 1;
  private settle!: { resolve: (report: DoctorReport) => void; reject: (error: ThawError) => void };
  private latest: DoctorReport | null = null;
  private ended: ThawError | null = null;

  constructor(worker: Worker, folder: string, tell: (event: DoctorEvent) => void) {
    this.worker = worker;
    this.folder = folder;
    this.report = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Whoever asks hears of it; nobody has to.
    this.report.catch(() => undefined);
    worker.on('message', (message: DoctorMessage) => this.receive(message, tell));
    worker.on('error', (cause) => this.end(new ThawError({ code: 'internal', message: `The check failed: ${cause.message}` }, { cause })));
    worker.on('exit', () => this.end(closed()));
  }

  async evidence(page: { finding: FindingKind; offset: number; limit: number }): Promise<EvidencePage> {
    if (!this.latest) await this.report;
    return this.ask<EvidencePage>({ type: 'evidence', ...page });
  }

  async plan(chosen: ChosenMend[]): Promise<MendPlan> {
    await this.report;
    return this.ask<MendPlan>({ type: 'plan', chosen });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ask<T>(question: Question): Promise<T> {
    if (this.ended) throw this.ended;
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...question } satisfies DoctorQuestion);
    });
  }

  private receive(message: DoctorMessage, tell: (event: DoctorEvent) => void): void {
    if (message.type === 'event') {
      if (message.event.type === 'report') this.latest = message.event.report;
      tell(message.event);
    } else if (message.type === 'ready') this.settle.resolve(this.latest as DoctorReport);
    else if (message.type === 'failed') this.end(new ThawError(message.error));
    else {
      this.pending.get(message.id)?.resolve(message.value as never);
      this.pending.delete(message.id);
    }
  }

  private end(error: ThawError): void {
    this.ended ??= error;
    this.settle.reject(this.ended);
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}

/** Examines a file or a project in a thread of its own. `tell` hears of progress, and of a first report of a large file's first rows. */
export async function openDoctor(job: Omit<DoctorJob, 'spool'>, tell: (event: DoctorEvent) => void = () => {}): Promise<Doctor> {
  const folder = await mkdtemp(join(tmpdir(), 'thaw-check-'));
  const workerData: DoctorJob = { ...job, spool: join(folder, 'rows') };
  const worker = new Worker(entry('doctor'), { workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMB } });
  return new DoctorThread(worker, folder, tell);
}
