/** The file or folder a person chose, on its way into a project. An import goes on while they look at other screens. */
import type { ImportProgress, ImportReport, ProjectSummary, Task } from '../../../shared/domain.ts';
import type { ImportChoice } from './import-form.svelte.ts';
import { api } from '../api.ts';
import { handOver, type ChosenFiles, type ImportSource } from './chosen-files.ts';
import { attempt } from './messages.svelte.ts';
import { project as opened } from './project.svelte.ts';

export interface ImportOutcome {
  report: ImportReport;
  project: ProjectSummary;
  fileName: string;
}

class Importing {
  files = $state.raw<ChosenFiles | null>(null);
  task = $state<Task | null>(null);
  /** Of the import under way: null before the host has said anything. */
  progress = $state.raw<ImportProgress | null>(null);
  /** Name of the file that is being imported, and the folder it goes to; null for a new project's. */
  running = $state.raw<{ fileName: string; folder: string | null } | null>(null);
  outcome = $state.raw<ImportOutcome | null>(null);
  /** What the host has of the chosen files; null until it has all. */
  source = $state.raw<ImportSource | null>(null);
  /** Share of them that it has. */
  handed = $state(0);
  #stop: AbortController | null = null;
  #handing: AbortController | null = null;

  choose(files: ChosenFiles | null, task: Task | null = this.task): void {
    void this.#letGo();
    this.files = files;
    this.task = task;
    this.outcome = null;
    if (files) void this.#handOver(files);
  }

  /** What came of an import is looked at once. */
  leave(): void {
    this.outcome = null;
  }

  async #handOver(files: ChosenFiles): Promise<void> {
    this.#handing = new AbortController();
    const { signal } = this.#handing;
    this.handed = 0;
    const source = await attempt(() => handOver(files, (share) => (this.handed = share), signal));
    if (this.files === files) this.source = source ?? null;
    else if (source && 'upload' in source) await api.files.drop({ upload: source.upload });
    if (!source && this.files === files) this.files = null;
  }

  /** The host keeps what it was handed until then. */
  async #letGo(): Promise<void> {
    const { source } = this;
    this.#handing?.abort();
    this.source = null;
    if (source && 'upload' in source) await attempt(() => api.files.drop({ upload: source.upload }));
  }

  /** Share done, in [0, 1]: drawing splits is the last tenth. */
  get share(): number {
    if (!this.progress) return 0;
    const { phase, done, total } = this.progress;
    return phase === 'splitting' ? 0.9 : (0.9 * done) / Math.max(1, total);
  }

  /** Imports the chosen file, into `project` or a new one. What fails is shown, and the file stays chosen. */
  async start(choice: ImportChoice, project: ProjectSummary | null): Promise<void> {
    const { files, source } = this;
    if (!files || !source || this.running) return;
    this.#stop = new AbortController();
    this.running = { fileName: files.name, folder: project?.folder ?? null };
    const { signal } = this.#stop;
    const done = await attempt(() => this.#follow(source, choice, project, signal));
    this.running = null;
    this.progress = null;
    this.#stop = null;
    if (!done) return;
    if (project) await opened.refresh();
    this.choose(null, null);
    this.outcome = { ...done, fileName: files.name };
  }

  /** Ends the import under way; nothing of it stays. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** Null where it was cancelled. */
  async #follow(
    source: ImportSource,
    { name, task, ...options }: ImportChoice,
    project: ProjectSummary | null,
    signal: AbortSignal,
  ): Promise<Omit<ImportOutcome, 'fileName'> | null> {
    const data = { source, ...options };
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
