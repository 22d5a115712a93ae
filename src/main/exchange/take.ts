/** Takes an exchange file in: answers into the project they belong to, texts into a project of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TakenReport } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { Project } from '../database/index.ts';
import type { ExchangeFile } from './read.ts';
import type { Header, TextLine } from './format.ts';

export interface TakeOptions {
  file: ExchangeFile;
  /** What the person calls it. */
  fileName: string;
  /** Whose answers these are, whatever the file says; null: as it says. */
  as?: string | null;
}

/**
 * Idempotent: what is known already stays. The project's own labels are never touched. Throws unknown_project for another project's file,
 * unavailable for an annotator's name that is taken, wrong_format.
 */
export async function takeExchange(project: Project, { file, fileName, as = null }: TakeOptions): Promise<TakenReport> {
  const { header, texts } = file;
  const { identity, origin } = await project.exchangeIdentity();
  if (header.project !== identity && header.project !== origin) throw otherProject(header, fileName);
  const { task } = await project.summary();
  if (header.task !== task)
    throw new ThawError({ code: 'damaged_file', message: `${fileName} is for the task ${header.task}; this project’s is ${task}.` });
  const added = header.project === origin ? await addTexts(project, header, texts) : 0;
  return { texts: added, ...(await project.takeAnswers(renamed(file.answers, as, fileName))) };
}

function renamed(answers: ExchangeFile['answers'], as: string | null, fileName: string): ExchangeFile['answers'] {
  if (as === null) return answers;
  const names = [...new Set(answers.map(({ annotator }) => annotator))];
  if (names.length > 1)
    throw new ThawError({
      code: 'wrong_format',
      message: `${fileName} has answers of ${names.length} annotators (${names.join(', ')}): they cannot all be “${as}”.`,
      place: { file: fileName },
    });
  return answers.map((answer) => ({ ...answer, annotator: as }));
}

const otherProject = ({ name }: Header, fileName: string) =>
  new ThawError({
    code: 'unknown_project',
    message: `${fileName} belongs to another project (“${name}”).`,
    remedy: 'Take it in there, or open it as a project of its own.',
    place: { file: fileName, line: 1 },
  });

/** A new project is filled with what the file has: blind, that is without labels of its own. Throws not_enough_data where it has no texts. */
export async function fillFromExchange(project: Project, options: TakeOptions): Promise<TakenReport> {
  const { header, texts } = options.file;
  await addTexts(project, header, texts);
  for (const { name, guideline, examples } of header.labels) {
    const { labels } = await project.createLabel(name);
    const id = labels.find((label) => label.name === name)?.id;
    if (id !== undefined && (guideline !== '' || examples.length > 0)) await project.updateLabel({ id, patch: { guideline, examples } });
  }
  return { ...(await takeExchange(project, options)), texts: texts.length };
}

/** Throws not_enough_data for a file that is no beginning of a project. */
export function checkHasTexts({ texts }: ExchangeFile, fileName: string): void {
  if (texts.length > 0) return;
  throw new ThawError({
    code: 'not_enough_data',
    message: `${fileName} has answers and no texts.`,
    remedy: 'Take it in where its texts are: in the project that they were sent from.',
    place: { file: fileName },
  });
}

const nothingSaid = { classification: { label: null }, multilabel: { labels: null }, ner: { spans: null } };

/** Those that are not here yet; how many they were. */
async function addTexts(project: Project, { project: origin, task }: Header, texts: TextLine[]): Promise<number> {
  const known = await project.findSent(texts.map(({ example }) => example));
  const isDerived = (await project.exchangeIdentity()).origin !== null;
  const fresh = isDerived ? texts.filter((_, index) => known[index] === null) : texts;
  if (fresh.length === 0) return 0;
  const folder = await mkdtemp(join(tmpdir(), 'thaw-exchange-'));
  try {
    const file = join(folder, 'texts.jsonl');
    const rows = fresh.map(({ text, split, pretokenized }) =>
      JSON.stringify({ text, split, ...nothingSaid[task], ...(pretokenized && { pretokenized }) }),
    );
    await writeFile(file, `${rows.join('\n')}\n`);
    const after = await project.lastExample();
    await project.importFile({ file, format: 'jsonl', text: 'text', splitColumn: 'split', strict: true });
    await project.recordOrigin({ origin, keys: fresh.map(({ example, textHash }) => ({ example, textHash })), after });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return fresh.length;
}
