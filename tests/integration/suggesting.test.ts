/** A run's suggestions as they are made: by a trainer, in pieces, for the texts that wait. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runConfigurationSchema, type Task } from '../../src/shared/domain.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { predictWithRun } from '../../src/main/services/predict.ts';
import { openRuns, type Runs } from '../../src/main/services/runs.ts';
import { openSuggesting, type Suggesting } from '../../src/main/services/suggesting.ts';
import { childrenOf, entities, fixture, sentiment, temporaryFolder, thaw, thawJson } from './thaw.ts';

let folder: string;
let project: Project;
let runs: Runs;
let suggesting: Suggesting;
let run: string;
const configuration = runConfigurationSchema.parse({ base: fixture('bert'), maxLength: 64, threads: 1, epochs: 1, learningRate: 1e-3 });

/** Texts without a label, more than a question to the trainer takes. */
async function unlabeled(count: number): Promise<string> {
  const file = path.join(folder, 'more.txt');
  await fs.writeFile(file, Array.from({ length: count }, (_, at) => `a film that is number ${at}`).join('\n'));
  return file;
}

async function trained(task: Task, file: string): Promise<string> {
  project = await openProject(path.join(folder, task), { create: { task, name: task } });
  await project.importFile({ file });
  runs = openRuns(project);
  suggesting = openSuggesting(project, runs);
  const { run: started } = await runs.start({ name: 'R', configuration });
  expect((await runs.finished(started)).status).toBe('finished');
  return started;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  run = await trained('classification', await sentiment(folder, 120));
  await project.importFile({ file: await unlabeled(600), format: 'txt', split: '80:10:10' });
});
afterAll(async () => {
  await close();
  await fs.rm(folder, { recursive: true, force: true });
});
async function close(): Promise<void> {
  await Promise.all([suggesting.stop(), runs.close()]);
  await project.close();
}

it('is told beforehand how many texts wait and how long they take', async () => {
  const { missing, seconds } = await suggesting.outlook(run);
  const { texts } = await project.unpredictedAfter(run, 0, 1000);
  expect(missing).toBe(texts.length);
  expect(missing).toBeGreaterThan(500);
  expect(seconds).toBeGreaterThan(0);
});

it('cancelled, keeps what is done; the next goes on with the rest, and says what predicting each text says', async () => {
  const { missing } = await suggesting.outlook(run);
  const others = childrenOf(process.pid);
  const stop = new AbortController();
  const first = suggesting.make(run, { signal: stop.signal, progress: ({ done }) => void (done > 0 && stop.abort()) });
  await expect(suggesting.make(run)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(first).rejects.toMatchObject({ code: 'cancelled', message: 'Cancelled; the 256 suggestions made by then stay.' });
  expect(childrenOf(process.pid)).toEqual(others);
  expect((await suggesting.outlook(run)).missing).toBe(missing - 256);
  expect(await suggesting.make(run)).toBe(missing - 256);
  expect(await suggesting.outlook(run)).toEqual({ missing: 0, seconds: null });
  const page = await project.page({ offset: 0, limit: 5, labeled: false, split: 'train' });
  const [said] = await predictWithRun(project, run, [page.examples[0].text]);
  expect(page.predictions[0]?.label).toBe(said.label);
  said.scores.forEach(({ score }, at) => expect(page.predictions[0]?.scores[at]).toBeCloseTo(score, 4));
  const test = await project.page({ offset: 0, limit: 500, labeled: false, split: 'test' });
  expect(test.examples.length).toBeGreaterThan(20);
  expect(test.predictions.every((prediction) => prediction === null)).toBe(true);
});

it('is refused for a run that has not finished, and ended with its project', async () => {
  const { run: queued } = await project.createRun({ name: 'queued', configuration, snapshot: (await project.snapshot()).hash, labels: [] });
  await expect(suggesting.make(queued)).rejects.toMatchObject({ code: 'unavailable', message: `Run ${queued} is queued.` });
  await expect(suggesting.make('r99')).rejects.toMatchObject({ code: 'unknown_run' });
  await project.updateRun(queued, { status: 'failed' });
});

it('the command line suggests with the newest finished run', async () => {
  const { run: next } = await runs.start({ name: 'next', configuration: { ...configuration, seed: 3 } });
  await runs.finished(next);
  const { missing } = await suggesting.outlook(next);
  await close();
  const dir = path.join(folder, 'classification');
  expect(await thawJson('suggest', '--project', dir)).toEqual({ run: next, predicted: missing });
  expect(await thawJson('suggest', '--project', dir, '--run', run)).toEqual({ run, predicted: 0 });
  expect(await thaw(['suggest', '--project', dir, '--run', 'r99'])).toMatchObject({ code: 1, output: '' });
  expect(await thaw(['suggest'])).toMatchObject({ code: 2 });
  project = await openProject(dir);
  [runs] = [openRuns(project)];
  suggesting = openSuggesting(project, runs);
});

it('entities are suggested with their probabilities', async () => {
  await close();
  const id = await trained('ner', await entities(folder, 60));
  const file = path.join(folder, 'passages.txt');
  await fs.writeFile(file, 'Anna Schmidt lives in Leipzig .\nThe United Nations met in Geneva .\n');
  await project.importFile({ file, format: 'txt', split: 'train' });
  expect(await suggesting.make(id)).toBe(2);
  const { examples } = await project.page({ offset: 0, limit: 5, labeled: false });
  const suggestion = await project.suggestion(examples[0].id);
  const [said] = await predictWithRun(project, id, [examples[0].text]);
  expect(suggestion).toMatchObject({ run: id, labels: [], scores: [] });
  expect(suggestion?.spans?.map(({ start, end, label }) => ({ start, end, label }))).toEqual(
    said.spans?.map(({ start, end, label }) => ({ start, end, label })),
  );
});
