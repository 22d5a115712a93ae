import { isDefinedError, safe } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { RPCHandler } from '@orpc/server/message-port';
import { MessageChannel } from 'node:worker_threads';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeApi } from '../shared/client.ts';
import type { Api } from '../shared/client.ts';
import { runConfigurationSchema, type ImportEvent, type ImportProgress, type Run, type RunEvent } from '../shared/domain.ts';
import { ThawError } from '../shared/errors.ts';
import type { LearningState } from '../shared/learning.ts';
import type { OpenProject, Services } from './open-services.ts';
import { Telling } from './services/learning/telling.ts';
import type { Call } from './database/index.ts';
import { createRouter } from './router.ts';
import type { ImportOptions } from './import/index.ts';
import type { Imported } from './services/projects.ts';

const cleanup: (() => void)[] = [];
afterEach(() => cleanup.splice(0).forEach((end) => end()));

/** The contract as a screen sees it, over a real message port, with services of which only what a test needs is there. */
function connect(
  open: Partial<{
    project: Partial<OpenProject['project']>;
    runs: Partial<OpenProject['runs']>;
    suggesting: Partial<OpenProject['suggesting']>;
    learner: Partial<OpenProject['learner']>;
  }>,
  rest: object = {},
): Api {
  const { port1, port2 } = new MessageChannel();
  const services = { open: async () => open, ...rest } as unknown as Services;
  // Node's ports and the browser's have the same events under two types.
  new RPCHandler(createRouter(services)).upgrade(port1 as never);
  port1.start();
  port2.start();
  cleanup.push(() => port1.close());
  return makeApi(new RPCLink({ port: port2 as never }));
}

/** What the screen would show of a failed call. */
async function reportOf(call: Promise<unknown>): Promise<unknown> {
  const [error] = await safe(call);
  return isDefinedError(error as Error) ? (error as unknown as { data: unknown }).data : error;
}

const folder = '/projects/one';
const metrics = { examples: 2, accuracy: 0.5, perLabel: [] };
const configuration = runConfigurationSchema.parse({});
const finished = {
  run: 'r1',
  name: 'one',
  status: 'finished',
  base: 'all-MiniLM-L6-v2',
  snapshot: 'hash',
  configuration,
  labels: ['a', 'b'],
  createdAt: '2026-11-23T00:00:00Z',
  figures: null,
  epochs: [],
  validation: metrics,
  test: metrics,
  error: null,
} satisfies Run;

const splits = { train: 1, validation: 0, test: 0 };
const report = { read: 1, imported: 1, rejected: [], duplicates: 0, labels: [], splits, notes: [] };
const summary = {
  folder,
  name: 'One',
  task: 'classification' as const,
  examples: 1,
  labeled: 0,
  runs: 0,
  labels: [],
  splits,
  labeledSplits: { train: 0, validation: 0, test: 0 },
  attribution: null,
  testLocked: false,
  openedAt: '2026-11-23T00:00:00Z',
};

describe('failures', () => {
  it('arrive as the report they were thrown as', async () => {
    const report = {
      code: 'damaged_file',
      message: 'project.db is damaged.',
      remedy: 'Restore it.',
      place: { file: '/x', byte: 7 },
    } as const;
    const api = connect({ project: { summary: () => Promise.reject(new ThawError(report)) } });
    expect(await reportOf(api.projects.open({ folder }))).toEqual(report);
  });

  it("of the system are worded, with the system's own words kept", async () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(await reportOf(connect({ project: { summary: () => Promise.reject(full) } }).projects.open({ folder }))).toMatchObject({
      code: 'disk_full',
    });
    const odd = connect({ project: { summary: () => Promise.reject(new Error('odd')) } });
    expect(await reportOf(odd.projects.open({ folder }))).toMatchObject({ code: 'internal', message: 'odd' });
  });

  it('of a call against the contract name its fields', async () => {
    const report = await reportOf(connect({}).labels.create({ folder, name: '' }));
    expect(report).toMatchObject({ code: 'wrong_format', message: expect.stringContaining('name: ') });
  });

  it('between two events of a run arrive worded too', async () => {
    async function* watch(): AsyncGenerator<RunEvent> {
      yield { type: 'phase', run: 'r1', phase: 'training' };
      throw new ThawError({ code: 'trainer_died', message: 'The trainer process died.' });
    }
    const events = await connect({ runs: { watch } }).runs.watch({ folder, run: 'r1' });
    expect((await events.next()).value).toMatchObject({ phase: 'training' });
    expect(await reportOf(events.next())).toMatchObject({ code: 'trainer_died' });
  });
});

