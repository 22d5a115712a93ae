/** The database thread's side of the import thread. */
import { Worker } from 'node:worker_threads';
import { ThawError } from '../../shared/errors.ts';
import { entry, rowThreadLimits } from '../entries.ts';
import type { ImportJob, ImportMessage } from '../import/index.ts';

/**
 * What the import thread says, in order; it waits while too much of it is not taken. Ends with the thread, which ends when nobody listens
 * any more. Throws what the thread throws, and the signal's reason.
 */
export async function* importMessages(job: ImportJob, signal: AbortSignal): AsyncGenerator<ImportMessage> {
  signal.throwIfAborted();
  const worker = new Worker(entry('importer'), { workerData: job, execArgv: [], resourceLimits: rowThreadLimits });
  const waiting: ImportMessage[] = [];
  let failure: unknown = null;
  let ended = false;
  let wake = () => {};
  const fail = (cause: unknown) => {
    failure ??= cause;
    wake();
  };
  worker.on('message', (message: ImportMessage) => {
    waiting.push(message);
    wake();
  });
  worker.on('error', (cause) =>
    fail(new ThawError({ code: 'internal', message: `The import thread failed: ${cause.message}` }, { cause })),
  );
  worker.on('exit', () => {
    ended = true;
    wake();
  });
  const cancel = () => fail(signal.reason);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      if (failure) throw failure;
      const message = waiting.shift();
      if (message?.type === 'failed') throw new ThawError(message.error);
      if (message) {
        yield message;
        worker.postMessage('taken');
      } else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    await worker.terminate();
  }
}
