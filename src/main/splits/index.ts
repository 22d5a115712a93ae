/** Draws a project's splits anew, in a thread of its own. Nothing is changed here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ThawError } from '../../shared/errors.ts';
import type { RedrawOptions } from '../../shared/splits.ts';
import { entry, rowThreadLimits } from '../entries.ts';
import type { Redraw, RedrawJob, RedrawMessage } from './messages.ts';

export type { Moves, Redraw } from './messages.ts';

/** The same for the same data and seed. Throws unknown_column, wrong_format, as openProject, and the signal's reason. */
export async function redraw(folder: string, options: RedrawOptions, signal?: AbortSignal): Promise<Redraw> {
  const place = await mkdtemp(join(tmpdir(), 'thaw-splits-'));
  const workerData: RedrawJob = { folder, options, spool: join(place, 'texts') };
  const worker = new Worker(entry('splits'), { workerData, execArgv: [], resourceLimits: rowThreadLimits });
  try {
    return await new Promise<Redraw>((resolve, reject) => {
      worker.on('message', (message: RedrawMessage) =>
        message.type === 'failed' ? reject(new ThawError(message.error)) : resolve(message.redraw),
      );
      const failed = (cause?: Error) =>
        reject(new ThawError({ code: 'internal', message: `Drawing splits failed: ${cause?.message ?? 'its thread ended'}` }, { cause }));
      worker.on('error', failed);
      worker.on('exit', () => failed());
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      signal?.throwIfAborted();
    });
  } finally {
    await worker.terminate();
    await rm(place, { recursive: true, force: true });
  }
}
