/**
 * What decides a run besides the machine, kept in its folder as origin.json from its first start on: a run is resumed from the same, or refused
 * with what has changed.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { runConfigurationSchema, type RunConfiguration } from '../shared/domain.ts';
import { ThawError } from '../shared/errors.ts';
import type { Base } from '../engine/index.ts';
import type { JobOf } from './messages.ts';

/** Hashes are SHA-256, hexadecimal. */
const originSchema = z.object({
  /** Of the snapshot. */
  data: z.string(),
  labels: z.array(z.string()),
  /** Of the base's weights, config.json and tokenizer.json. */
  base: z.string(),
  architecture: z.string(),
  tokenizer: z.string(),
  configuration: runConfigurationSchema,
});
type Origin = z.infer<typeof originSchema>;

const names: Record<keyof Origin, string> = {
  data: 'its examples',
  labels: 'its labels',
  base: "its base model's weights",
  architecture: "its base model's config.json",
  tokenizer: "its base model's tokenizer",
  configuration: 'its configuration',
};

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * Keeps the origin of a run that starts; compares that of a run that is resumed. A run that was cut off before it had one starts now.
 * Returns what the run's figures have to tell.
 * @throws unavailable, naming what has changed; damaged_file
 */
export async function settleOrigin({ run, directory, resume, ...job }: JobOf<'train'>, base: Base): Promise<string[]> {
  const file = path.join(directory, 'origin.json');
  const origin: Origin = {
    data: job.snapshotHash,
    labels: job.labels,
    base: base.hash,
    architecture: sha256(await fs.readFile(path.join(base.folder, 'config.json'))),
    tokenizer: sha256(await fs.readFile(path.join(base.folder, 'tokenizer.json'))),
    configuration: job.configuration,
  };
  const kept = resume ? await readOrigin(file) : null;
  if (kept === null) {
    await writeWhole(file, JSON.stringify(origin, null, 2));
    return [];
  }
  const changed = (Object.keys(names) as (keyof Origin)[]).find((part) => !isDeepStrictEqual(decisive(kept)[part], decisive(origin)[part]));
  if (changed === undefined) return otherPlace(kept.configuration, job.configuration);
  throw new ThawError({
    code: 'unavailable',
    message: `Run ${run} cannot be resumed: ${names[changed]} changed since it started.`,
    remedy: 'Put back what it started with, or train a new run.',
    place: { field: changed },
  });
}

/** Device and threads may be others when a run goes on. */
const decisive = ({ configuration, ...rest }: Origin): Record<keyof Origin, unknown> => {
  const { device: _, threads: __, ...decides } = configuration;
  return { ...rest, configuration: decides };
};

function otherPlace(before: RunConfiguration, now: RunConfiguration): string[] {
  const words = ({ device, threads }: RunConfiguration) => `${device} with ${threads} threads`;
  if (words(before) === words(now)) return [];
  return [
    `Begun on ${words(before)}, resumed on ${words(now)}: its weights differ by rounding from those of a run that was never interrupted.`,
  ];
}

async function readOrigin(file: string): Promise<Origin | null> {
  const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return originSchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = `${file} is damaged: it does not say what the run started with.`;
    throw new ThawError({ code: 'damaged_file', message, remedy: 'Train a new run.', place: { file } }, { cause });
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(`${file}.partial`, text, { flush: true });
  await fs.rename(`${file}.partial`, file);
}
