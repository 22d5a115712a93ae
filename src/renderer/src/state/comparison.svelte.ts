/** Two runs side by side: the test of their difference, and the answers that changed. */
import type { Comparison, Flip, Run, Split } from '../../../shared/domain.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import { api, toReport } from '../api.ts';

export type FlipFilter = 'all' | 'fixed' | 'broken' | 'changed';

export class RunComparison {
  readonly #folder: string;
  readonly #ids: [string, string];
  split: Split = $state('validation');
  runs: [Run, Run] | null = $state(null);
  result: Comparison | null = $state(null);
  flips: Flip[] = $state.raw([]);
  filter: FlipFilter = $state('all');
  problem: ErrorReport | null = $state(null);
  /** How often the test figures of the two runs have been opened; null: not here. */
  openings: number | null = $state(null);

  constructor(folder: string, first: string, second: string) {
    this.#folder = folder;
    this.#ids = [first, second];
  }

  readonly counts = $derived.by(() => {
    const of = (kind: Flip['kind']) => this.flips.filter((flip) => flip.kind === kind).length;
    return { all: this.flips.length, fixed: of('fixed'), broken: of('broken'), changed: of('changed') };
  });
  readonly shown = $derived.by(() => (this.filter === 'all' ? this.flips : this.flips.filter((flip) => flip.kind === this.filter)));

  async load(split: Split = 'validation'): Promise<void> {
    try {
      const query = { folder: this.#folder, runs: this.#ids, split };
      const [first, second, result, flips] = await Promise.all([
        api.runs.get({ folder: this.#folder, run: this.#ids[0] }),
        api.runs.get({ folder: this.#folder, run: this.#ids[1] }),
        api.runs.compare(query),
        api.runs.flips(query),
      ]);
      this.runs = [first, second];
      this.result = result;
      this.flips = flips;
      this.split = split;
    } catch (cause) {
      this.problem = toReport(cause);
    }
  }

  /** Counted for both runs before anything is shown. */
  async openTest(): Promise<void> {
    const opened = await Promise.all(this.#ids.map((run) => api.runs.openTest({ folder: this.#folder, run })));
    this.openings = Math.max(...opened.map(({ openings }) => openings));
    await this.load('test');
  }
}
