/** Labels that look wrong, the likeliest error first. What was looked at does not come again, whether it was corrected, kept or passed over. */
import { isLabeled, labelsNamed, spanKey, type Example, type Span } from '../../../shared/domain.ts';
import type { LabelSuspect } from '../../../shared/learning.ts';
import type { Api } from '../api.ts';
import type { Queue } from './queues.ts';
import { Trail } from './trail.ts';

/** Texts asked for at a time. */
const AHEAD = 20;
/** Most that the host gives at a time. */
const MOST = 500;

export class SuspectQueue implements Queue {
  readonly #api: Api;
  readonly #folder: string;
  readonly #closing = new AbortController();
  readonly #trail = new Trail();
  #ahead: LabelSuspect[] = [];
  readonly #suspects = new Map<number, LabelSuspect>();

  constructor(api: Api, folder: string) {
    this.#api = api;
    this.#folder = folder;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  suspect(id: number): LabelSuspect | null {
    return this.#suspects.get(id) ?? null;
  }

  /** Those passed over come again once nothing else is left. @throws unavailable */
  first(): Promise<Example | null> {
    this.#trail.clear();
    this.#ahead = [];
    return this.#next();
  }

  async later(from: Example): Promise<Example | null> {
    this.#see(from.id);
    const seen = this.#trail.after(from.id);
    return seen === null ? this.#next() : this.#get(seen);
  }

  async earlier(from: Example): Promise<Example | null> {
    this.#see(from.id);
    const before = this.#trail.before(from.id);
    return before === null ? null : this.#get(before);
  }

  #see(id: number): void {
    this.#ahead = this.#ahead.filter((suspect) => suspect.id !== id);
    this.#trail.see(id);
  }

  #get(id: number): Promise<Example> {
    return this.#api.labels.get({ folder: this.#folder, id });
  }

  /** The first one ahead that still has the label it is suspected for. */
  async #next(): Promise<Example | null> {
    if (this.#ahead.length === 0) await this.#ask();
    while (this.#ahead.length > 0) {
      const [suspect] = this.#ahead;
      const example = await this.#get(suspect.id);
      if (isAsGiven(example, suspect)) return example;
      this.#ahead.shift();
    }
    return null;
  }

  /** From the first on: what was corrected or kept is none any more, what was passed over still is. */
  async #ask(): Promise<void> {
    const request = { folder: this.#folder, offset: 0, limit: Math.min(MOST, this.#trail.ids.length + AHEAD) };
    const { rows } = await this.#api.learning.suspects(request, { signal: this.#closing.signal });
    for (const row of rows) this.#suspects.set(row.id, row);
    this.#ahead = rows.filter(({ id }) => !this.#trail.has(id));
  }
}

export function isAsGiven({ annotation }: Example, { given, spans }: LabelSuspect): boolean {
  if (spans) return annotation.spans !== null && sameSpans(annotation.spans, spans.given);
  const labels = labelsNamed(annotation);
  return isLabeled(annotation) && labels.length === given.length && labels.every((label) => given.includes(label));
}

const sameSpans = (a: Span[], b: Span[]): boolean => a.map(spanKey).sort().join() === b.map(spanKey).sort().join();
