/** Which of the queues by what is learned can be had, and why the others cannot. */
import type { QueueKind } from '../../../shared/learning.ts';
import { api, toReport } from '../api.ts';
import type { QueueName } from '../router.svelte.ts';

export interface QueueOffer {
  /** Texts it has. */
  total: number | null;
  /** A sentence: why it cannot be had. */
  reason: string | null;
}

/** A queue at random can always be had, and asking for it would draw. */
const asked = ['uncertain', 'diverse', 'disagreement'] as const;

export class QueueOffers {
  #known = $state<Partial<Record<QueueName, QueueOffer>>>({});
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined: it is not known yet. */
  of(queue: QueueName): QueueOffer | undefined {
    return this.#known[queue];
  }

  /** Asks for all of them anew: what was refused a while ago may be had now. */
  async load(signal: AbortSignal): Promise<void> {
    this.#known = {};
    await Promise.all(
      asked.map(async (queue) => {
        const offer = await this.#ask(queue, signal);
        if (!signal.aborted) this.#known[queue] = offer;
      }),
    );
  }

  async #ask(queue: QueueKind, signal: AbortSignal): Promise<QueueOffer> {
    try {
      const { total } = await api.learning.queue({ folder: this.#folder, queue, limit: 1 }, { signal });
      return { total, reason: null };
    } catch (cause) {
      const { message, remedy } = toReport(cause);
      return { total: null, reason: remedy ? `${message} ${remedy}` : message };
    }
  }
}
