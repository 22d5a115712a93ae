import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { openDoctor, type Doctor } from '../../main/doctor/index.ts';
import { findTask } from '../../main/import/index.ts';
import { baseFolder } from '../../main/services/models.ts';
import type { DoctorEvent, DoctorReport, Evidence, Finding, Place } from '../../shared/doctor.ts';
import { runConfigurationSchema, type Task } from '../../shared/domain.ts';
import { parseNumber, UsageError } from '../options.ts';
import { note, report } from '../output.ts';
import { withProject } from '../session.ts';
import { withReadOptions, type ReadOptions } from './import.ts';

interface Options extends ReadOptions {
  project?: string;
  base: string;
  maxLength: number;
  rows: number;
  json?: boolean;
}

const defaults = runConfigurationSchema.parse({});

export function registerCheck(program: Command): void {
  const command = program
    .command('check')
    .description('look for duplicates, leaks, broken rows and the like in a file without importing it, or in a project')
    .argument('[file]')
    .option('--project <dir>', 'the project that the file is for, whose texts it is compared with; without a file, what is checked');
  withReadOptions(command)
    .option('--base <base>', 'whose tokenizer measures lengths', defaults.base)
    .option('--max-length <n>', 'tokens a model will read', parseNumber, defaults.maxLength)
    .option('--rows <n>', 'texts shown of each finding', parseNumber, 5)
    .option('--json', 'print one JSON object')
    .action(check);
}

/** As `import` reads the file; of a project that is there, its own task. */
async function taskOf(file: string, { project, ...options }: Options): Promise<{ task: Task; project: string | null }> {
  const isThere = project !== undefined && fs.existsSync(project) && fs.readdirSync(project).length > 0;
  if (!isThere) return { task: options.task ?? (await findTask(file, options.format)), project: null };
  return { task: await taskOfProject(project), project: path.resolve(project) };
}

const taskOfProject = (folder: string): Promise<Task> =>
  withProject(folder, { readonly: true }, async (project) => (await project.summary()).task);

async function check(file: string | undefined, options: Options): Promise<void> {
  const { base, maxLength, rows, json, project } = options;
  if (file === undefined && project === undefined) throw new UsageError('Give a file, or --project for a project’s own data.');
  const about = file === undefined ? { task: await taskOfProject(project!), project: path.resolve(project!) } : await taskOf(file, options);
  const reading = file === undefined ? {} : { file: { ...options, file } };
  const doctor = await openDoctor({ ...about, ...reading, base: baseFolder(base), maxLength }, tellProgress());
  try {
    tell(await doctor.report, await evidenceOf(doctor, rows), json);
  } finally {
    await doctor.close();
  }
}

/** A line at most every few seconds. */
function tellProgress(): (event: DoctorEvent) => void {
  let told = performance.now();
  return (event) => {
    if (event.type !== 'progress' || performance.now() - told < 3000) return;
    told = performance.now();
    note(
      event.step === 'reading'
        ? `${event.rows.toLocaleString('en')} rows read`
        : `comparing ${event.rows.toLocaleString('en')} rows: ${Math.round(100 * (event.share ?? 0))} %`,
    );
  };
}

async function evidenceOf(doctor: Doctor, limit: number): Promise<Map<Finding['kind'], Evidence[]>> {
  const { findings } = await doctor.report;
  const evidence = new Map<Finding['kind'], Evidence[]>();
  for (const { kind } of findings) evidence.set(kind, (await doctor.evidence({ finding: kind, offset: 0, limit })).evidence);
  return evidence;
}

function placeText({ line, example, split, label }: Place): string {
  const where = line === null ? `example ${example}` : `line ${line}`;
  return [where, split, label].filter((part) => part !== null).join(' ');
}

function evidenceLine({ text, places, more, detail }: Evidence): string {
  const where = `${places.map(placeText).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const excerpt = text.replace(/\s+/g, ' ').slice(0, 80);
  return `    ${[where, excerpt, detail].filter(Boolean).join(': ')}`;
}

function tell(result: DoctorReport, evidence: Map<Finding['kind'], Evidence[]>, json?: boolean): void {
  const findings = result.findings.map((finding) => ({ ...finding, evidence: evidence.get(finding.kind) ?? [] }));
  const lines = findings.flatMap(({ kind: _, severity, title, sentence, count, groups, evidence: rows }) => [
    `${severity}  ${title}: ${count}${groups === undefined ? '' : ` in ${groups} group${groups === 1 ? '' : 's'}`}. ${sentence}`,
    ...rows.map(evidenceLine),
  ]);
  report(json, { ...result, findings }, [
    `${result.rows} rows read, ${result.usable} usable, ${result.withFinding} with a finding`,
    ...lines,
    ...(findings.length === 0 ? ['Nothing to fix.'] : []),
    `nothing found: ${result.passed.join(', ')}`,
    ...result.skipped.map(({ check: name, reason }) => `could not be checked: ${name} (${reason})`),
  ]);
}
