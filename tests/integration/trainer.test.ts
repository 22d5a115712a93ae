/** What happens to a run when its trainer, its host or the disk does not hold out. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { embeddedBase, runConfigurationSchema, type Run, type RunEvent } from '../../src/shared/domain.ts';
import { readSafetensors, writeSafetensors } from '../../src/engine/formats/safetensors.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { openRuns, type Runs } from '../../src/main/services/runs.ts';
import { childrenOf, fixture, sentiment, temporaryFolder, thaw } from './thaw.ts';

let folder: string;
let data: string;
let project: Project;
let runs: Runs;
const configuration = runConfigurationSchema.parse({ base: fixture('bert'), maxLength: 64, threads: 1, epochs: 200 });

beforeAll(async () => {
  folder = await temporaryFolder();
  const made = await openProject(path.join(folder, 'template'), { create: { task: 'classification', name: 'Test' } });
  await made.importFile({ file: await sentiment(folder, 120) });
  await made.close();
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  data = path.join(folder, `project-${Math.random()}`);
  await fs.cp(path.join(folder, 'template'), data, { recursive: true });
  await open();
});
afterEach(close);

async function open(): Promise<void> {
  project = await openProject(data);
  runs = openRuns(project);
}
async function close(): Promise<void> {
  await runs.close();
  await project.close();
}

/** Starts a run and calls `act` at its first step; resolves with the run as it ended and all its events. */
async function runUntilStep(
  act: (run: Run) => void | Promise<void>,
  more: Partial<typeof configuration> = {},
): Promise<{ run: Run; events: RunEvent[] }> {
  const started = await runs.start({ name: 'x', configuration: { ...configuration, ...more } });
  const events: RunEvent[] = [];
  for await (const event of runs.watch(started.run)) {
    events.push(event);
    if (event.type === 'step' && event.step === 1) void act(started);
  }
  return { run: await runs.finished(started.run), events };
}

/** The project opens as before and trains again. */
async function expectHealthy(): Promise<void> {
  await close();
  await open();
  expect((await project.summary()).examples).toBe(120);
  const { run } = await runs.start({ name: 'after', configuration: { ...configuration, epochs: 1 } });
  expect((await runs.finished(run)).status).toBe('finished');
}

it('a killed trainer fails its run with the reason, and the project opens as before', async () => {
  const { run, events } = await runUntilStep(() => childrenOf(process.pid).forEach((pid) => process.kill(pid, 'SIGKILL')));
  expect(run).toMatchObject({ status: 'failed', error: expect.stringMatching(/SIGKILL.*out of memory/) });
  expect(events.at(-1)).toMatchObject({ type: 'status', status: 'failed' });
  await expectHealthy();
});

it('a cancelled run stops between two steps and is marked', async () => {
  const { run, events } = await runUntilStep(({ run: id }) => runs.cancel(id));
  expect(run.status).toBe('cancelled');
  expect(events.filter(({ type }) => type === 'step').length).toBeLessThan(1000);
  const replayed: RunEvent[] = [];
  for await (const event of runs.watch(run.run)) replayed.push(event);
  expect(replayed).toEqual(events);
});

it('a run that gets no better stops early, says so, and keeps its best epoch', async () => {
  const { run, events } = await runUntilStep(() => {}, { patience: 2, learningRate: 1e-3 });
  const { bestEpoch, steps, notes } = run.figures!;
  expect(run.status).toBe('finished');
  expect(run.epochs).toHaveLength(bestEpoch + 2);
  expect(run.epochs.length).toBeLessThan(configuration.epochs);
  expect(run.epochs.at(-1)!.step).toBe(steps);
  expect(events.findLast(({ type }) => type === 'step')).toMatchObject({ step: steps });
  expect(run.validation).toEqual(run.epochs[bestEpoch - 1].validation);
  expect(notes).toEqual([expect.stringMatching(/^Stopped early/)]);
});

