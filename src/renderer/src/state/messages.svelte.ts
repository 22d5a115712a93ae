/** The one place where a failure or a short notice is shown. */
import type { ErrorReport } from '../../../shared/errors.ts';
import { toReport } from '../api.ts';

export interface Notice {
  text: string;
  action?: { label: string; run: () => void };
}

const NOTICE_MS = 6000;

class Messages {
  error = $state<ErrorReport | null>(null);
  notice = $state<Notice | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows what went wrong and what to do about it. */
  report(cause: unknown): void {
    this.error = toReport(cause);
  }

  notify(notice: Notice): void {
    clearTimeout(this.#timer);
    this.notice = notice;
    this.#timer = setTimeout(() => (this.notice = null), NOTICE_MS);
  }

  dismiss(): void {
    this.error = null;
  }
}

export const messages = new Messages();

/** Runs `work`; a failure is shown and gives `undefined`. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    messages.report(cause);
    return undefined;
  }
}
