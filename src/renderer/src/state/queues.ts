/** The order in which the labeler goes through a project's examples. */
import type { Example } from '../../../shared/domain.ts';
import type { QueueEntry, LabelSuspect } from '../../../shared/learning.ts';
import type { Api } from '../api.ts';
import { Trail } from './trail.ts';

/** All give null where there is nothing on that side. */
export interface Queue {
  first(): Promise<Example | null>;
  later(from: Example): Promise<Example | null>;
  earlier(from: Example): Promise<Example | null>;
  /** Why an example comes in this queue; null: it says nothing of that. */
  entry?(id: number): QueueEntry | null;
  /** Why the label of an example looks wrong; null: it does not. */
  suspect?(id: number): LabelSuspect | null;
  /** Which one an example is, from 1, of how many; null: it is not among them. */
  place?(id: number): { at: number; of: number } | null;
  /** Nobody waits any more. A queue that has it asks what learns, which may take a while. */
  close?(): void;
  readonly isClosed?: boolean;
}

/** The example after the one that is shown, asked for while that is read, and once more when it is needed where that failed. */
export class NextExample {
  #ask: () => Promise<Example | null> = () => Promise.resolve(null);
  #answer: Promise<Example | null> = Promise.resolve(null);

  prepare(ask: () => Promise<Example | null>): void {
    this.#ask = ask;
    this.#answer = ask();
    // Whoever takes it meets the failure; until then it is not unhandled.
    this.#answer.catch(() => {});
  }

  take(): Promise<Example | null> {
    return this.#answer.catch(() => this.#ask());
  }
}

/** Those without a label that were not skipped; earlier goes back over what was seen. */
export class UnlabeledQueue implements Queue {
  readonly #api: Api;
  readonly #folder: string;
  readonly #trail = new Trail();

  constructor(api: Api, folder: string) {
    this.#api = api;
    this.#folder = folder;
  }

  first(): Promise<Example | null> {
    return this.#next(null);
  }

  /** Over what was seen already, then the next unlabeled. */
  async later(from: Example): Promise<Example | null> {
    this.#trail.see(from.id);
    const seen = this.#trail.after(from.id);
    if (seen !== null) return this.#get(seen);
    const next = await this.#next(from.id);
    return next?.id === from.id ? null : next;
  }

  async earlier(from: Example): Promise<Example | null> {
    this.#trail.see(from.id);
    const before = this.#trail.before(from.id);
    return before === null ? null : this.#get(before);
  }

  #get(id: number): Promise<Example> {
    return this.#api.labels.get({ folder: this.#folder, id });
  }

  async #next(after: number | null): Promise<Example | null> {
    return (await this.#api.labels.next({ folder: this.#folder, after })).example;
  }
}

/** Every example, by its id, which is the order of the data table. */
export class AllQueue implements Queue {
  readonly #api: Api;
  readonly #folder: string;

  constructor(api: Api, folder: string) {
    this.#api = api;
    this.#folder = folder;
  }

  first(): Promise<Example | null> {
    return this.#beside(0, 'later');
  }

  later(from: Example): Promise<Example | null> {
    return this.#beside(from.id, 'later');
  }

  earlier(from: Example): Promise<Example | null> {
    return this.#beside(from.id, 'earlier');
  }

  async #beside(id: number, direction: 'earlier' | 'later'): Promise<Example | null> {
    return (await this.#api.labels.beside({ folder: this.#folder, id, direction })).example;
  }
}
