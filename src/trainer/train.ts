/** A run: the examples of a snapshot file, a base model, and the training loop. */
import fs from 'node:fs/promises';
import { z } from 'zod';
import { spanSchema, splitSchema, type RunConfiguration, type RunEvent } from '../shared/domain.ts';
import { ThawError } from '../shared/errors.ts';
import type { Base } from '../engine/index.ts';
import { taggedWordsOf } from '../engine/text/index.ts';
import { labelingOf } from '../engine/train/dataset.ts';
import { trainHead } from '../engine/train/head-only.ts';
import { train } from '../engine/train/loop.ts';
import { openStart } from '../engine/train/start.ts';
import type { JobOf, ResultOf } from './messages.ts';
import { settleOrigin, sha256 } from './origin.ts';

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
  const { run, configuration, directory, cache, resume } = job;
  const examples = await readSnapshot(job);
  const { base, checkpoint } = await openStart(job.start);
  checkHash(base, configuration);
  const notes = await settleOrigin(job, base);
  const labeling = labelingOf(job.task, job.labels, taggedWordsOf(examples));
  const perform = configuration.headOnly ? trainHead : train;
  const continues = configuration.continues ? checkpoint : null;
  const result = await perform(
    { labeling, base, configuration, examples, directory, cache, resume, notes, continues },
    {
      signal,
      phase: (phase) => tell({ type: 'phase', run, phase }),
      step: (step) => tell({ type: 'step', run, ...step }),
      epoch: (epoch) => tell({ type: 'epoch', run, epoch }),
      resumed: (place) => tell({ type: 'resumed', run, ...place }),
    },
  );
  return { type: 'train', ...result };
}

/** @throws damaged_file when the file is not what the host wrote */
async function readSnapshot({ run, snapshot: file, snapshotHash }: JobOf<'train'>): Promise<z.infer<typeof snapshotSchema>['examples']> {
  const content = await fs.readFile(file);
  if (sha256(content) !== snapshotHash)
    throw new ThawError({
      code: 'damaged_file',
      message: `The examples of run ${run} changed: ${file} is not what was written.`,
      remedy: 'Put the original file back, or train a new run, which sees the examples as they are now.',
      place: { file },
    });
  return snapshotSchema.parse(JSON.parse(content.toString('utf8'))).examples;
}

/** A configuration that names the weights it starts from repeats its run from those alone. */
function checkHash({ hash, folder }: Base, { base, baseHash }: RunConfiguration): void {
  if (baseHash === null || baseHash === hash) return;
  throw new ThawError({
    code: 'not_a_model',
    message: `The weights of ${base} are not those that the configuration names in baseHash.`,
    remedy: 'Put the original files back, or leave out baseHash to start from what is there now.',
    place: { file: folder, field: 'baseHash' },
  });
}
