/** What a run leaves behind: no memory that grows, no process, no file. With THAW_STARTS=100, a hundred starts and cancels. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { openRuns, type Runs } from '../../src/main/services/runs.ts';
import { growthGauge } from './growth-gauge.ts';
import { childrenOf, fixture, sentiment, temporaryFolder } from './thaw.ts';

let folder: string;
let project: Project;
let runs: Runs;
const configuration = runConfigurationSchema.parse({ base: fixture('bert'), maxLength: 64, threads: 1, epochs: 1000, dropout: 0.1 });

beforeAll(async () => {
  folder = await temporaryFolder();
  project = await openProject(path.join(folder, 'project'), { create: { task: 'classification', name: 'Test' } });
  await project.importFile({ file: await sentiment(folder, 400) });
  runs = openRuns(project);
});
afterAll(async () => {
  await runs.close();
  await project.close();
  await fs.rm(folder, { recursive: true, force: true });
});

const filesUnder = async (root: string): Promise<string[]> => {
  const entries = await fs.readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))).sort(); // prettier-ignore
};
const openFiles = async (): Promise<number> => (await fs.readdir('/proc/self/fd')).length;

const ABOUT_200 = [180, 185, 190, 195, 200];
const ABOUT_1200 = ABOUT_200.map((step) => step + 1000);

it.skipIf(process.platform !== 'linux')('1,000 steps on texts of many lengths need no more memory than the first 200', async () => {
  const file = path.join(folder, 'gauge');
  const before = { ...process.env };
  Object.assign(process.env, growthGauge(file, [...ABOUT_200, ...ABOUT_1200]));
  try {
    const { run } = await runs.start({ name: 'long', configuration: { ...configuration, batchSize: 4, maxSteps: 1200 } });
    expect(await runs.finished(run)).toMatchObject({ status: 'finished', figures: { steps: 1200 } });
    await project.removeRun(run);
  } finally {
    process.env = before;
  }
  const kilobytes = (await fs.readFile(file, 'utf8')).trim().split('\n').map(Number);
  // What is let go of is not always given back at once: the least of some steps counts.
  const [warm, end] = [kilobytes.slice(0, ABOUT_200.length), kilobytes.slice(ABOUT_200.length)].map((some) => Math.min(...some));
  expect(warm).toBeGreaterThan(50_000);
  expect(end / warm).toBeLessThan(1.02);
});

const starts = Number(process.env.THAW_STARTS ?? 9);

it.skipIf(process.platform !== 'linux')(
  `${starts} starts and cancels leave no process and no file`,
  async () => {
    const before = { files: (await filesUnder(project.folder)).filter((name) => !name.startsWith('snapshots')), open: 0 };
    for (let turn = 0; turn < starts; turn++) {
      const { run } = await runs.start({ name: `turn ${turn}`, configuration });
      const cancelWhen = (['status', 'phase', 'step'] as const)[turn % 3];
      for await (const { type } of runs.watch(run)) if (type === cancelWhen) void runs.cancel(run);
      expect((await runs.finished(run)).status).toBe('cancelled');
      const left = await fs.readdir(project.runDirectory(run)).catch(() => []);
      expect(left.filter((name) => !['events.json', 'origin.json'].includes(name))).toEqual([]);
      expect(childrenOf(process.pid)).toEqual([]);
      await project.removeRun(run);
      // Modules and connections that the first runs open stay open.
      if (turn === 2) before.open = await openFiles();
    }
    expect((await filesUnder(project.folder)).filter((name) => !name.startsWith('snapshots'))).toEqual(before.files);
    // One version of the examples, one snapshot.
    expect(await fs.readdir(path.join(project.folder, 'snapshots'))).toHaveLength(1);
    expect(await openFiles()).toBeLessThanOrEqual(before.open);
  },
  60_000 + 5_000 * starts,
);
