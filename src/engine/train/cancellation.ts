import { ThawError } from '../../shared/errors.ts';

/** Lets the event loop turn, so that a request to cancel arrives, and obeys it. @throws cancelled */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw new ThawError({ code: 'cancelled', message: 'Cancelled.' });
}
