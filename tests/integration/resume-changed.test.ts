/** What a run cannot be resumed from, and which of its checkpoints it is resumed from. */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runConfigurationSchema, type Run, type RunEvent } from '../../src/shared/domain.ts';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { openRuns, type Runs } from '../../src/main/services/runs.ts';
import { processStart } from '../../src/main/process-start.ts';
import { fixture, sentiment, temporaryFolder, thaw } from './thaw.ts';

let folder: string;
let base: string;
let data: string;
let project: Project;
let runs: Runs;
/** Stopped in its third epoch, with a checkpoint after every step. */
let stopped: string;
/** The same run, uninterrupted. */
let whole: Run;

const settings = { maxLength: 48, threads: 1, epochs: 6, learningRate: 1e-3, dropout: 0.1, checkpointMinutes: 1e-9 };

async function open(): Promise<void> {
  project = await openProject(data);
  runs = openRuns(project);
}
async function close(): Promise<void> {
  await runs.close();
  await project.close();
}

/** The run as it ended, and what was told of it; cancelled at a step where one is named. */
async function follow(run: string, cancelAt?: number): Promise<{ run: Run; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  for await (const event of runs.watch(run)) {
    events.push(event);
    if (event.type === 'step' && event.step === cancelAt) void runs.cancel(run);
  }
  return { run: await runs.finished(run), events };
}
async function resumed(run = stopped): Promise<{ run: Run; events: RunEvent[] }> {
  await runs.resume(run);
  return follow(run);
}
const file = (name: string, run = stopped): string => path.join(project.runDirectory(run), name);
const lastOf = (run: string) => {
  const stored = readSafetensors(file('last.safetensors', run));
  return stored.names.map((name) => [name, Buffer.from(stored.read(name).data.buffer).toString('base64')]);
};

/** The middle byte of a file becomes another. */
async function damage(name: string): Promise<void> {
  const content = await fs.readFile(name);
  content[content.length >> 1] ^= 1;
  await fs.writeFile(name, content);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  data = path.join(folder, 'template');
  base = path.join(folder, 'base');
  await fs.cp(fixture('bert'), base, { recursive: true });
  const made = await openProject(data, { create: { task: 'classification', name: 'Test' } });
  await made.importFile({ file: await sentiment(folder, 120) });
  await made.close();
  await open();
  const configuration = runConfigurationSchema.parse({ ...settings, base });
  whole = (await follow((await runs.start({ name: 'whole', configuration })).run)).run;
  stopped = (await runs.start({ name: 'stopped', configuration })).run;
  // Between two steps, so with the checkpoint before it.
  await follow(stopped, 14);
  await close();
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  const template = path.join(folder, 'template');
  data = path.join(folder, `project-${Math.random()}`);
  await fs.cp(template, data, { recursive: true });
  await fs.cp(fixture('bert'), base, { recursive: true });
  await open();
});
afterEach(close);

it('keeps the last two checkpoints and the best, and goes on from the newest', async () => {
  expect((await fs.readdir(project.runDirectory(stopped))).sort()).toEqual([
    'best.safetensors',
    'events.json',
    'last.safetensors',
    'origin.json',
    'previous.safetensors',
  ]);
  const { run, events } = await resumed();
  expect(run).toMatchObject({ run: stopped, status: 'finished', validation: whole.validation, test: whole.test, epochs: whole.epochs });
  expect(lastOf(stopped)).toEqual(lastOf(whole.run));
  expect(events.find((event) => event.type === 'resumed')?.step).toBeGreaterThanOrEqual(13);
  // The curve is whole, each step once.
  const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
  const told = steps.filter((step, index) => steps.lastIndexOf(step) === index);
  expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: run.figures?.steps ?? 0 }, (_, index) => index + 1));
  const replayed: RunEvent[] = [];
  for await (const event of runs.watch(stopped)) replayed.push(event);
  expect(replayed.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual(told);
});

it('falls back to the checkpoint before the newest where that is damaged, and says so', async () => {
  await damage(file('last.safetensors'));
  const { run } = await resumed();
  expect(run.figures?.notes).toEqual([expect.stringMatching(/newest checkpoint was damaged.*step \d+/)]);
  expect(lastOf(stopped)).toEqual(lastOf(whole.run));
});

it('is refused where no checkpoint is whole, and where the best one is not', async () => {
  await damage(file('best.safetensors'));
  expect((await resumed()).run).toMatchObject({ status: 'failed', error: expect.stringMatching(/best\.safetensors.*damaged/) });
  for (const name of ['last', 'previous']) await fs.truncate(file(`${name}.safetensors`), 1000);
  expect((await resumed()).run).toMatchObject({ status: 'failed', error: expect.stringMatching(/last\.safetensors.*damaged/) });
});

