/** Projects with a run that suggests labels, without training one. */
import { runConfigurationSchema, type Prediction, type Split, type Task } from '../../src/shared/domain.ts';
import type { Project } from '../../src/main/database/index.ts';
import { newProject, temporaryFile } from './data-places.ts';

export const listed = { offset: 0, limit: 500 };

/** `count` texts of a split without a label, after those there are. */
export async function addTexts(project: Project, count: number, split: Split): Promise<void> {
  const from = (await project.summary()).examples;
  const lines = Array.from({ length: count }, (_, index) => `{"text":"text ${from + index + 1} of the file"}`);
  await project.importFile({ file: temporaryFile('texts.jsonl', `${lines.join('\n')}\n`), format: 'jsonl', split });
}

/** A finished run of two labels that said nothing yet. */
export async function addRun(project: Project, name = 'R', labels = ['no', 'yes']): Promise<string> {
  const { hash } = await project.snapshot();
  const { run } = await project.createRun({ name, configuration: runConfigurationSchema.parse({}), snapshot: hash, labels });
  await project.updateRun(run, { status: 'finished' });
  return run;
}

export async function labeledProject(task: Task = 'classification', labels = ['no', 'yes']): Promise<Project> {
  const project = await newProject(task);
  for (const label of labels) await project.createLabel(label);
  return project;
}

/** `yes` with a probability. */
export const yes = (exampleId: number, probability: number): Prediction => ({
  exampleId,
  label: 'yes',
  scores: [1 - probability, probability],
  spans: null,
});

/** Ids of what a filter lets through. */
export const idsOf = async (project: Project, filter: object): Promise<number[]> =>
  (await project.page({ ...listed, ...filter })).examples.map(({ id }) => id);

export const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);
