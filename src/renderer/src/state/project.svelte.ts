/** The open project: its summary, kept fresh by whoever changes it. */
import { isLabeled, labelsNamed, type Annotation, type Label, type ProjectSummary } from '../../../shared/domain.ts';
import { api, toReport } from '../api.ts';
import type { ErrorReport } from '../../../shared/errors.ts';

class ProjectState {
  summary = $state<ProjectSummary | null>(null);
  /** Why the project could not be opened. */
  error = $state<ErrorReport | null>(null);

  /** Opens `folder`, unless it is open already. */
  async open(folder: string): Promise<void> {
    if (this.summary?.folder === folder) return;
    this.summary = null;
    this.error = null;
    await this.#load(folder);
  }

  async refresh(): Promise<void> {
    if (this.summary) await this.#load(this.summary.folder);
  }

  set(summary: ProjectSummary): void {
    this.summary = summary;
    this.error = null;
  }

  /** Counts follow a label at once, without asking the host. */
  recount(before: Annotation, after: Annotation): void {
    if (!this.summary) return;
    this.summary.labeled += Number(isLabeled(after)) - Number(isLabeled(before));
    for (const label of this.summary.labels) label.count += occurrences(label, after) - occurrences(label, before);
  }

  async #load(folder: string): Promise<void> {
    try {
      const summary = await api.projects.open({ folder });
      this.summary = summary;
    } catch (cause) {
      this.error = toReport(cause);
    }
  }
}

function occurrences(label: Label, annotation: Annotation): number {
  return labelsNamed(annotation).filter((name) => name === label.name).length;
}

export const project = new ProjectState();

/** The look of a label: the one it was given; that of its place in `labels` for one that a run knew and the project does not any more. */
export function categoryIn(labels: string[], name: string): number {
  return project.summary?.labels.find((label) => label.name === name)?.category ?? labels.indexOf(name);
}