it('four batches of 4 a step train as batches of 16', async () => {
  const stepsOf = async (more: Partial<typeof configuration>) => {
    const { run, events } = await runUntilStep(() => {}, { epochs: 2, dropout: 0, ...more });
    expect(run.status).toBe('finished');
    return events.flatMap((event) => (event.type === 'step' ? [event] : []));
  };
  const [parts, whole] = [await stepsOf({ batchSize: 4, accumulate: 4 }), await stepsOf({ batchSize: 16 })];
  const counts = (steps: typeof parts) => steps.map(({ step, totalSteps, tokens }) => [step, totalSteps, tokens]);
  expect(counts(parts)).toEqual(counts(whole));
  parts.forEach(({ loss }, i) => expect(loss).toBeCloseTo(whole[i].loss, 4));
});

it('a queued run can be cancelled before it starts', async () => {
  const first = await runs.start({ name: 'first', configuration });
  const second = await runs.start({ name: 'second', configuration });
  // It does not wait for the run before it.
  await runs.cancel(second.run);
  expect((await project.run(second.run)).status).toBe('cancelled');
  expect(['queued', 'running']).toContain((await project.run(first.run)).status);
  await runs.cancel(first.run);
  expect([(await project.run(first.run)).status, (await project.run(second.run)).status]).toEqual(['cancelled', 'cancelled']);
});

it.skipIf(process.platform !== 'linux')('a full disk fails the run by name and leaves what was saved', async () => {
  const { run } = await runUntilStep(async ({ run: id }) => {
    // The checkpoint is written beside its place; here that is a device which is always full.
    await fs.symlink('/dev/full', path.join(project.runDirectory(id), 'last.safetensors.partial'));
  });
  expect(run).toMatchObject({ status: 'failed', error: expect.stringContaining('disk is full') });
  await expectHealthy();
});

/** Bytes that a trainer yet gets: enough for its own business, too few for a step of many texts of the built-in base model. */
const SPARE = 64 * 2 ** 20;

/** From now on. `prlimit` is of util-linux, as on every Linux. */
async function limitMemory(pid: number): Promise<void> {
  const kilobytes = Number(/^VmData:\s+(\d+)/m.exec(await fs.readFile(`/proc/${pid}/status`, 'utf8'))![1]);
  execFileSync('prlimit', ['--pid', String(pid), `--data=${kilobytes * 1024 + SPARE}`]);
}

it.skipIf(process.platform !== 'linux')('a run whose memory runs out in a step fails by that name, with what to try', async () => {
  const large = { ...configuration, base: embeddedBase, batchSize: 120 };
  const { run: id } = await runs.start({ name: 'x', configuration: large });
  for await (const event of runs.watch(id))
    if (event.type === 'phase' && event.phase === 'training') await Promise.all(childrenOf(process.pid).map(limitMemory));
  const { status, error } = await runs.finished(id);
  expect({ status, error }).toMatchObject({ status: 'failed', error: expect.stringMatching(/memory.*smaller batch size/i) });
  await expectHealthy();
});

it('a loss that is no number ends the run, with the step and what to try', async () => {
  const base = path.join(folder, 'nan');
  await fs.cp(fixture('bert'), base, { recursive: true });
  const file = path.join(base, 'model.safetensors');
  const stored = readSafetensors(file);
  const tensors = new Map(stored.names.map((name) => [name, stored.read(name)]));
  for (const [name, { data: values }] of tensors) if (name.endsWith('query.weight')) values.fill(NaN);
  await writeSafetensors(file, tensors);
  const { run } = await runUntilStep(() => {}, { base });
  expect(run).toMatchObject({ status: 'failed', error: expect.stringMatching(/diverged at step 1, learning rate.*Try/) });
});

it('a label that no training example has is refused before there is a run', async () => {
  const file = path.join(folder, 'extra.csv');
  await fs.writeFile(file, 'text,label\nneither this nor that,neutral\n');
  await project.importFile({ file, split: 'test' });
  await expect(runs.start({ name: 'x', configuration })).rejects.toMatchObject({
    code: 'not_enough_data',
    message: expect.stringContaining('“neutral” (1 in test)'),
  });
  expect(await project.runs()).toEqual([]);
});

it('a run trained on frozen layers keeps only what it trained, and predicts', async () => {
  const { run } = await runUntilStep(() => {}, { epochs: 1, freeze: ['embeddings', '0', '1', '2'] });
  expect(run.figures?.cachedPrefix).toBe(3);
  expect(await fs.readdir(path.join(data, 'cache'))).toHaveLength(1);
  const saved = readSafetensors(path.join(project.runDirectory(run.run), 'best.safetensors'));
  expect(saved.names.every((name) => name.startsWith('classifier') || name.startsWith('bert.pooler'))).toBe(true);
  const [prediction] = await runs.predict(run.run, ['a good one']);
  expect(run.labels).toContain(prediction.label);
});

