/** Entry of the database thread: the one connection that writes to a project. */
import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { ThawError } from '../../shared/errors.ts';
import { databaseFailure } from './failures.ts';
import { databaseFile, openDatabase } from './open.ts';
import { accountName } from './annotator.ts';
import { createOperations } from './operations.ts';
import { releaseOwnership } from './owner.ts';
import { SearchIndexer } from './search-index.ts';
import type { Request, Response, ThreadData } from './protocol.ts';
import { readMark } from './tables/learning.ts';

const { folder, options, openedAt } = workerData as ThreadData;
const port = parentPort as NonNullable<typeof parentPort>;
const file = databaseFile(folder);
const send = (response: Response) => port.postMessage(response);

function serve(): void {
  const database = openDatabase(folder, options);
  const running = new Map<number, AbortController>();
  let last: Promise<unknown> = Promise.resolve();
  let exclusive = 0;
  const indexer = new SearchIndexer(database, () => exclusive === 0);
  const index = () => void (options.readonly || indexer.catchUp());
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    exclusive++;
    const mine = last.then(work).finally(() => {
      exclusive--;
      index();
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  const context = {
    database,
    folder,
    readonly: options.readonly ?? false,
    openedAt,
    annotator: accountName(),
    exclusively,
    indexer,
  };
  const operations = createOperations(context);

  const answers = new Set<Promise<void>>();

  let mark = JSON.stringify(readMark(database));
  /** Also after a call that failed: it may have changed something and taken it back. What cannot be read now is told of after the next call. */
  function tellOfChange(): void {
    if (options.readonly) return;
    try {
      const now = JSON.stringify(readMark(database));
      if (now === mark) return;
      mark = now;
      send({ type: 'changed' });
    } catch (error) {
      if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
    }
  }

  async function answer({ id, operation, arguments: given }: Extract<Request, { type: 'call' }>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const work = operations[operation] as (...values: unknown[]) => unknown;
      const progress = (value: unknown) => send({ type: 'progress', id, value });
      const value = await work(...given, { signal: controller.signal, progress });
      tellOfChange();
      send({ type: 'result', id, value });
    } catch (error) {
      tellOfChange();
      send({ type: 'error', id, error: databaseFailure(error, file).toReport() });
    } finally {
      running.delete(id);
    }
  }

  async function close(): Promise<void> {
    cancelAll(running);
    await indexer.stop();
    await Promise.all(answers);
    await last;
    database.close();
    if (!options.readonly) releaseOwnership(folder);
    send({ type: 'closed' });
    port.close();
  }

  port.on('message', (request: Request) => {
    if (request.type === 'call') {
      const answering = answer(request).finally(() => answers.delete(answering));
      answers.add(answering);
    } else if (request.type === 'cancel') running.get(request.id)?.abort(cancelled());
    else void close();
  });
  send({ type: 'opened' });
  index();
}

const cancelled = () => new ThawError({ code: 'cancelled', message: 'Cancelled; nothing was changed.' });

function cancelAll(running: Map<number, AbortController>): void {
  for (const controller of running.values()) controller.abort(cancelled());
}

try {
  serve();
} catch (error) {
  send({ type: 'refused', error: databaseFailure(error, file).toReport() });
  port.close();
}
