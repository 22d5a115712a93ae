/** A long call as its screen follows it. */
import type { Call } from '../database/index.ts';

/**
 * Runs the call and tells how far it is, and at last what came of it. Progress that is not taken in time is passed over. Ending the
 * iteration before that, or the signal, cancels the call. Throws as the call does.
 */
export async function* callEvents<Progress extends object, Result extends object>(
  run: (call: Call<Progress>) => Promise<Result>,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<({ type: 'progress' } & Progress) | ({ type: 'done' } & Result)> {
  const left = new AbortController();
  let latest: Progress | null = null;
  let wake = () => {};
  let isOver = false;
  const progress = (now: Progress) => {
    latest = now;
    wake();
  };
  const running = run({ signal: AbortSignal.any([signal, left.signal]), progress }).finally(() => {
    isOver = true;
    wake();
  });
  // It is awaited below; until then a failure is not unhandled.
  running.catch(() => {});
  try {
    while (!isOver) {
      const now = latest as Progress | null;
      latest = null;
      if (now) yield { type: 'progress', ...now };
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    yield { type: 'done', ...(await running) };
  } finally {
    left.abort();
  }
}
