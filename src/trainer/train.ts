/** A run: the examples of a snapshot file, a base model, and the training loop. */
import fs from 'node:fs/promises';
import { z } from 'zod';
import { spanSchema, splitSchema, type RunEvent } from '../shared/domain.ts';
import { openBase } from '../engine/index.ts';
import { labelingOf, taggedWordsOf } from '../engine/train/dataset.ts';
import { trainHead } from '../engine/train/head-only.ts';
import { train } from '../engine/train/loop.ts';
import type { JobOf, ResultOf } from './messages.ts';

const snapshotSchema = z.object({
  examples: z.array(
    z.object({
      id: z.number().int(),
      text: z.string(),
      split: splitSchema,
      label: z.string().nullable(),
      labels: z.array(z.string()).optional(),
      spans: z.array(spanSchema).nullable(),
      pretokenized: z.boolean().optional(),
    }),
  ),
});

export async function performTraining(
  job: JobOf<'train'>,
  signal: AbortSignal,
  tell: (event: RunEvent) => void,
): Promise<ResultOf<'train'>> {
  const { run, configuration, directory, cache } = job;
  const { examples } = snapshotSchema.parse(JSON.parse(await fs.readFile(job.snapshot, 'utf8')));
  const base = await openBase(job.base);
  const perform = configuration.headOnly ? trainHead : train;
  const result = await perform(
    { labeling: labelingOf(job.task, job.labels, taggedWordsOf(examples)), base, configuration, examples, directory, cache },
    {
      signal,
      phase: (phase) => tell({ type: 'phase', run, phase }),
      step: (step) => tell({ type: 'step', run, ...step }),
      epoch: (epoch) => tell({ type: 'epoch', run, epoch }),
    },
  );
  return { type: 'train', ...result };
}
