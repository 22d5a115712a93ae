import fs from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { fileFormatSchema, type FileFormat, type ImportReport, type Task } from '../../shared/domain.ts';
import { openProject, type Project } from '../../main/database/index.ts';
import { ThawError, toThawError } from '../../shared/errors.ts';
import { findTask } from '../../main/import/index.ts';
import { parseDelimiter } from '../options.ts';
import { note, report } from '../output.ts';

export interface ReadOptions {
  task?: Task;
  format: 'auto' | FileFormat;
  encoding?: string;
  delimiter?: string;
  text?: string;
  label?: string;
  header: boolean;
  split: string;
  splitColumn?: string;
  group?: string;
  offsets?: 'code-points' | 'utf-16';
}

interface Options extends ReadOptions {
  project: string;
  strict?: boolean;
  changeTest?: boolean;
  json?: boolean;
}

/** How a file is to be read: the same for whatever reads one. */
export const withReadOptions = (command: Command): Command =>
  command
    .addOption(new Option('--task <task>', 'what to learn (default: found from the file)').choices(['classification', 'multilabel', 'ner']))
    .addOption(new Option('--format <format>').choices(['auto', ...fileFormatSchema.options]).default('auto'))
    .option('--encoding <name>', 'of a text file, such as windows-1252 or shift_jis (default: its byte order mark’s, else UTF-8)')
    .addOption(new Option('--delimiter <character>', 'of csv, or “tab” (default: found)').argParser(parseDelimiter))
    .option('--text <column>', 'column of the text; several joined by a comma')
    .option('--label <column>', 'column of the label; for multilabel several joined by a comma')
    .option('--no-header', 'the first row is an example')
    .option('--split <split>', 'train, validation, test, auto, or shares such as 8:1:1', 'auto')
    .option('--group <column>', 'column whose rows of one value (a document, an author) stay in one split')
    .option('--split-column <column>', 'column of each row’s split (default: the one named split)')
    .addOption(new Option('--offsets <unit>', 'what offsets of spans count').choices(['code-points', 'utf-16']).default('code-points'));

export function registerImport(program: Command): void {
  const command = program
    .command('import')
    .description('add files or folders of examples to a project, which is made if it is not there')
    .argument('<file...>')
    .requiredOption('--project <dir>', 'the project folder');
  withReadOptions(command)
    .option('--change-test', 'also where the project’s test set has been used')
    .option('--strict', 'import nothing at all when any row is rejected')
    .option('--json', 'print one JSON object')
    .action(importFiles);
}

async function importFiles(files: string[], options: Options): Promise<void> {
  const folder = path.resolve(options.project);
  const isNew = !fs.existsSync(folder) || fs.readdirSync(folder).length === 0;
  const create = isNew
    ? { task: options.task ?? (await findTask(files[0], options.format, options)), name: path.basename(folder) }
    : undefined;
  const project = await openProject(folder, { create });
  try {
    const { project: _, json: __, changeTest, ...given } = options;
    if (changeTest) await project.unlockTest();
    const reports: ImportReport[] = [];
    for (const file of files) {
      try {
        reports.push(await project.importFile({ ...given, file }));
      } catch (error) {
        throw reports.length > 0 ? beside(error, files.slice(0, reports.length)) : error;
      }
    }
    tell(await total(reports, project), options.json);
  } catch (error) {
    // A project of nothing but a failed import would only stand in the way of the next try.
    const empty = isNew && (await project.summary()).examples === 0;
    await project.close();
    if (empty) fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  await project.close();
}

/** The same failure, naming the files before it, whose examples are in the project: given again, they would be there twice. */
function beside(cause: unknown, imported: string[]): ThawError {
  const { code, message, remedy, place } = toThawError(cause).toReport();
  const done = `Already imported, and not to be given again: ${imported.join(', ')}.`;
  return new ThawError({ code, message, remedy: remedy ? `${done} ${remedy}` : done, place }, { cause });
}

async function total(reports: ImportReport[], project: Project): Promise<ImportReport> {
  const sum = (count: (report: ImportReport) => number) => reports.reduce((all, one) => all + count(one), 0);
  return {
    read: sum((one) => one.read),
    imported: sum((one) => one.imported),
    rejected: reports.flatMap((one) => one.rejected),
    duplicates: sum((one) => one.duplicates),
    labels: (await project.summary()).labels.map((label) => label.name),
    splits: { train: sum((one) => one.splits.train), validation: sum((one) => one.splits.validation), test: sum((one) => one.splits.test) },
    notes: [...new Set(reports.flatMap((one) => one.notes))],
  };
}

function tell(result: ImportReport, json?: boolean): void {
  for (const { line, reason } of json ? [] : result.rejected.slice(0, 20)) note(`line ${line}: ${reason}`);
  for (const text of result.notes) note(text);
  const { train, validation, test } = result.splits;
  report(json, result, [
    `${result.imported} of ${result.read} examples imported, ${result.rejected.length} rejected, ${result.duplicates} duplicates`,
    `labels: ${result.labels.join(', ') || 'none'}`,
    `train ${train}, validation ${validation}, test ${test}`,
  ]);
}
