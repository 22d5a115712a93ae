/** A chosen file that is checked before it is imported. */
import { runConfigurationSchema, type ProjectSummary } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { Checking } from './checking.svelte.ts';
import type { ImportSource } from './chosen-files.ts';
import type { ImportChoice } from './import-form.svelte.ts';
import { importing } from './importing.svelte.ts';

export class ImportCheck {
  checking = $state.raw<Checking | null>(null);
  #choice: ImportChoice | null = null;
  #importing: Promise<void> = Promise.resolve();

  /** Checks the file as it would be imported: into `project`, or a new one. */
  start(source: ImportSource, choice: ImportChoice, project: ProjectSummary | null): void {
    const { base, maxLength } = runConfigurationSchema.parse({});
    const { name: _, ...options } = choice;
    const asked = { source, folder: project?.folder ?? null, ...options, base, maxLength };
    this.#choice = choice;
    this.checking = new Checking((signal) => api.checks.file(asked, { signal }));
    void this.checking.run();
  }

  /** Imports the file with the mends chosen. What fails is shown, and the check is there again. */
  import(project: ProjectSummary | null): void {
    const { choice } = this;
    if (choice) this.#importing = importing.start(choice, project);
  }

  /** Back to the choices, which stay. The host needs the check for an import under way, and keeps it until that has ended. */
  leave(): void {
    const { checking } = this;
    this.checking = null;
    void this.#importing.then(() => checking?.close());
  }

  /** What is to be imported, with the mends chosen; null where nothing is checked. */
  private get choice(): ImportChoice | null {
    const { checking } = this;
    if (!checking?.id || !this.#choice) return null;
    return { ...this.#choice, ...(checking.chosen.length > 0 && { mended: { check: checking.id, mends: checking.chosen } }) };
  }
}
