/** Labels through the contract at random, and knows what a project has to hold afterwards. */
import type { Api } from './kill-client.ts';

/** What a labeler says of one text. */
export interface Said {
  label: string | null;
  skipped: boolean;
  note: string;
}

export const nothing: Said = { label: null, skipped: false, note: '' };

interface Step {
  id: number;
  before: Said;
  after: Said;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const same = (a: Said, b: Said) => a.label === b.label && a.skipped === b.skipped && a.note === b.note;

export class Labeler {
  /** What was acknowledged, by text. */
  readonly said = new Map<number, Said>();
  readonly #done: Step[] = [];
  readonly #undone: Step[] = [];
  readonly #random: () => number;
  readonly #texts: number;

  constructor(texts: number, seed: number) {
    this.#texts = texts;
    this.#random = randomNumbers(seed);
  }

  saidOf(id: number): Said {
    return this.said.get(id) ?? nothing;
  }

  /** Any of `count`. */
  pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** The next thing to do: what it changes (null: nothing is left to undo or redo), the call that does it, and what its answer means. */
  next(): { change: { id: number; after: Said } | null; call: (api: Api, folder: string) => Promise<unknown>; acknowledged: () => void } {
    const kind = (['label', 'label', 'label', 'skip', 'note', 'undo', 'redo'] as const)[this.pick(7)];
    if (kind === 'undo' || kind === 'redo') return this.#move(kind);
    const id = 1 + this.pick(this.#texts);
    const before = this.saidOf(id);
    const number = this.pick(1000);
    const after: Said = {
      label: { ...before, label: ['no', 'yes'][number % 2], skipped: false },
      skip: { ...before, label: null, skipped: true },
      note: { ...before, note: `note ${number}` },
    }[kind];
    return {
      change: { id, after },
      call: (api, folder) =>
        kind === 'note'
          ? api.labels.remark({ folder, id, remark: { note: after.note, unsure: false } })
          : api.labels.annotate({ folder, id, annotation: { label: after.label, spans: null }, skipped: after.skipped }),
      acknowledged: () => {
        this.said.set(id, after);
        if (same(before, after)) return;
        this.#done.push({ id, before, after });
        this.#undone.length = 0;
      },
    };
  }

  #move(kind: 'undo' | 'redo'): ReturnType<Labeler['next']> {
    const [from, to] = kind === 'undo' ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const step = from.at(-1);
    const after = kind === 'undo' ? step?.before : step?.after;
    return {
      change: step && after ? { id: step.id, after } : null,
      call: (api, folder) => api.labels[kind]({ folder }),
      acknowledged: () => {
        if (!step || !after) return;
        from.pop();
        to.push(step);
        this.said.set(step.id, after);
      },
    };
  }

  /** After a restart the one call that was not answered may be on disk: takes that over, so that the next round knows. */
  settle(pending: ReturnType<Labeler['next']>, found: (id: number) => Said): void {
    if (pending.change && same(found(pending.change.id), pending.change.after)) pending.acknowledged();
  }
}