describe('runs', () => {
  it('keep their test figures closed until they are opened, and the openings are counted', async () => {
    let openings = 0;
    const project = { runs: async () => [finished], run: async () => finished, countTestOpening: async () => ++openings };
    const api = connect({ project });
    expect(await api.runs.list({ folder })).toEqual([{ ...finished, test: null }]);
    expect(await api.runs.get({ folder, run: 'r1' })).toEqual({ ...finished, test: null });
    expect(await api.runs.openTest({ folder, run: 'r1' })).toEqual({ run: finished, openings: 1 });
    expect(await api.runs.openTest({ folder, run: 'r1' })).toMatchObject({ openings: 2 });
  });

  it('are watched until the screen looks away', async () => {
    let left: () => void;
    const away = new Promise<void>((resolve) => (left = resolve));
    async function* watch(): AsyncGenerator<RunEvent> {
      try {
        for (let step = 1; ; step++) {
          yield { type: 'step', run: 'r1', step, totalSteps: 9, loss: 1, learningRate: 1e-5, tokens: 3, ms: 2 };
          await new Promise(setImmediate);
        }
      } finally {
        left();
      }
    }
    const events = await connect({ runs: { watch } }).runs.watch({ folder, run: 'r1' });
    expect((await events.next()).value).toMatchObject({ step: 1 });
    await events.return?.(undefined);
    await away;
  });

  it('are ended before they are removed', async () => {
    const done: string[] = [];
    const runs = { cancel: async (run: string) => void done.push(`cancel ${run}`) };
    const suggesting = { stop: async (run?: string) => void done.push(`stop ${run}`) };
    const api = connect({ runs, suggesting, project: { removeRun: async (run: string) => void done.push(`remove ${run}`) } });
    await api.runs.remove({ folder, run: 'r1' });
    expect(done).toEqual(['cancel r1', 'stop r1', 'remove r1']);
  });
});

/** Uploads of which each is a file of its own name. */
const uploads = { find: async ({ upload }: { upload: string }) => ({ file: `/incoming/${upload}`, fileName: upload }) };

it('imports what was handed over, by its path and name', async () => {
  const addFile = async ({ file, fileName }: ImportOptions, { progress }: Call<ImportProgress>): Promise<Imported> => {
    progress?.({ phase: 'reading', done: 1, total: 2, rows: 1 });
    await nextTurn();
    return { project: summary, report: { ...report, labels: [file, fileName ?? ''] } };
  };
  const api = connect({}, { projects: { addFile }, uploads });
  const events: ImportEvent[] = [];
  for await (const event of await api.data.add({ folder, source: { upload: 'a.csv' } })) events.push(event);
  expect(events).toEqual([
    { type: 'progress', phase: 'reading', done: 1, total: 2, rows: 1 },
    { type: 'done', project: summary, report: { ...report, labels: ['/incoming/a.csv', 'a.csv'] } },
  ]);
});

it('an import that nobody listens to any more is cancelled', async () => {
  let ended: unknown = null;
  const addFile = (_: ImportOptions, { signal, progress }: Call<ImportProgress>): Promise<Imported> =>
    new Promise((_resolve, reject) => {
      progress?.({ phase: 'reading', done: 1, total: 2, rows: 1 });
      signal?.addEventListener('abort', () => {
        ended = 'cancelled';
        reject(new ThawError({ code: 'cancelled', message: 'Cancelled.' }));
      });
    });
  const api = connect({}, { projects: { addFile }, uploads });
  const stop = new AbortController();
  const events = await api.data.add({ folder, source: { upload: 'a.csv' } }, { signal: stop.signal });
  expect((await events.next()).value).toMatchObject({ type: 'progress', done: 1 });
  stop.abort();
  await expect(events.next()).rejects.toThrow();
  await vi.waitUntil(() => ended === 'cancelled');
});

it('lets go of learning when a screen stops listening, also while nothing happens', async () => {
  const state: LearningState = {
    phase: 'waiting',
    missing: [],
    embedded: { done: 0, total: 3 },
    leftOut: 0,
    labels: 0,
    spansLeftOut: 0,
    fitMs: null,
    heldOut: null,
    curve: null,
    curveFrom: 0,
    reason: null,
  };
  const telling = new Telling(state);
  let isOver = false;
  async function* watch(signal: AbortSignal) {
    try {
      yield* telling.watch(signal);
    } finally {
      isOver = true;
    }
  }
  const states = await connect({ learner: { watch } }).learning.watch({ folder });
  expect(await states.next()).toEqual({ done: false, value: state });
  await states.return?.();
  await expect.poll(() => isOver).toBe(true);
});
