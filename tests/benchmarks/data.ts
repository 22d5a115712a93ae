/**
 * A million rows: import, search, export, and what the screen does with them. Usage: npm run bench:data -- [--rows N] [--folder DIR] [--screen]
 * --screen measures the built app (npm run build) in Chromium too. Prints one table.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { openProject } from '../../src/main/database/index.ts';
import type { Project } from '../../src/main/database/index.ts';
import { measureScreen } from './screen.ts';
import { limitRow, tableOf, type Row } from './table.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    labels: { type: 'string', default: '5' },
    folder: { type: 'string' },
    screen: { type: 'boolean', default: false },
  },
});
const rows = Number(options.rows);
const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const percentile = (values: number[], share: number) => values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];

/** Peak resident memory of this process since the last call, in MB; the kernel keeps the peak. */
function peakMemory(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Seconds of processor time of all threads of this process since `since`: unlike a clock it leaves out most of what other programs take. */
function processorSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Searches as people type them: frequent, rare and absent words, parts of words, phrases, several words. */
async function searches(project: Project): Promise<string[]> {
  const { examples } = await project.page({ offset: Math.floor(rows / 2), limit: 100 });
  const words = examples.map(({ text }) => text.replace(/[",]/g, '').split(' '));
  return words.flatMap((of, index) => [
    [of[3], of[7].slice(0, 4), `${of[5]} ${of[9]}`, `"${of[1]} ${of[2]}"`, of[6].slice(1), 'nosuchword', 'the', 'th'][index % 8],
  ]);
}

async function measureSearch(project: Project): Promise<Row[]> {
  const asked = await searches(project);
  const first: number[] = [];
  const before = process.cpuUsage();
  for (const search of asked) first.push(1000 * (await seconds(() => project.page({ search, offset: 0, limit: 100 }))));
  const computed = processorSeconds(before);
  const counted: number[] = [];
  for (const search of asked)
    counted.push(
      1000 *
        (await seconds(async () => {
          const { listing, isComplete } = await project.page({ search, offset: 0, limit: 100 });
          if (!isComplete) await project.count(listing);
        })),
    );
  return [
    limitRow(`search, first rows, p95 of ${asked.length}`, 'ms', percentile(first, 0.95), 50),
    figure('  processor time a search', 'ms', (1000 * computed) / asked.length),
    figure('search, all found and counted, median', 'ms', percentile(counted, 0.5)),
    figure('search, all found and counted, p95', 'ms', percentile(counted, 0.95)),
    figure('regular expression, all rows', 's', await seconds(() => listed(project, { pattern: 'ee[a-z]+ the' }))),
    figure('sorted by length, first rows', 's', await seconds(() => project.page({ sort: { by: 'length' }, offset: 0, limit: 100 }))),
    figure('last rows', 'ms', 1000 * (await seconds(() => project.page({ offset: rows - 100, limit: 100 })))),
  ];
}

async function listed(project: Project, filter: object): Promise<void> {
  const { listing } = await project.page({ ...filter, offset: 0, limit: 1 });
  await project.count(listing);
}

/** A figure without a budget. */
const figure = (work: string, unit: string, value: number): Row => ({
  work,
  thaw: `${value.toFixed(1)} ${unit}`,
  pytorch: '',
  relation: '',
  target: '',
  met: null,
});

/** How long a label waits for the disk while a file is imported beside it. */
async function labelWhile(project: Project, importing: Promise<unknown>): Promise<number[]> {
  const waits: number[] = [];
  let isOver = false;
  void importing.finally(() => (isOver = true));
  for (let id = 1; !isOver; id = (id % 1000) + 1) {
    waits.push(1000 * (await seconds(() => project.annotate({ id, annotation: { label: 'Billing', spans: null }, skipped: false }))));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return waits;
}

const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), 'thaw-bench-data-')));
try {
  const file = path.join(folder, `rows-${rows}.csv`);
  // In a process of its own: what this one holds is the host's.
  if (!existsSync(file)) await run(process.execPath, [path.join(import.meta.dirname, 'rows.ts'), file, options.rows, options.labels]);
  const home = path.join(folder, 'project');
  await rm(home, { recursive: true, force: true });
  const project = await openProject(home, { create: { task: 'classification', name: 'Rows' } });
  const before = process.cpuUsage();
  const imported = await seconds(() => project.importFile({ file }));
  const indexed = await seconds(() => project.indexed());
  const computed = processorSeconds(before);
  const table: Row[] = [
    limitRow(
      `import of ${rows.toLocaleString('en')} rows (${((await stat(file)).size / 1e6).toFixed(0)} MB), index included`,
      's',
      imported + indexed,
      30,
    ),
    figure('  of it the search index, made while one labels', 's', indexed),
    figure('  processor time of all threads', 's', computed),
  ];
  table.push(...(await measureSearch(project)), limitRow('peak memory of the host process so far', 'MB', peakMemory(), 500));
  const again = project.importFile({ file: path.join(root, 'resources/samples/topics.csv') }, {});
  const waits = await labelWhile(project, again);
  table.push(figure(`a label on disk during an import, longest of ${waits.length}`, 'ms', Math.max(...waits)));
  await project.close();
  const output = path.join(folder, 'export.csv');
  const exported = await seconds(() =>
    run(process.execPath, ['src/cli/index.ts', 'export-data', '--project', home, '--format', 'csv', '--output', output], { cwd: root }),
  );
  table.push(limitRow('export of all as csv (a process of its own)', 's', exported, 10));
  if (options.screen) table.push(...(await measureScreen(home)));
  console.log(`${cpus()[0].model}, ${availableParallelism()} logical processors\n`);
  console.log(tableOf(table));
} finally {
  if (!options.folder) await rm(folder, { recursive: true, force: true });
}
