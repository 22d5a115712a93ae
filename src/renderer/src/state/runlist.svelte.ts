/** A project's runs as the Runs screen shows them: the list, and the two picked for a comparison. */
import type { BaseModel, Run } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { stackOf } from './recipe.ts';
import { modelUnder } from './startingpoints.ts';

export class RunList {
  readonly #folder: string;
  runs: Run[] = $state([]);
  models: BaseModel[] = $state([]);
  loaded = $state(false);
  /** In the order picked: A, then B. */
  picked: string[] = $state([]);

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(): Promise<void> {
    const [runs, models] = await Promise.all([
      api.runs.list({ folder: this.#folder }),
      this.models.length ? this.models : api.models.list(),
    ]);
    this.runs = [...runs].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    this.models = models;
    this.picked = this.picked.filter((id) => this.find(id));
    this.loaded = true;
  }

  readonly #newest = $derived.by(() => this.runs.find((run) => run.validation)?.snapshot ?? this.runs[0]?.snapshot);
  /** Runs that saw the newest snapshot: scored on the same texts, so comparable. */
  readonly current = $derived.by(() => this.runs.filter((run) => run.snapshot === this.#newest));
  readonly others = $derived.by(() => this.runs.filter((run) => run.snapshot !== this.#newest));
  readonly pair = $derived.by(() => this.picked.flatMap((id) => this.find(id) ?? []));
  /** Why the two picked cannot be compared, or null. */
  readonly obstacle = $derived.by(() => {
    if (this.pair.length < 2) return 'Pick a second run.';
    return this.pair[0].snapshot === this.pair[1].snapshot ? null : 'They saw different labels, so a comparison would not be fair.';
  });

  find(id: string): Run | undefined {
    return this.runs.find((run) => run.run === id);
  }

  /** A third pick replaces the first. */
  toggle(id: string): void {
    if (this.picked.includes(id)) this.picked = this.picked.filter((other) => other !== id);
    else if (this.find(id)?.status === 'finished') this.picked = [...this.picked.slice(-1), id];
  }

  /** Goes on from its last checkpoint. */
  async resume(id: string): Promise<void> {
    await api.runs.resume({ folder: this.#folder, run: id });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await api.runs.remove({ folder: this.#folder, run: id });
    await this.load();
  }
}

/** Layer names of a run's base, output first; empty when the base is no longer here. */
export function layersOf(models: BaseModel[], run: Run, runs: Run[]): string[] {
  const model = modelUnder(run.configuration.base, models, runs);
  return model ? stackOf(model, 0).map((layer) => layer.name) : [];
}
