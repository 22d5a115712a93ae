/** `FOLDER`: makes a project there whose run says of each text what standard input says (JSON), for tests of the screens. */
import { rm, writeFile } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { openProject } from '../../src/main/database/index.ts';
import { runConfigurationSchema, type Prediction, type Task } from '../../src/shared/domain.ts';

export interface SuggestedProject {
  task: Task;
  labels: string[];
  /** All for training. */
  texts: string[];
  /** Of each; ids count from 1. */
  predictions: Prediction[];
}

const [folder] = process.argv.slice(2);
const { task, labels, texts, predictions } = (await json(process.stdin)) as SuggestedProject;
const project = await openProject(folder, { create: { task, name: 'Suggested' } });
for (const label of labels) await project.createLabel(label);
const file = `${folder}.jsonl`;
await writeFile(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
await project.importFile({ file, format: 'jsonl', split: 'train' });
await rm(file);
const { hash } = await project.snapshot();
const { run } = await project.createRun({ name: 'Top layers', configuration: runConfigurationSchema.parse({}), snapshot: hash, labels });
await project.updateRun(run, { status: 'finished' });
await project.addPredictions(run, 'train', predictions);
await project.close();