describe('is refused, and names what changed', () => {
  /** In the stored run, while nobody has it open. */
  async function edit(sql: string): Promise<void> {
    await close();
    const database = new SqliteDatabase(path.join(data, 'project.db'));
    database.prepare(sql).run(stopped);
    database.close();
    await open();
  }
  it.each<[what: string, change: () => Promise<unknown>]>([
    ['examples', () => damage(path.join(data, 'snapshots', `${whole.snapshot}.json`))],
    ['labels', () => edit(`UPDATE run SET labels = '["positive","negative"]' WHERE id = ?`)],
    ['tokenizer', () => fs.appendFile(path.join(base, 'tokenizer.json'), '\n')],
    ["model's weights", () => damage(path.join(base, 'model.safetensors'))],
    ['config.json', () => fs.appendFile(path.join(base, 'config.json'), '\n')],
    ['configuration', () => edit(`UPDATE run SET configuration = json_set(configuration, '$.learningRate', 0.5) WHERE id = ?`)],
  ])('%s', async (what, change) => {
    await change();
    expect((await resumed()).run).toMatchObject({ status: 'failed', error: expect.stringContaining(what) });
  });
});

it('starts at step 0 where there is no checkpoint', async () => {
  for (const name of ['last', 'previous', 'best']) await fs.rm(file(`${name}.safetensors`));
  const { run, events } = await resumed();
  expect(events.find((event) => event.type === 'resumed')).toMatchObject({ epoch: 0, step: 0 });
  expect(run.epochs).toEqual(whole.epochs);
  expect(lastOf(stopped)).toEqual(lastOf(whole.run));
});

it('goes on with other threads, and says that the weights are not the same', async () => {
  await runs.resume(stopped, { threads: 2 });
  const { run } = await follow(stopped);
  expect(run).toMatchObject({ status: 'finished', configuration: { threads: 1 } });
  expect(run.figures?.notes).toEqual([expect.stringMatching(/cpu with 1 threads.*cpu with 2 threads/)]);
});

it('only a run that stopped before its end is resumed, and once at a time', async () => {
  await expect(runs.resume(whole.run)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('is finished') });
  await expect(runs.resume('r99')).rejects.toMatchObject({ code: 'unknown_run' });
  const outcomes = await Promise.allSettled([runs.resume(stopped), runs.resume(stopped)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await follow(stopped)).run.status).toBe('finished');
});

it('the trainer that a dead host left behind is ended first', async () => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const gone = new Promise((resolve) => orphan.once('exit', (_, signal) => resolve(signal)));
  const { pid } = orphan as { pid: number };
  await fs.writeFile(file('trainer.json'), JSON.stringify({ pid, started: processStart(pid) }));
  expect((await resumed()).run.status).toBe('finished');
  expect(await gone).toBe('SIGKILL');
});

it('a process that has taken the id of a trainer is left alone', async () => {
  await fs.writeFile(file('trainer.json'), JSON.stringify({ pid: process.pid, started: 'before this process' }));
  expect((await resumed()).run.status).toBe('finished');
});

describe('the command line', () => {
  it.each([['--epochs', '5'], ['--name', 'x'], ['--head-only'], ['--checkpoint-minutes', '1'], ['--seed', '1']])(
    'refuses %s beside --resume',
    async (...option) => {
      const { code, errors } = await thaw(['train', '--project', data, '--resume', stopped, ...option]);
      expect(code).toBe(2);
      expect(errors).toMatch(new RegExp(`^error: ${option[0]} cannot stand beside --resume`));
    },
  );

  it('logs each step once, to the same file', async () => {
    await close();
    const log = path.join(folder, 'log.jsonl');
    const lines = async () => (await fs.readFile(log, 'utf8')).trim().split('\n').map((line) => JSON.parse(line).step as number); // prettier-ignore
    await fs.writeFile(log, Array.from({ length: 60 }, (_, index) => `{"step":${index + 1}}\n`).join(''));
    const given = ['--threads', '1', '--device', 'auto', '--log', log, '--json'];
    const { code, output, errors } = await thaw(['train', '--project', data, '--resume', stopped, ...given]);
    expect({ code, errors }).toMatchObject({ code: 0, errors: expect.stringMatching(/going on after epoch \d, step \d\d/) });
    expect(JSON.parse(output)).toMatchObject({ run: stopped, steps: whole.figures?.steps });
    expect(await lines()).toEqual(Array.from({ length: whole.figures?.steps ?? 0 }, (_, index) => index + 1));
    await open();
  });
});
