/**
 * `npm run why`: what a base model is worth. The same architecture on the same texts, from random weights, with its head alone, and fine-tuned: accuracy
 * after each epoch against the minutes of training it took, as a table.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runConfigurationSchema, type Run, type RunConfiguration } from '../src/shared/domain.ts';
import { openProject } from '../src/main/database/index.ts';
import { openRuns, type Runs } from '../src/main/services/runs.ts';
import { importSplits, train } from './demo.ts';

const counts = { train: 1200, validation: 300, test: 738 };
const epochs = 3;
/** Of random weights the rate is the better one of these on the validation texts: what suits them nobody knows beforehand. */
const scratchRates = [1e-4, 5e-4];
const fineTuningRate = 1e-4;

const percent = (value: number | undefined): string => (value === undefined ? '' : `${(100 * value).toFixed(1)} %`);
const say = (line: string): void => console.error(line);

/** A row an epoch; the test accuracy is that of the best epoch by validation. */
async function rowsOf(runs: Runs, title: string, run: Run): Promise<string[][]> {
  const spent = await minutesByEpoch(runs, run);
  return run.epochs.map(({ epoch, validation }, index) => [
    index === 0 ? title : '',
    run.configuration.headOnly ? '' : String(epoch),
    spent[index].toFixed(2),
    percent(validation?.accuracy),
    epoch === run.figures?.bestEpoch ? percent(run.test?.accuracy) : '',
  ]);
}

/** Minutes of training up to the end of each epoch; of a head that is solved for, those of the whole. */
async function minutesByEpoch(runs: Runs, { run, figures, epochs: done, configuration }: Run): Promise<number[]> {
  if (configuration.headOnly) return [(figures?.trainSeconds ?? 0) / 60];
  const steps = new Map<number, number>();
  for await (const event of runs.watch(run)) if (event.type === 'step') steps.set(event.step, event.ms);
  const upTo = (last: number) => [...steps].reduce((sum, [step, ms]) => sum + (step <= last ? ms : 0), 0);
  return done.map(({ step }) => upTo(step) / 60_000);
}

async function best(runs: Runs, name: string, rates: number[], more: Partial<RunConfiguration>): Promise<Run> {
  const tried: Run[] = [];
  for (const learningRate of rates)
    tried.push(
      await train(runs, `${name}, learning rate ${learningRate}`, runConfigurationSchema.parse({ epochs, learningRate, ...more }), say),
    );
  return tried.reduce((one, other) => ((other.validation?.accuracy ?? 0) > (one.validation?.accuracy ?? 0) ? other : one));
}

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-why-'));
const project = await openProject(path.join(folder, 'project'), { create: { task: 'classification', name: 'Why' } });
const runs = openRuns(project);
try {
  await importSplits(project, folder, counts, say);
  const scratch = await best(runs, 'From scratch', scratchRates, { base: 'scratch' });
  const head = await train(runs, 'Head only', runConfigurationSchema.parse({ headOnly: true }), say);
  const tuned = await best(runs, 'Fine-tuned', [fineTuningRate], {});
  const rows = [
    ['', 'epoch', 'minutes', 'validation', 'test, best epoch'],
    ['---', '---', '---', '---', '---'],
    ...(await rowsOf(runs, `from scratch, rate ${scratch.configuration.learningRate}`, scratch)),
    ...(await rowsOf(runs, 'head only, solved for', head)),
    ...(await rowsOf(runs, `fine-tuned, rate ${fineTuningRate}`, tuned)),
  ];
  console.log(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'));
} finally {
  await runs.close();
  await project.close();
  await fs.rm(folder, { recursive: true, force: true });
}
