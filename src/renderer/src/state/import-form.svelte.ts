/** How a chosen file is to be read: what a person said, and for the rest what the host found, which the preview shows. */
import type { ChosenMend } from '../../../shared/doctor.ts';
import type { FileFormat, Preview, ProjectSummary, Task } from '../../../shared/domain.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import { api, toReport } from '../api.ts';
import type { ImportSource } from './chosen-files.ts';

export interface ImportChoice {
  name: string;
  task: Task;
  format: FileFormat;
  encoding?: string;
  delimiter?: string;
  header: boolean;
  text?: string;
  label?: string;
  splitColumn?: string;
  group?: string;
  split: string;
  /** What the doctor is to mend while the file is read. */
  mended?: { check: string; mends: ChosenMend[] };
}

/** Columns by what they are for, as far as a person has said. An empty name: none. */
interface AskedColumns {
  text?: string[];
  label?: string;
  splitColumn?: string;
  group?: string;
}

export class ImportFormState {
  preview = $state.raw<Preview | null>(null);
  problem = $state.raw<ErrorReport | null>(null);
  format = $state<FileFormat | null>(null);
  encoding = $state<string | null>(null);
  delimiter = $state<string | null>(null);
  header = $state(true);
  task = $state<Task | null>(null);
  columns = $state.raw<AskedColumns>({});
  readonly #source: ImportSource;
  readonly #project: ProjectSummary | null;
  #latest = 0;

  constructor(source: ImportSource, project: ProjectSummary | null, task: Task | null) {
    this.#source = source;
    this.#project = project;
    // One label a text is what a person who has said nothing gets anyway; then the file decides.
    this.task = task === 'classification' ? null : task;
  }

  /** What the file is read for: the project's task, the one chosen, or the one found. */
  get kind(): Task {
    return this.#project?.task ?? this.task ?? this.preview?.task ?? 'classification';
  }

  get text(): string[] {
    return this.columns.text ?? this.preview?.chosen.text ?? [];
  }

  get label(): string {
    return this.columns.label ?? this.preview?.chosen.label[0] ?? '';
  }

  get splitColumn(): string {
    return this.columns.splitColumn ?? this.preview?.chosen.split ?? '';
  }

  get group(): string {
    return this.columns.group ?? '';
  }

  /** Says what a column is for; of other columns nothing is forgotten. */
  choose(columns: AskedColumns): void {
    this.columns = { ...this.columns, ...columns };
  }

  /** Another format or another reading of it has other columns. */
  reread(): void {
    this.columns = {};
  }

  get #options() {
    const { text, label, splitColumn, group } = this.columns;
    return {
      source: this.#source,
      format: this.format ?? ('auto' as const),
      encoding: this.encoding ?? undefined,
      delimiter: this.delimiter ?? undefined,
      header: this.header,
      text: text?.join(','),
      label,
      splitColumn,
      group: group || undefined,
      task: this.#project?.task ?? this.task ?? undefined,
    };
  }

  /** Asks the host for the first rows, read with what was said so far; an answer that comes too late is not shown. */
  async look(): Promise<void> {
    const mine = ++this.#latest;
    try {
      const preview = await api.files.preview(this.#options);
      if (mine !== this.#latest) return;
      this.preview = preview;
      this.problem = null;
    } catch (cause) {
      // What was found before stays, to choose otherwise.
      if (mine === this.#latest) this.problem = toReport(cause);
    }
  }

  /** What is imported: all that the preview shows, said outright. */
  choice(name: string, split: string): ImportChoice {
    const { source: _, format, encoding, ...options } = this.#options;
    const found = this.preview;
    return {
      ...options,
      name,
      split,
      task: this.kind,
      format: format === 'auto' ? (found?.format ?? 'csv') : format,
      encoding: encoding ?? found?.encoding ?? undefined,
      delimiter: this.delimiter ?? found?.delimiter ?? undefined,
    };
  }
}
