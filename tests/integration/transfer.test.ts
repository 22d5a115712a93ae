/** Runs that start from earlier runs, and from random weights. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { runConfigurationSchema, type Run, type RunConfiguration } from '../../src/shared/domain.ts';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { openRuns, type Runs } from '../../src/main/services/runs.ts';
import { fixture, sentiment, temporaryFolder, thaw, thawJson } from './thaw.ts';

let folder: string;
let data: string;
let project: Project;
let runs: Runs;
const configuration = runConfigurationSchema.parse({
  base: fixture('bert'),
  maxLength: 32,
  threads: 1,
  epochs: 1,
  learningRate: 1e-3,
});

beforeAll(async () => {
  folder = await temporaryFolder();
  const made = await openProject(path.join(folder, 'template'), { create: { task: 'classification', name: 'Test' } });
  await made.importFile({ file: await sentiment(folder, 60) });
  await made.close();
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  data = path.join(folder, `project-${Math.random()}`);
  await fs.cp(path.join(folder, 'template'), data, { recursive: true });
  project = await openProject(data);
  runs = openRuns(project);
});
afterEach(close);
async function close(): Promise<void> {
  await runs.close();
  await project.close();
}

async function train(more: Partial<RunConfiguration> = {}): Promise<Run> {
  const { run } = await runs.start({ name: 'x', configuration: { ...configuration, ...more } });
  const ended = await runs.finished(run);
  expect(ended).toMatchObject({ status: 'finished', error: null });
  return ended;
}
const file = (run: Run | string, name = 'best') =>
  path.join(project.runDirectory(typeof run === 'string' ? run : run.run), `${name}.safetensors`);
const hashOf = async (name: string) =>
  createHash('sha256')
    .update(await fs.readFile(name))
    .digest('hex');
const same = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((x, i) => x === b[i]);
const exported = (run: Run, output: string) => runs.export(run.run, { formats: ['huggingface', 'onnx'], output, checkpoint: 'best' });

it('a run that starts from a run says which and with what weights, and is exported and predicts through the chain', async () => {
  const first = await train();
  const second = await train({ base: first.run, freeze: ['embeddings', '0', '1'], seed: 2 });
  const third = await train({ base: second.run, freeze: ['embeddings', '0', '1', '2'], seed: 3 });
  expect(second).toMatchObject({ base: first.run, configuration: { base: first.run, baseHash: await hashOf(file(first)) } });
  expect(third.configuration.baseHash).toBe(await hashOf(file(second)));
  const output = path.join(folder, 'third');
  expect((await exported(third, output)).verified.largestDifference).toBeLessThan(1e-3);
  // The lowest layers are the first run's, layer 2 is the second's.
  const model = readSafetensors(path.join(output, 'model.safetensors'));
  const of = (run: Run, name: string) => readSafetensors(file(run)).read(name);
  const query = (layer: number) => `bert.encoder.layer.${layer}.attention.self.query.weight`;
  const from = { [query(0)]: first, [query(1)]: first, 'bert.embeddings.word_embeddings.weight': first, [query(2)]: second };
  for (const [name, run] of Object.entries({ ...from, 'classifier.weight': third }))
    expect(same(model.read(name).data, of(run, name).data), name).toBe(true);
  const card = await fs.readFile(path.join(output, 'README.md'), 'utf8');
  expect(card).toContain('base_model: bert\n');
  expect(card).toMatch(new RegExp(`started from \\| bert → x \\(${first.run}, .* → x \\(${second.run}, `));
  const [{ label }] = await runs.predict(third.run, ['a good one']);
  expect(third.labels).toContain(label);
});

it('its configuration alone repeats it, to the last bit, and not from other weights', async () => {
  const first = await train();
  const second = await train({ base: first.run, seed: 2 });
  const again = await runs.start({ name: 'again', configuration: second.configuration });
  await runs.finished(again.run);
  expect((await fs.readFile(file(again.run))).equals(await fs.readFile(file(second)))).toBe(true);
  const other = { ...second.configuration, baseHash: '0'.repeat(64) };
  await expect(runs.start({ name: 'other', configuration: other })).rejects.toMatchObject({
    code: 'not_a_model',
    place: { field: 'baseHash' },
  });
  const wrong = await runs.start({ name: 'wrong', configuration: { ...other, base: configuration.base } });
  expect(await runs.finished(wrong.run)).toMatchObject({ status: 'failed', error: expect.stringContaining('baseHash') });
});

it('features of frozen layers are those of the run it starts from, though its base has filled the cache', async () => {
  const first = await train();
  const frozen = { freeze: ['embeddings', '0', '1'] };
  await train(frozen);
  const warm = await train({ base: first.run, ...frozen });
  expect(warm.figures?.cachedPrefix).toBe(2);
  await fs.rm(path.join(data, 'cache'), { recursive: true });
  const cold = await train({ base: first.run, ...frozen });
  expect((await fs.readFile(file(warm))).equals(await fs.readFile(file(cold)))).toBe(true);
});

it('a run that others start from is not deleted; where its files are gone, they say so', async () => {
  const first = await train();
  const second = await train({ base: first.run });
  await expect(project.removeRun(first.run)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(second.run) });
  await fs.rm(project.runDirectory(first.run), { recursive: true });
  await expect(runs.predict(second.run, ['text'])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`Run ${first.run}, which this model starts from`),
  });
  await expect(runs.start({ name: 'x', configuration: { ...configuration, base: first.run } })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(first.run),
  });
  await project.removeRun(second.run);
  await project.removeRun(first.run);
  expect(await project.runs()).toEqual([]);
});

it('only a finished run of the project can be started from', async () => {
  await expect(runs.start({ name: 'x', configuration: { ...configuration, base: 'r7' } })).rejects.toMatchObject({ code: 'unknown_run' });
  const first = await runs.start({ name: 'x', configuration });
  await expect(runs.start({ name: 'x', configuration: { ...configuration, base: first.run } })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/only a finished run/),
  });
});

it('random weights: the seed repeats them, and the model is exported as one of no base', async () => {
  const scratch = `scratch:${fixture('bert')}`;
  const options = { base: scratch, freeze: ['embeddings', '0'] };
  const [one, same, other] = [await train(options), await train(options), await train({ ...options, seed: 2 })];
  expect(one).toMatchObject({ base: scratch, configuration: { base: scratch } });
  expect((await fs.readFile(file(same))).equals(await fs.readFile(file(one)))).toBe(true);
  expect((await fs.readFile(file(other))).equals(await fs.readFile(file(one)))).toBe(false);
  const output = path.join(folder, 'scratch');
  expect((await exported(one, output)).verified.largestDifference).toBeLessThan(1e-3);
  const card = await fs.readFile(path.join(output, 'README.md'), 'utf8');
  expect(card).toContain('trained from random weights');
  expect(card).toContain('| started from | random weights (seed 1) |');
  expect(card).not.toContain('base_model');
  const child = await train({ base: one.run, seed: 9, freeze: ['embeddings', '0', '1', '2'] });
  expect((await exported(child, path.join(folder, 'child'))).verified.largestDifference).toBeLessThan(1e-3);
});

it('the command line starts from runs and random weights, and says so', async () => {
  const { run } = await train();
  await close();
  const given = ['--project', data, '--max-length', '32', '--threads', '1'];
  const child = await thawJson<{ run: string }>('train', ...given, '--base', run, '--head-only');
  const scratch = await thawJson<{ run: string }>('train', ...given, '--base', `scratch:${fixture('bert')}`, '--max-steps', '2');
  const { runs: listed } = await thawJson<{ runs: Run[] }>('runs', '--project', data);
  expect(listed.map(({ base }) => base)).toEqual([fixture('bert'), run, `scratch:${fixture('bert')}`]);
  expect(listed[1].configuration.freeze).toEqual(['embeddings', '0', '1', '2']);
  for (const id of [child.run, scratch.run])
    expect((await thaw(['predict', '--project', data, '--run', id, '--input', '-'], { input: 'good\n' })).code).toBe(0);
  const missing = await thaw(['train', ...given, '--base', 'r99']);
  expect({ code: missing.code, errors: missing.errors }).toEqual({ code: 1, errors: expect.stringContaining("no run 'r99'") });
  project = await openProject(data);
  runs = openRuns(project);
});

const lastOf = (run: Run) => {
  const stored = readSafetensors(file(run, 'last'));
  return new Map(stored.names.map((name) => [name, stored.read(name).data]));
};

it('a run that is continued epoch by epoch ends as one of as many epochs, to the last bit', async () => {
  const constant = { schedule: 'constant', dropout: 0.1, order: 'shuffle', freeze: ['embeddings'] } as const;
  const whole = await train({ ...constant, freeze: [...constant.freeze], epochs: 3 });
  const first = await train({ ...constant, freeze: [...constant.freeze] });
  const goOn = (run: Run) => train({ ...run.configuration, base: run.run, baseHash: null, continues: true });
  const second = await goOn(first);
  const third = await goOn(second);
  expect(third.configuration.baseHash).toBe(await hashOf(file(second, 'last')));
  const [expected, actual] = [lastOf(whole), lastOf(third)];
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, values] of expected) expect(same(actual.get(name)!, values), name).toBe(true);
  expect(third.epochs.at(-1)?.trainLoss).toBe(whole.epochs.at(-1)?.trainLoss);
  const losses = (run: Run) => run.epochs.map(({ epoch, step }) => [epoch, step]);
  expect(losses(third)).toEqual([[1, whole.figures!.steps / 3]]);
});

it('what a continued run cannot have is refused with the reason; what it may have is taken, on data that grew', async () => {
  const first = await train();
  const continues = { ...first.configuration, base: first.run, continues: true };
  const refused = async (more: Partial<RunConfiguration>) => {
    const error = await runs.start({ name: 'x', configuration: { ...continues, ...more } }).catch((cause: unknown) => cause);
    return (error as { message: string }).message;
  };
  expect(await refused({ reinitTop: 1 })).toMatch(/start anew/);
  expect(await refused({ gradual: true, epochs: 2 })).toMatch(/head alone/);
  expect(await refused({ base: configuration.base })).toMatch(/Only a run/);
  const more = path.join(folder, 'more.csv');
  await fs.writeFile(more, ['text,label', ...Array.from({ length: 12 }, (_, i) => `neither ${i},neutral`)].join('\n'));
  await project.importFile({ file: more, split: 'train' });
  const second = await train({ ...continues, learningRate: 1e-4, freeze: ['embeddings', '0'], maxLength: 24 });
  expect(second.labels).toEqual([...first.labels, 'neutral']);
  const { examples } = await project.page({ offset: 0, limit: 500, search: '', split: null, label: 'neutral', labeled: null });
  for (const { id } of examples) await project.annotate({ id, annotation: { label: first.labels[0], spans: null }, skipped: false });
  expect(await refused({ base: second.run })).toMatch(/learned “neutral”, which no example has/);
  // Another task for the labels that are left.
  expect((await train({ base: second.run })).labels).toEqual(first.labels);
});

it('the command line continues a run with its own options but for those that are given', async () => {
  const first = await train({ weightDecay: 0.05, epochs: 2 });
  await close();
  const next = await thawJson<{ run: string }>('train', '--project', data, '--continue', first.run, '--epochs', '1', '--lr', '1e-4');
  const { runs: listed } = await thawJson<{ runs: Run[] }>('runs', '--project', data);
  expect(listed[1]).toMatchObject({ run: next.run, base: first.run, configuration: { continues: true, epochs: 1, weightDecay: 0.05 } });
  expect(listed[1].configuration.learningRate).toBe(1e-4);
  for (const [option, value] of [
    ['--base', 'all-MiniLM-L6-v2'],
    ['--config', 'run.json'],
    ['--resume', first.run],
  ]) {
    const { code, errors } = await thaw(['train', '--project', data, '--continue', first.run, option, value]);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(/cannot stand beside/) });
  }
  project = await openProject(data);
  runs = openRuns(project);
});
