/** The trainer process: takes one job from its host, tells of its progress, answers with a result or an error, and ends. It goes when its host goes. */
import fs from 'node:fs/promises';
import os from 'node:os';
import { z } from 'zod';
import { ThawError, toThawError, type ErrorReport } from '../shared/errors.ts';
import { spanSchema, splitSchema, type RunEvent } from '../shared/domain.ts';
import { openBase } from '../engine/index.ts';
import { labelingOf } from '../engine/train/dataset.ts';
import { train } from '../engine/train/loop.ts';
import { toTrainerSchema, type FromTrainer, type Job, type JobResult } from './messages.ts';
import { openRun, openSource } from './model.ts';
import { predictTexts } from './predict.ts';

const snapshotSchema = z.object({
  examples: z.array(
    z.object({
      id: z.number().int(),
      text: z.string(),
      split: splitSchema,
      label: z.string().nullable(),
      spans: z.array(spanSchema).nullable(),
      pretokenized: z.boolean().optional(),
    }),
  ),
});

const cancellation = new AbortController();

const send = (message: FromTrainer, sent = () => {}): void => void process.send?.(message, undefined, undefined, sent);

async function perform(job: Job): Promise<JobResult> {
  const { signal } = cancellation;
  if (job.type === 'train') return performTraining(job, signal);
  if (job.type === 'verify') {
    const { verifyExport } = await import('./verify.ts');
    const largestDifference = await verifyExport(job.source, job.formats, job.output, job.texts, signal);
    return { type: 'verify', examples: job.texts.length, largestDifference };
  }
  if (job.type === 'write') {
    const { writeExport } = await import('./export.ts');
    return { type: 'write', files: await writeExport(await openRun(job.source), job.formats, job.output, job.card) };
  }
  return { type: 'predict', predictions: await predictTexts(await openSource(job.source), job.texts, signal) };
}

async function performTraining(job: Extract<Job, { type: 'train' }>, signal: AbortSignal): Promise<JobResult> {
  const tell = (event: RunEvent) => send({ type: 'event', event });
  const { run, configuration, directory } = job;
  const { examples } = snapshotSchema.parse(JSON.parse(await fs.readFile(job.snapshot, 'utf8')));
  const base = await openBase(job.base);
  const result = await train(
    { labeling: labelingOf(job.task, job.labels), base, configuration, examples, directory },
    {
      signal,
      phase: (phase) => tell({ type: 'phase', run, phase }),
      step: (step) => tell({ type: 'step', run, ...step }),
      epoch: (epoch) => tell({ type: 'epoch', run, epoch }),
    },
  );
  return { type: 'train', ...result };
}

/** The report of a failure. ONNX Runtime and V8 say in their own words that memory ran out. */
function reportOf(cause: unknown): ErrorReport {
  const error = toThawError(cause);
  if (error.code !== 'internal' || !/bad_alloc|failed to allocate|out of memory|allocation failed/i.test(error.message))
    return error.toReport();
  return new ThawError({
    code: 'out_of_memory',
    message: `Memory ran out: ${error.message}`,
    remedy: 'Try a smaller batch size or maximum length, or freeze more layers.',
  }).toReport();
}

process.on('message', (raw) => {
  const message = toTrainerSchema.parse(raw);
  if (message.type === 'cancel') return cancellation.abort();
  perform(message.job).then(
    (result) => send({ type: 'result', result }, () => process.exit(0)),
    (error: unknown) => send({ type: 'error', error: reportOf(error) }, () => process.exit(0)),
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches every process of the terminal; the host decides what it means and says so over the channel.
process.on('SIGINT', () => {});
const { PRIORITY_BELOW_NORMAL } = os.constants.priority;
if (os.getPriority() < PRIORITY_BELOW_NORMAL) os.setPriority(PRIORITY_BELOW_NORMAL);
