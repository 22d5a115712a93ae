/** Entry of the thread that draws a project's splits anew. It writes nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { toThawError } from '../../shared/errors.ts';
import { everyExample } from '../database/reading.ts';
import { Spool } from '../duplicates/index.ts';
import type { RedrawJob, RedrawMessage } from './messages.ts';
import { redrawn } from './redraw.ts';

const { folder, options, spool } = workerData as RedrawJob;
const port = parentPort as NonNullable<typeof parentPort>;
const send = (message: RedrawMessage) => port.postMessage(message);

try {
  const texts = new Spool(spool);
  send({ type: 'done', redraw: redrawn(everyExample(folder), texts, options) });
  texts.close();
} catch (error) {
  send({ type: 'failed', error: toThawError(error).toReport() });
}
port.close();
