/** What learns beside whoever labels, as it tells of itself. */
import type { LearningState } from '../../../shared/learning.ts';
import { api, toReport } from '../api.ts';

export class Learning {
  /** null: nothing was heard yet. */
  state = $state.raw<LearningState | null>(null);
  /** Why nothing is heard any more. */
  problem = $state<string | null>(null);
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Listens until `signal` ends it; one that had given up begins anew. */
  async follow(signal: AbortSignal): Promise<void> {
    this.problem = null;
    try {
      for await (const state of await api.learning.watch({ folder: this.#folder }, { signal })) this.state = state;
    } catch (cause) {
      if (!signal.aborted) this.problem = toReport(cause).message;
    }
  }
}
