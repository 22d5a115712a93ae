/** Checks that screens have asked for: each is kept, with what it found, until it is closed or the next begins. */
import { randomUUID } from 'node:crypto';
import type { CheckEvent, ChosenMend, DoctorEvent, EvidencePage, FindingKind } from '../../shared/doctor.ts';
import type { ProjectSummary, Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { openDoctor, type Doctor, type MendPlan } from '../doctor/index.ts';
import { findTask, type ImportOptions } from '../import/index.ts';
import { baseFolder } from './models.ts';
import type { Projects } from './projects.ts';
import type { ImportSource, Uploads } from './uploads.ts';

/** How lengths are measured. */
interface Lengths {
  base: string;
  maxLength: number;
}

type FileToCheck = Omit<ImportOptions, 'file' | 'fileName'> & Lengths & { source: ImportSource; folder: string | null };

export interface Checks {
  /** Examines a file before it is imported; `folder`: into that project, null: into a new one. Ending the iteration early ends the check. */
  ofFile(given: FileToCheck, signal?: AbortSignal): AsyncGenerator<CheckEvent>;
  ofProject(given: Lengths & { folder: string }, signal?: AbortSignal): AsyncGenerator<CheckEvent>;
  /** Texts behind a finding. Throws unavailable where the check is not kept any more. */
  evidence(page: { check: string; finding: FindingKind; offset: number; limit: number }): Promise<EvidencePage>;
  /** What the mends chosen for a file do while it is imported. Throws unavailable. */
  plan(mended: { check: string; mends: ChosenMend[] }): Promise<MendPlan>;
  /** Mends the data of the project that was examined, as one change that can be undone. Throws unavailable, test_locked. */
  mend(given: { check: string; mends: ChosenMend[] }): Promise<{ changed: number; project: ProjectSummary }>;
  close(check: string): Promise<void>;
  closeAll(): Promise<void>;
}

interface Session {
  doctor: Doctor;
  /** Of the project that was examined; null: a file was. */
  folder: string | null;
  /** A plan under way, which an end of the check waits for. */
  planning?: Promise<unknown>;
}

const gone = () => new ThawError({ code: 'unavailable', message: 'This check is not kept any more.', remedy: 'Check again.' });

class HostChecks implements Checks {
  private readonly projects: Projects;
  private readonly uploads: Uploads;
  private readonly sessions = new Map<string, Session>();

  constructor(projects: Projects, uploads: Uploads) {
    this.projects = projects;
    this.uploads = uploads;
  }

  async *ofFile({ source, folder, base, maxLength, ...options }: FileToCheck, signal?: AbortSignal): AsyncGenerator<CheckEvent> {
    const file = { ...options, ...(await this.uploads.find(source)) };
    const known = folder === null ? null : await (await this.projects.open(folder)).summary();
    const task: Task = known?.task ?? file.task ?? (await findTask(file.file, file.format ?? 'auto', file));
    const told = new Told();
    const doctor = await openDoctor({ task, file, project: folder, base: baseFolder(base), maxLength }, (event) => told.add(event));
    yield* this.follow({ doctor, folder: null }, told, signal);
  }

  async *ofProject({ folder, base, maxLength }: Lengths & { folder: string }, signal?: AbortSignal): AsyncGenerator<CheckEvent> {
    const told = new Told();
    const { task } = await (await this.projects.open(folder)).summary();
    const doctor = await openDoctor({ task, project: folder, base: baseFolder(base), maxLength }, (event) => told.add(event));
    yield* this.follow({ doctor, folder }, told, signal);
  }

  async evidence({ check, ...page }: { check: string; finding: FindingKind; offset: number; limit: number }): Promise<EvidencePage> {
    return this.session(check).doctor.evidence(page);
  }

  async plan({ check, mends }: { check: string; mends: ChosenMend[] }): Promise<MendPlan> {
    const session = this.session(check);
    const plan = session.doctor.plan(mends);
    session.planning = plan.catch(() => undefined);
    return plan;
  }

  async mend({ check, mends }: { check: string; mends: ChosenMend[] }): Promise<{ changed: number; project: ProjectSummary }> {
    const { doctor, folder } = this.session(check);
    if (folder === null) throw gone();
    const project = await this.projects.open(folder);
    const changed = await project.mend(await doctor.plan(mends));
    return { changed, project: await project.summary() };
  }

  async close(check: string): Promise<void> {
    const session = this.sessions.get(check);
    this.sessions.delete(check);
    await session?.planning;
    await session?.doctor.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.sessions.keys()].map((check) => this.close(check)));
  }

  private session(check: string): Session {
    const session = this.sessions.get(check);
    if (!session) throw gone();
    return session;
  }

  /** One check is kept at a time: what a screen that went away left behind ends with the next. */
  private async *follow(session: Session, told: Told, signal?: AbortSignal): AsyncGenerator<CheckEvent> {
    await this.closeAll();
    const check = randomUUID();
    this.sessions.set(check, session);
    const { report } = session.doctor;
    void report.catch(() => undefined).finally(() => told.end());
    const stop = () => void this.close(check);
    signal?.addEventListener('abort', stop, { once: true });
    let isWhole = false;
    try {
      yield { type: 'started', check };
      yield* told.events();
      await report;
      isWhole = true;
    } finally {
      signal?.removeEventListener('abort', stop);
      if (!isWhole) await this.close(check);
    }
  }
}

/** Events in order; of progress that nobody has taken, the latest. */
class Told {
  private readonly waiting: DoctorEvent[] = [];
  private isOver = false;
  private wake = () => {};

  add(event: DoctorEvent): void {
    if (this.waiting.at(-1)?.type === 'progress') this.waiting.pop();
    this.waiting.push(event);
    this.wake();
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  async *events(): AsyncGenerator<DoctorEvent> {
    for (;;) {
      const event = this.waiting.shift();
      if (event) yield event;
      else if (this.isOver) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

export const openChecks = (projects: Projects, uploads: Uploads): Checks => new HostChecks(projects, uploads);
