/** Exports a run: written beside its place, verified in a fresh process, and only then put there. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { ExportReport, Run } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { ExportFormat, RunSource } from '../../trainer/messages.ts';
import type { Project } from '../database/index.ts';
import { modelCard } from './model-card.ts';
import { runSource } from './predict.ts';
import { runJob } from './trainer.ts';

export interface ExportRequest {
  formats: ExportFormat[];
  output: string;
  checkpoint: RunSource['checkpoint'];
}

/** Marks a folder as an export that a later one may replace. */
const marker = 'thaw-export.json';
const verifiedExamples = 64;

/** Files relative to `output`, and how far their logits are from the run's own. @throws verification_failed, unavailable, disk_full */
export async function exportRun(project: Project, id: string, { formats, output, checkpoint }: ExportRequest): Promise<ExportReport> {
  const run = await project.run(id);
  const { task } = await project.summary();
  const target = path.resolve(output);
  await checkTarget(target);
  const source = runSource(project, run, task, checkpoint);
  const texts = await verificationTexts(project, run);
  await fs.mkdir(path.dirname(target), { recursive: true });
  const beside = await fs.mkdtemp(`${target}.partial-`);
  try {
    const card = await modelCard(run, task, checkpoint);
    const { files } = await runJob<'write'>({ type: 'write', source, formats, output: beside, card });
    const { examples, largestDifference } = await runJob<'verify'>({ type: 'verify', source, formats, output: beside, texts });
    await fs.writeFile(
      path.join(beside, marker),
      `${JSON.stringify({ run: id, formats, verified: { examples, largestDifference } }, null, 2)}\n`,
    );
    await replace(target, beside);
    return { files: [...files, marker], verified: { examples, largestDifference } };
  } finally {
    await fs.rm(beside, { recursive: true, force: true });
  }
}

async function checkTarget(target: string): Promise<void> {
  const names = await fs.readdir(target).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0 || names.includes(marker)) return;
  throw new ThawError({
    code: 'unavailable',
    message: `${target} is not empty and is no earlier export.`,
    remedy: 'Choose another folder.',
    place: { file: target },
  });
}

/** An earlier export stays until the new one is in its place. */
async function replace(target: string, beside: string): Promise<void> {
  const earlier = `${beside}.earlier`;
  const hadEarlier = await fs.rename(target, earlier).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await fs.rename(beside, target);
  } catch (error) {
    if (hadEarlier) await fs.rename(earlier, target);
    throw error;
  }
  await fs.rm(earlier, { recursive: true, force: true });
}

/** Real texts of the run: validation and test examples it was measured on. */
async function verificationTexts(project: Project, { run }: Run): Promise<string[]> {
  const predictions = [...(await project.predictions(run, 'validation')), ...(await project.predictions(run, 'test'))];
  const ids = predictions.slice(0, verifiedExamples).map((prediction) => prediction.exampleId);
  if (ids.length === 0)
    throw new ThawError({
      code: 'unavailable',
      message: `Run ${run} has no predictions to verify an export by.`,
      remedy: 'Export a finished run.',
    });
  return (await project.examples(ids)).map((example) => example.text);
}
