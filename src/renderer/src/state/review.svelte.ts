/** A run's suggestions being looked over: from which probability on, a sample of those, what a person found, and then all of them at once. */
import type { BulkTarget } from '../../../shared/filter.ts';
import { atLeast, type Review, type Sampled } from '../../../shared/suggestions.ts';
import { countOf } from '../components/words.ts';
import { api } from '../api.ts';
import { history } from './history.svelte.ts';
import { attempt, messages } from './messages.svelte.ts';
import { project } from './project.svelte.ts';

const START = 90;
export const SAMPLE = 20;

/** The texts chosen in the data table that a review is asked of, until that is open; null: all that wait. */
export const chosenTexts: { target: BulkTarget | null } = { target: null };

export class Reviewing {
  readonly folder: string;
  readonly run: string;
  /** Of some texts only. */
  readonly target: BulkTarget | null;
  review = $state.raw<Review | null>(null);
  percent = $state(START);
  sample = $state.raw<Sampled[] | null>(null);
  /** By example: whether the suggestion is right. What was found of a text holds when it is drawn again. */
  found = $state.raw(new Map<number, boolean>());
  /** Index into the sample. */
  at = $state(0);
  progress = $state.raw<{ done: number; total: number } | null>(null);
  #stop: AbortController | null = null;

  constructor(folder: string, run: string, target: BulkTarget | null) {
    this.folder = folder;
    this.run = run;
    this.target = target;
  }

  /** Suggestions at or above the percent. */
  readonly above = $derived.by(() => (this.review ? atLeast(this.review.counts, this.percent) : 0));
  readonly current = $derived.by(() => this.sample?.[this.at] ?? null);
  readonly judged = $derived.by(() => (this.sample ?? []).filter(({ example }) => this.found.has(example.id)).length);
  readonly wrong = $derived.by(() => (this.sample ?? []).filter(({ example }) => this.found.get(example.id) === false));
  readonly isChecked = $derived.by(() => this.sample !== null && this.sample.length > 0 && this.judged === this.sample.length);
  /** Those found wrong stay as they are. */
  readonly approvable = $derived.by(() => Math.max(0, this.above - this.wrong.length));

  async load(): Promise<void> {
    const review = await attempt(() => api.suggestions.review({ folder: this.folder, run: this.run, target: this.target }));
    if (!review) return;
    this.review = review;
    this.sample = null;
    if (atLeast(review.counts, this.percent) === 0)
      this.percent = Math.max(
        0,
        review.counts.findLastIndex((count) => count > 0),
      );
  }

  /** Another threshold has other suggestions above it: what was drawn says nothing of them. */
  from(percent: number): void {
    if (percent === this.percent) return;
    this.percent = percent;
    this.sample = null;
  }

  async draw(): Promise<void> {
    const { review, percent, folder } = this;
    if (!review) return;
    const seed = Math.floor(Math.random() * 2 ** 31);
    const drawn = await attempt(() => api.suggestions.sample({ folder, review: review.review, percent, size: SAMPLE, seed }));
    if (!drawn || percent !== this.percent) return;
    this.sample = drawn.texts;
    this.at = 0;
    this.#toNextOpen();
  }

  move(step: number): void {
    this.at = Math.max(0, Math.min((this.sample?.length ?? 1) - 1, this.at + step));
  }

  judge(isRight: boolean): void {
    const { current } = this;
    if (!current) return;
    this.found = new Map(this.found).set(current.example.id, isRight);
    this.#toNextOpen();
  }

  /** Says which label it is: the suggested one, or another, which is kept at once as a label given by hand. */
  async label(name: string): Promise<void> {
    const { current, folder } = this;
    if (!current) return;
    if (current.labels.includes(name)) return this.judge(true);
    const { id } = current.example;
    this.judge(false);
    const annotation = { label: name, spans: null };
    if (await attempt(() => api.labels.annotate({ folder, id, annotation, skipped: false }))) await project.refresh();
  }

  async approve(): Promise<void> {
    const { review, percent, folder, wrong } = this;
    if (!review || !this.isChecked || this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.progress = { done: 0, total: this.approvable };
    const except = wrong.map(({ example }) => example.id);
    const changed = await attempt(() => this.#follow({ folder, review: review.review, percent, except }, signal));
    this.progress = null;
    this.#stop = null;
    if (changed === undefined) return;
    messages.notify({
      text: `${countOf(changed, 'suggestion')} approved.`,
      action: { label: 'Undo', run: () => void history.back('undo') },
    });
    await Promise.all([project.refresh(), this.load()]);
  }

  cancel(): void {
    this.#stop?.abort();
  }

  async #follow(asked: Parameters<typeof api.suggestions.approve>[0], signal: AbortSignal): Promise<number | undefined> {
    try {
      for await (const event of await api.suggestions.approve(asked, { signal })) {
        if (event.type === 'done') return event.changed;
        this.progress = event;
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
    return undefined;
  }

  /** The first from here on that nobody has looked at, and then from the start. */
  #toNextOpen(): void {
    const isOpen = ({ example }: Sampled) => !this.found.has(example.id);
    const sample = this.sample ?? [];
    const later = sample.findIndex((text, index) => index >= this.at && isOpen(text));
    const next = later < 0 ? sample.findIndex(isOpen) : later;
    if (next >= 0) this.at = next;
  }
}