it('a run learns the same whether another has filled the cache before, and when it was deleted', async () => {
  const frozen = { epochs: 2, freeze: ['embeddings', '0', '1'] };
  const { run: cold } = await runUntilStep(() => {}, frozen);
  const { run: warm } = await runUntilStep(() => {}, frozen);
  await fs.rm(path.join(data, 'cache'), { recursive: true });
  const { run: again } = await runUntilStep(() => {}, frozen);
  const best = (run: Run) => fs.readFile(path.join(project.runDirectory(run.run), 'best.safetensors'));
  expect((await best(warm)).equals(await best(cold))).toBe(true);
  expect((await best(again)).equals(await best(cold))).toBe(true);
});

it('a run that thaws its layers gradually keeps when each was thawed, and is refused where there is nothing to thaw', async () => {
  const { run } = await runUntilStep(() => {}, { epochs: 3, freeze: ['embeddings'], gradual: true, learningRate: 1e-3 });
  expect(run).toMatchObject({ status: 'finished', figures: { cachedPrefix: 3 } });
  const perEpoch = run.figures!.steps / 3;
  const { metadata } = readSafetensors(path.join(project.runDirectory(run.run), 'last.safetensors'));
  expect(JSON.parse(metadata.thaw).thawedAt).toEqual({ head: 0, '2': perEpoch, '1': perEpoch, '0': 2 * perEpoch });
  await expect(runs.start({ name: 'x', configuration: { ...configuration, epochs: 1, gradual: true } })).rejects.toMatchObject({
    code: 'unknown_option',
    place: { field: 'gradual' },
  });
});

it('the flips of two runs are those that their comparison counts', async () => {
  const { run: first } = await runUntilStep(() => {}, { epochs: 1, learningRate: 1e-3 });
  const { run: second } = await runUntilStep(() => {}, { epochs: 4, learningRate: 1e-3, seed: 2 });
  const comparison = await runs.compare(first.run, second.run, { split: 'validation' });
  expect(comparison.values).toEqual([first.validation?.accuracy, second.validation?.accuracy]);
  const flips = await runs.flips(first.run, second.run, 'validation');
  const count = (kind: string) => flips.filter((flip) => flip.kind === kind).length;
  expect({ fixed: count('fixed'), broken: count('broken') }).toEqual(comparison.flips);
  for (const { example, kind, first: was, second: is } of flips)
    expect([was.label === example.annotation.label, is.label === example.annotation.label]).toEqual(
      kind === 'fixed' ? [false, true] : [true, false],
    );
});

it('runs without predictions of a split are not compared', async () => {
  const { run } = await runUntilStep(({ run: id }) => runs.cancel(id));
  await expect(runs.compare(run.run, run.run, { split: 'test' })).rejects.toMatchObject({ code: 'not_comparable' });
});

it('Ctrl-C cancels the run cleanly', async () => {
  await close();
  let interrupted = false;
  const { code, errors } = await thaw(['train', '--project', data, '--base', fixture('bert'), '--max-length', '64', '--epochs', '500'], {
    watch: (text, kill) => {
      if (!interrupted && text.includes('training loss')) kill('SIGINT');
      interrupted ||= text.includes('training loss');
    },
  });
  expect(code).toBe(1);
  expect(errors).toMatch(/error: Run \w+ was cancelled/);
  await open();
  expect((await project.runs()).map(({ status }) => status)).toEqual(['cancelled']);
});

it('a host that is killed takes its trainer along, and its run is found interrupted', async () => {
  await close();
  let trainers: number[] = [];
  await thaw(['train', '--project', data, '--base', fixture('bert'), '--max-length', '64', '--epochs', '500'], {
    watch: (text, kill, pid) => {
      if (trainers.length > 0 || !text.includes('training loss')) return;
      trainers = childrenOf(pid);
      kill('SIGKILL');
    },
  });
  await open();
  expect((await project.runs()).map(({ status }) => status)).toEqual(['interrupted']);
  expect(trainers).toHaveLength(1);
  await expect.poll(() => isAlive(trainers[0]), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
