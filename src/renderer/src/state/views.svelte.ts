/** The views a person saved of a project's examples, each with how many it lists. */
import { parseQuery } from '../../../shared/query.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

export interface SavedView {
  id: number;
  name: string;
  query: string;
  /** Null until it is known. */
  count: number | null;
}

/** Views that every project has. */
export const fixedViews = [
  { name: 'All texts', query: '' },
  { name: 'Unlabeled', query: 'is:unlabeled' },
  { name: 'Labeled', query: 'is:labeled' },
] as const;

export class SavedViews {
  list = $state.raw<SavedView[]>([]);
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(): Promise<void> {
    const found = await attempt(() => api.data.views({ folder: this.#folder }));
    if (found) this.#show(found);
  }

  /** False if that failed. A view of that name is replaced. */
  async save(name: string, query: string): Promise<boolean> {
    const found = await attempt(() => api.data.saveView({ folder: this.#folder, name, query }));
    if (found) this.#show(found);
    return found !== undefined;
  }

  async remove(id: number): Promise<void> {
    const found = await attempt(() => api.data.removeView({ folder: this.#folder, id }));
    if (found) this.#show(found);
  }

  #show(found: Omit<SavedView, 'count'>[]): void {
    const known = new Map(this.list.map(({ id, query, count }) => [`${id} ${query}`, count]));
    this.list = found.map((view) => ({ ...view, count: known.get(`${view.id} ${view.query}`) ?? null }));
    void this.#count();
  }

  /** One after another, so that what a person asks for comes first. A view that cannot be listed any more (its run is gone) has no count. */
  async #count(): Promise<void> {
    for (const { id, query } of this.list) {
      try {
        const page = await api.data.page({ folder: this.#folder, offset: 0, limit: 1, ...parseQuery(query) });
        const { total } = page.isComplete ? page : await api.data.count({ folder: this.#folder, listing: page.listing });
        this.list = this.list.map((view) => (view.id === id ? { ...view, count: total } : view));
      } catch {
        continue;
      }
    }
  }
}
