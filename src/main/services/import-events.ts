/** An import as its screen follows it. */
import type { ImportEvent, ImportProgress } from '../../shared/domain.ts';
import type { Call } from '../database/index.ts';
import type { Imported } from './projects.ts';

/**
 * Runs an import and tells how far it is, and at last what came of it. Progress that is not taken in time is passed over. Ending the
 * iteration before that, or the signal, cancels the import. Throws as the import does.
 */
export async function* importEvents(
  run: (call: Call<ImportProgress>) => Promise<Imported>,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<ImportEvent> {
  const left = new AbortController();
  let latest: ImportProgress | null = null;
  let wake = () => {};
  let isOver = false;
  const progress = (now: ImportProgress) => {
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
      const now: ImportProgress | null = latest;
      latest = null;
      if (now) yield { type: 'progress', ...(now as ImportProgress) };
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    yield { type: 'done', ...(await running) };
  } finally {
    left.abort();
  }
}
