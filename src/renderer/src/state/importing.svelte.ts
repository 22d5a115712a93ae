/** The file a person chose, on its way into a project. An import goes on while they look at other screens. */
import type { ImportProgress, ImportReport, ProjectSummary, Task } from '../../../shared/domain.ts';
import type { ImportChoice } from '../components/ImportForm.svelte';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';
import { project as opened } from './project.svelte.ts';

export interface ImportOutcome {
  report: ImportReport;
  project: ProjectSummary;
  fileName: string;
}

class Importing {
  file = $state.raw<File | null>(null);
  task = $state<Task | null>(null);
  /** Of the import under way: null before the host has said anything. */
  progress = $state.raw<ImportProgress | null>(null);
  /** Name of the file that is being imported, and the folder it goes to; null for a new project's. */
  running = $state.raw<{ fileName: string; folder: string | null } | null>(null);
  outcome = $state.raw<ImportOutcome | null>(null);
  #stop: AbortController | null = null;

  choose(file: File | null, task: Task | null = this.task): void {
    this.file = file;
    this.task = task;
    this.outcome = null;
  }

  /** Share done, in [0, 1]: drawing splits is the last tenth. */
  get share(): number {
    if (!this.progress) return 0;
    const { phase, done, total } = this.progress;
    return phase === 'splitting' ? 0.9 : (0.9 * done) / Math.max(1, total);
  }

  /** Imports the chosen file, into `project` or a new one. What fails is shown, and the file stays chosen. */
  async start(choice: ImportChoice, project: ProjectSummary | null): Promise<void> {
    const { file } = this;
    if (!file || this.running) return;
    this.#stop = new AbortController();
    this.running = { fileName: file.name, folder: project?.folder ?? null };
    const { signal } = this.#stop;
    const done = await attempt(() => this.#follow(file, choice, project, signal));
    this.running = null;
    this.progress = null;
    this.#stop = null;
    if (!done) return;
    if (project) await opened.refresh();
    this.choose(null, null);
    this.outcome = { ...done, fileName: file.name };
  }

  /** Ends the import under way; nothing of it stays. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** Null where it was cancelled. */
  async #follow(
    content: File,
    { name, task, ...options }: ImportChoice,
    project: ProjectSummary | null,
    signal: AbortSignal,
  ): Promise<Omit<ImportOutcome, 'fileName'> | null> {
    const data = { fileName: content.name, content, ...options };
    try {
      const events = await (project
        ? api.data.add({ folder: project.folder, ...data }, { signal })
        : api.projects.createFromFile({ name, task, ...data }, { signal }));
      for await (const event of events) {
        if (event.type === 'done') return event;
        this.progress = event;
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
    return null;
  }
}

export const importing = new Importing();
