/** A queue by what Thaw learns meanwhile: asked for some texts ahead, and anew behind the text that is read, so that nobody waits for it. */
import { isLabeled, type Example } from '../../../shared/domain.ts';
import { randomEvery, type QueueEntry, type QueueKind } from '../../../shared/learning.ts';
import type { Api } from '../api.ts';
import type { Queue } from './queues.ts';
import { Trail } from './trail.ts';

/** Texts asked for at a time. */
const AHEAD = 20;
/** Most that the host takes of those that are not to come. */
const MOST_LEFT_OUT = 10_000;

export class LearnedQueue implements Queue {
  readonly #api: Api;
  readonly #folder: string;
  readonly #kind: QueueKind;
  readonly #closing = new AbortController();
  readonly #trail = new Trail();
  /** Those to come. */
  #ahead: QueueEntry[] = [];
  /** The one that comes next, unless something else is asked for. */
  #chosen: QueueEntry | undefined;
  /** Texts until one that was drawn at random. Answers of the host overlap, so that their places would not keep the share. */
  #untilRandom = 0;
  readonly #entries = new Map<number, QueueEntry>();
  #asking = false;
  #isStale = false;

  constructor(api: Api, folder: string, kind: QueueKind) {
    this.#api = api;
    this.#folder = folder;
    this.#kind = kind;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  entry(id: number): QueueEntry | null {
    return this.#entries.get(id) ?? null;
  }

  /** Those passed over come again once nothing else is left. @throws unavailable */
  async first(): Promise<Example | null> {
    const example = await this.#begin();
    if (example || this.#trail.ids.length === 0) return example;
    this.#trail.clear();
    return this.#begin();
  }

  async #begin(): Promise<Example | null> {
    await this.#ask();
    this.#untilRandom = Math.max(
      0,
      this.#ahead.findIndex((entry) => entry.drawnAtRandom),
    );
    return this.#next();
  }

  /** Over what was seen already, then what the queue has next. */
  async later(from: Example): Promise<Example | null> {
    this.#see(from.id);
    const seen = this.#trail.after(from.id);
    if (seen !== null) return this.#get(seen);
    if (this.#ahead.length === 0) await this.#ask();
    const next = await this.#next();
    void this.#refresh();
    return next;
  }

  async earlier(from: Example): Promise<Example | null> {
    this.#see(from.id);
    const before = this.#trail.before(from.id);
    return before === null ? null : this.#get(before);
  }

  #see(id: number): void {
    this.#ahead = this.#ahead.filter((entry) => entry.id !== id);
    if (this.#trail.has(id)) return;
    this.#untilRandom = this.entry(id)?.drawnAtRandom ? randomEvery - 1 : this.#untilRandom - 1;
    this.#trail.see(id);
  }

  #get(id: number): Promise<Example> {
    return this.#api.labels.get({ folder: this.#folder, id });
  }

  /** The first of those ahead that are due and still wait; it stays there until it is seen. */
  async #next(): Promise<Example | null> {
    while (this.#ahead.length > 0) {
      const isRandomDue = this.#untilRandom <= 0;
      this.#chosen = this.#ahead.find((entry) => entry.drawnAtRandom === isRandomDue) ?? this.#ahead[0];
      const { id } = this.#chosen;
      const example = await this.#get(id);
      if (!isLabeled(example.annotation) && !example.skipped) return example;
      this.#ahead = this.#ahead.filter((entry) => entry.id !== id);
    }
    this.#chosen = undefined;
    return null;
  }

  /** Asks for what follows the next one, which is not exchanged any more: labels have changed since. One at a time; a failure leaves what there is. */
  async #refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#isStale && !this.isClosed) {
      this.#isStale = false;
      await this.#ask(this.#chosen).catch(() => {});
    }
    this.#asking = false;
  }

  async #ask(next?: QueueEntry): Promise<void> {
    const leaveOut = [...this.#trail.ids, ...(next ? [next.id] : [])].slice(-MOST_LEFT_OUT);
    const request = { folder: this.#folder, queue: this.#kind, limit: AHEAD, leaveOut };
    const { entries } = await this.#api.learning.queue(request, { signal: this.#closing.signal });
    for (const entry of entries) this.#entries.set(entry.id, entry);
    // What was seen meanwhile is not ahead any more.
    const ahead = next ? [next, ...entries] : entries;
    this.#ahead = ahead.filter(({ id }) => !this.#trail.has(id));
  }
}
