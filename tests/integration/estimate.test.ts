/** What a run would take, and a run that does not fit. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runConfigurationSchema, type Estimate, type Run } from '../../src/shared/domain.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { openRuns } from '../../src/main/services/runs.ts';
import { entities, fixture, sentiment, temporaryFolder, thaw, thawJson } from './thaw.ts';

let folder: string;
let data: string;
let project: Project;
beforeAll(async () => {
  folder = await temporaryFolder();
  process.env.THAW_HOME = path.join(folder, 'home');
  data = path.join(folder, 'project');
  await thawJson('import', await sentiment(folder, 120), '--project', data);
  project = await openProject(data);
});
afterAll(async () => {
  await project.close();
  await fs.rm(folder, { recursive: true, force: true });
});

const options = (base: string) => ['--base', fixture(base), '--max-length', '64', '--threads', '1'];
const configuration = runConfigurationSchema.parse({ base: fixture('bert'), maxLength: 64, threads: 1, epochs: 1, batchSize: 32 });

it('says on the command line what a run takes, beside a host that writes', async () => {
  const found = await thawJson<Estimate>('estimate', '--project', data, ...options('bert'), '--head-only');
  const { memoryMB, seconds, evaluationSeconds, availableMemoryMB } = found;
  // A pooler of 32 × 32 and two outputs, each with biases.
  expect(found).toMatchObject({ trainableParameters: 32 * 32 + 32 + 2 * 32 + 2, refusal: null, change: null });
  for (const value of [memoryMB, seconds, evaluationSeconds, availableMemoryMB]) expect(value).toBeGreaterThan(0);
  const rates = JSON.parse(await fs.readFile(path.join(folder, 'home', 'rates.json'), 'utf8')) as Record<string, unknown>;
  expect(Object.keys(rates)).toEqual([expect.stringMatching(/1 threads$/)]);
});

it('takes entities and texts of several labels', async () => {
  const ner = path.join(folder, 'ner');
  await thawJson('import', await entities(folder, 30), '--project', ner);
  const found = await thawJson<Estimate>('estimate', '--project', ner, ...options('roberta'));
  expect(found.seconds).toBeGreaterThan(0);
});

it('refuses a run that will not fit, leaves none behind, and takes the one it proposes', async () => {
  const all = openRuns(project);
  const need = (await all.estimate({ ...configuration, batchSize: 8, accumulate: 4 })).memoryMB!;
  await all.close();
  const runs = openRuns(project, { availableMemory: async () => need + 0.001 });
  try {
    const { refusal, change } = await runs.estimate(configuration);
    await expect(runs.start({ name: 'large', configuration })).rejects.toMatchObject({ code: 'out_of_memory', ...refusal });
    expect(await project.runs()).toEqual([]);
    const { run } = await runs.start({ name: 'smaller', configuration: { ...configuration, ...change } });
    expect((await runs.finished(run)).status).toBe('finished');
  } finally {
    await runs.close();
  }
});

it('refuses on the command line in one line, with what THAW_MEMORY allows', async () => {
  process.env.THAW_MEMORY = '50';
  try {
    const before = await thawJson<{ runs: Run[] }>('runs', '--project', data);
    await project.close();
    const { code, errors } = await thaw(['train', '--project', data, ...options('bert')]);
    expect(code).toBe(1);
    expect(errors).toMatch(/^error: This run would need about \d+ MB of memory, and 50 MB are available\. Close other programs/);
    expect((await thawJson<{ runs: Run[] }>('runs', '--project', data)).runs).toHaveLength(before.runs.length);
  } finally {
    delete process.env.THAW_MEMORY;
  }
});
