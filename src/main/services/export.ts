/** Exports a run: written under another name, verified in a fresh process, and only then put in its place. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { ExportReport, Run } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { ExportFormat, RunSource } from '../../trainer/messages.ts';
import type { Project } from '../database/index.ts';
import { modelCard } from './model-card.ts';
import { originOf } from './origin.ts';
import { runSource } from './predict.ts';
import { replaceFolder } from './replace-folder.ts';
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
  const source = await runSource(project, run, checkpoint);
  const texts = await verificationTexts(project, run);
  return replaceFolder({ target, marker }, async (folder) => {
    const card = await modelCard(run, task, checkpoint, await originOf(project, run.configuration, id));
    const { files } = await runJob<'write'>({ type: 'write', source, formats, output: folder, card });
    const { examples, largestDifference } = await runJob<'verify'>({ type: 'verify', source, formats, output: folder, texts });
    const verified = { examples, largestDifference };
    await fs.writeFile(path.join(folder, marker), `${JSON.stringify({ run: id, formats, verified }, null, 2)}\n`);
    return { files: [...files, marker], verified };
  });
}

/** Real texts: validation and test examples the run was measured on; of one that did not get so far, of the project as it is now. */
async function verificationTexts(project: Project, { run }: Run): Promise<string[]> {
  const predictions = [...(await project.predictions(run, 'validation')), ...(await project.predictions(run, 'test'))];
  const ids = predictions.slice(0, verifiedExamples).map((prediction) => prediction.exampleId);
  const any = { offset: 0, limit: verifiedExamples, search: '', split: null, label: null, labeled: true };
  const examples = ids.length > 0 ? await project.examples(ids) : (await project.page(any)).examples;
  if (examples.length === 0)
    throw new ThawError({
      code: 'unavailable',
      message: 'This project has no labeled texts to verify an export by.',
      remedy: 'Import or label some.',
    });
  return examples.map((example) => example.text);
}
