/** What the run that is being put together would take, as the host reckons it: asked for after each change, one question at a time. */
import type { Estimate, RunConfiguration } from '../../../shared/domain.ts';
import { api, toReport } from '../api.ts';

export class RunEstimate {
  readonly #folder: string;
  /** Of the last configuration that was answered. */
  found: Estimate | null = $state.raw(null);
  /** Another configuration is being reckoned. */
  waiting = $state(false);
  /** Why there is none, in a sentence. */
  failure: string | null = $state(null);
  #next: RunConfiguration | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Changes that come while a question is under way are asked of once it is answered, the last of them alone. */
  ask(configuration: RunConfiguration): void {
    this.#next = configuration;
    if (!this.waiting) void this.#answer();
  }

  async #answer(): Promise<void> {
    this.waiting = true;
    while (this.#next) {
      const configuration = this.#next;
      this.#next = null;
      try {
        this.found = await api.runs.estimate({ folder: this.#folder, configuration });
        this.failure = null;
      } catch (error) {
        this.found = null;
        this.failure = toReport(error).message;
      }
    }
    this.waiting = false;
  }
}
