/**
 * `npm run demo`: the whole job in a terminal, on the built-in sentiment sample and the embedded base model: import, train the head alone,
 * fine-tune, compare on held-out texts, export, verify. Exit code 1 when fine-tuning does not win.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { runConfigurationSchema, type Comparison, type ExportReport, type Run, type RunConfiguration } from '../src/shared/domain.ts';
import { openProject, type Project } from '../src/main/database/index.ts';
import { resourcesFolder } from '../src/main/entries.ts';
import { openRuns, type Runs } from '../src/main/services/runs.ts';

export interface DemoOptions {
  /** Examples a split: the sample's first rows, which are in random order. */
  counts: { train: number; validation: number; test: number };
  epochs: number;
  /** Of the run that trains every layer. The head alone is solved for, to its best. */
  learningRate: number;
  say: (line: string) => void;
}

export interface DemoResult {
  /** Accuracies on the test texts, in [0, 1]. */
  majority: number;
  headOnly: number;
  fineTuned: number;
  comparison: Comparison;
  exported: ExportReport;
}

export const demoDefaults = { counts: { train: 800, validation: 150, test: 400 }, epochs: 2, learningRate: 1e-4 };

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

export async function demo({ counts, epochs, learningRate, say }: DemoOptions): Promise<DemoResult> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-demo-'));
  try {
    const project = await openProject(path.join(folder, 'project'), { create: { task: 'classification', name: 'Demo' } });
    const runs = openRuns(project);
    try {
      await importSplits(project, folder, counts, say);
      const head = await train(runs, 'Head only', runConfigurationSchema.parse({ headOnly: true }), say);
      const full = await train(runs, 'Fine-tuned', runConfigurationSchema.parse({ epochs, learningRate }), say);
      return await judge(project, runs, [head, full], path.join(folder, 'export'), say);
    } finally {
      await runs.close();
      await project.close();
    }
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** The first rows of the sentiment sample, a file a split. */
export async function importSplits(
  project: Project,
  folder: string,
  counts: DemoOptions['counts'],
  say: DemoOptions['say'],
): Promise<void> {
  const [header, ...rows] = parse(await fs.readFile(path.join(resourcesFolder(), 'samples', 'sentiment.csv'), 'utf8')) as string[][];
  const quoted = (row: string[]) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  let from = 0;
  for (const [split, count] of Object.entries(counts)) {
    const file = path.join(folder, `${split}.csv`);
    await fs.writeFile(file, [header, ...rows.slice(from, from + count)].map(quoted).join('\n'));
    await project.importFile({ file, split });
    from += count;
  }
  const { splits } = await project.summary();
  say(`imported: ${splits.train} training, ${splits.validation} validation, ${splits.test} held-out test texts`);
}

/** A run to its end, told epoch by epoch. */
export async function train(runs: Runs, name: string, configuration: RunConfiguration, say: DemoOptions['say']): Promise<Run> {
  const { run } = await runs.start({ name, configuration });
  say(`\n${name}:`);
  for await (const event of runs.watch(run)) {
    if (event.type !== 'epoch') continue;
    const { epoch, trainLoss, validation } = event.epoch;
    say(`  epoch ${epoch}: training loss ${trainLoss.toFixed(3)}, validation accuracy ${percent(validation?.accuracy ?? 0)}`);
  }
  const finished = await runs.finished(run);
  if (finished.status !== 'finished' || !finished.figures) throw new Error(`${name} ${finished.status}: ${finished.error}`);
  const { trainSeconds, examplesPerSecond, peakMemoryMB } = finished.figures;
  say(
    `  trained in ${trainSeconds.toFixed(1)} s, ${examplesPerSecond.toFixed(0)} examples a second, ${peakMemoryMB.toFixed(0)} MB at most`,
  );
  return finished;
}

async function judge(project: Project, runs: Runs, [head, full]: [Run, Run], output: string, say: DemoOptions['say']): Promise<DemoResult> {
  const comparison = await runs.compare(head.run, full.run, { split: 'test' });
  const majority = await majorityAccuracy(project, full.run);
  const [headOnly, fineTuned] = comparison.values;
  say(`\naccuracy on ${comparison.examples} held-out texts:`);
  say(`  majority class ${percent(majority)}, head only ${percent(headOnly)}, fine-tuned ${percent(fineTuned)}`);
  say(`  ${comparison.verdict}`);
  const started = performance.now();
  const exported = await runs.export(full.run, { formats: ['huggingface', 'onnx'], output, checkpoint: 'best' });
  const { examples, largestDifference } = exported.verified;
  say(
    `\nexported as a Hugging Face folder and ONNX in ${((performance.now() - started) / 1000).toFixed(1)} s: ${exported.files.join(', ')}`,
  );
  say(`  verified on ${examples} texts: logits within ${largestDifference.toExponential(1)} of the run's`);
  return { majority, headOnly, fineTuned, comparison, exported };
}

/** Accuracy of always saying the training examples' most frequent label. */
async function majorityAccuracy(project: Project, run: string): Promise<number> {
  const { examples } = await project.snapshot();
  const count = (split: string, label: string | null) =>
    examples.filter((example) => example.split === split && example.label === label).length;
  const labels = (await project.run(run)).labels;
  const majority = labels.reduce((best, label) => (count('train', label) > count('train', best) ? label : best));
  return count('test', majority) / examples.filter((example) => example.split === 'test').length;
}

if (import.meta.main) {
  const started = performance.now();
  const { majority, headOnly, fineTuned } = await demo({ ...demoDefaults, say: console.log });
  console.log(`\nThe whole job took ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  if (fineTuned <= headOnly || fineTuned <= majority) {
    console.error('Fine-tuning did not win.');
    process.exitCode = 1;
  }
}
