/** Going through the texts on which annotators differ, one by one. */
import { isLabeled, type Annotation, type Disagreement } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { commonOf } from './answers.ts';
import { attempt } from './messages.svelte.ts';
import { history, type Direction } from './history.svelte.ts';
import { project as opened } from './project.svelte.ts';

export class Settling {
  /** Ids of all texts with disagreements, and whether each is settled; null until known. */
  list = $state.raw<{ id: number; settled: boolean }[] | null>(null);
  current = $state.raw<Disagreement | null>(null);
  /** Several labels, and spans: what was put together, change by change; none: what the answers have in common, or what was settled on. */
  #drafts = $state.raw<Annotation[]>([]);
  readonly #folder: string;
  #busy = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get settled(): number {
    return this.list?.filter(({ settled }) => settled).length ?? 0;
  }

  get draft(): Annotation | null {
    const { current } = this;
    const changed = this.#drafts.at(-1);
    if (changed || !current) return changed ?? null;
    return current.settled ? current.example.annotation : commonOf(current.answers);
  }

  change(draft: Annotation): void {
    this.#drafts = [...this.#drafts, draft];
  }

  /** Shows the first that is not settled, or the one of that id. */
  async load(id?: number): Promise<void> {
    this.list = (await attempt(() => api.annotators.disagreements({ folder: this.#folder }))) ?? this.list ?? [];
    const next = id ?? this.list.find(({ settled }) => !settled)?.id;
    if (next === undefined) this.current = null;
    else await this.#show(next);
  }

  async #show(id: number): Promise<void> {
    const found = await attempt(() => api.annotators.get({ folder: this.#folder, id }));
    if (!found) return;
    this.current = found;
    this.#drafts = [];
  }

  /** The one before or after in the list, settled or not. */
  async move(step: 1 | -1): Promise<void> {
    const ids = this.list?.map(({ id }) => id) ?? [];
    const at = this.current ? ids.indexOf(this.current.example.id) : step > 0 ? -1 : ids.length;
    const id = ids[at + step];
    if (id !== undefined) await this.#show(id);
  }

  /** Makes it the label and goes on to the next that is not settled. */
  async settle(annotation: Annotation): Promise<void> {
    const id = this.current?.example.id;
    if (id === undefined || this.#busy || !isLabeled(annotation)) return;
    this.#busy = true;
    const done = await attempt(() => api.annotators.settle({ folder: this.#folder, id, annotation }));
    if (done) {
      this.list = (this.list ?? []).map((text) => (text.id === id ? { id, settled: true } : text));
      await this.#next(id);
    }
    this.#busy = false;
  }

  async #next(after: number): Promise<void> {
    const open = (this.list ?? []).filter(({ settled }) => !settled);
    const next = open.find(({ id }) => id > after) ?? open[0];
    if (next) return this.#show(next.id);
    this.current = null;
    this.#drafts = [];
  }

  /** The last change to what is put together; or else a step of the history, and the text that it changed. */
  async back(direction: Direction): Promise<void> {
    if (direction === 'undo' && this.#drafts.length > 0) {
      this.#drafts = this.#drafts.slice(0, -1);
      return;
    }
    const step = await history.take(direction);
    if (!step) return;
    await opened.refresh();
    await this.load();
    const changed = step.example?.id;
    if (changed !== undefined && this.list?.some(({ id }) => id === changed)) await this.#show(changed);
  }
}
