/** Taking a run away: formats, where to, and what came of it. */
import type { ExportReport, ProjectSummary, Run } from '../../../shared/domain.ts';
import { api } from '../api.ts';

export type Format = 'huggingface' | 'onnx';
export type Report = ExportReport & { folder: string };

export const formats: { format: Format; title: string; purpose: string }[] = [
  {
    format: 'huggingface',
    title: 'Hugging Face folder',
    purpose: 'Safetensors, tokenizer and model card, which names the test figures. For Python: transformers',
  },
  { format: 'onnx', title: 'ONNX', purpose: 'One file with the tokenizer beside it. Runs almost anywhere, also in the browser' },
];

export class Exporting {
  readonly #project: ProjectSummary;
  runs: Run[] = $state([]);
  loaded = $state(false);
  chosen: string | null = $state(null);
  formats: Format[] = $state(['huggingface', 'onnx']);
  /** Empty: the project's own exports folder. */
  output = $state('');
  busy = $state(false);
  report: Report | null = $state(null);

  constructor(project: ProjectSummary, run: string | undefined) {
    this.#project = project;
    this.chosen = run ?? null;
  }

  readonly run = $derived.by(() => this.runs.find((run) => run.run === this.chosen) ?? null);

  async load(): Promise<void> {
    const runs = await api.runs.list({ folder: this.#project.folder });
    this.runs = runs.filter((run) => run.status === 'finished').sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    if (!this.run && this.runs.length > 0) this.chosen = this.runs[0].run;
    this.loaded = true;
  }

  choose(run: string): void {
    this.chosen = run;
    this.report = null;
  }

  toggle(format: Format): void {
    this.formats = this.formats.includes(format) ? this.formats.filter((other) => other !== format) : [...this.formats, format];
  }

  /** The folder the host takes when none is typed. */
  get usualFolder(): string {
    const separator = this.#project.folder.includes('\\') ? '\\' : '/';
    return [this.#project.folder, 'exports', this.chosen ?? ''].join(separator);
  }

  async export(): Promise<void> {
    if (this.busy || !this.run || this.formats.length === 0) return;
    this.busy = true;
    this.report = null;
    try {
      const output = this.output.trim() || undefined;
      this.report = await api.exports.create({ folder: this.#project.folder, run: this.run.run, formats: this.formats, output });
    } finally {
      this.busy = false;
    }
  }
}
