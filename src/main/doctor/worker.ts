/** Entry of the doctor's thread: reads a file or a project, says what it found, and answers for the rows behind it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openTokenizer } from '../../engine/text/index.ts';
import { errorLine, ThawError, toThawError } from '../../shared/errors.ts';
import { everyExample } from '../database/reading.ts';
import type { StoredExample } from '../database/tables/examples.ts';
import { readRows, type ParsedRow } from '../import/index.ts';
import { EvidenceShelf } from './evidence.ts';
import { Examination, type LengthLimit } from './examination.ts';
import { diagnose, type Diagnosis } from './findings.ts';
import { planMends } from './mends.ts';
import type { DoctorJob, DoctorMessage, DoctorQuestion } from './messages.ts';
import type { DoctorRow } from './row.ts';

/** Rows after which a first report is made. */
const sampleRows = 10_000;
const progressMilliseconds = 200;

const job = workerData as DoctorJob;
const port = parentPort as NonNullable<typeof parentPort>;
const send = (message: DoctorMessage) => port.postMessage(message);

/** Of the sample, later of all rows. */
let latest: { examination: Examination; diagnosis: Diagnosis; shelf: EvidenceShelf } | null = null;
let told = 0;

function tellProgress(step: 'reading' | 'comparing', rows: number, share: number | null): void {
  if (performance.now() - told < progressMilliseconds) return;
  told = performance.now();
  send({ type: 'event', event: { type: 'progress', step, rows, share } });
}

const rowOfProject = ({ id, text, annotation, split, pretokenized }: StoredExample): DoctorRow => ({
  place: id,
  ofProject: true,
  text,
  annotation,
  split,
  pretokenized,
});

const given = job.file?.split === 'train' || job.file?.split === 'validation' || job.file?.split === 'test' ? job.file.split : null;

const rowOfFile = ({ line, text, label, labels, spans, split, pretokenized }: ParsedRow): DoctorRow => ({
  place: line,
  ofProject: false,
  text,
  annotation: { label, ...(labels && { labels }), spans },
  split: given ?? split,
  pretokenized,
});

async function openLimit(): Promise<{ limit: LengthLimit | null; noLengths: string | null }> {
  try {
    return { limit: { tokenizer: await openTokenizer(job.base), maxLength: job.maxLength }, noLengths: null };
  } catch (error) {
    return { limit: null, noLengths: errorLine(toThawError(error).toReport()) };
  }
}

type RowOrRejection = DoctorRow | { line: number; reason: string };

async function* rows(): AsyncGenerator<RowOrRejection> {
  const { file, task, project } = job;
  if (!file) {
    for (const example of everyExample(project as string)) yield rowOfProject(example);
    return;
  }
  for await (const row of readRows(file.file, { ...file, format: file.format ?? 'auto', header: file.header ?? true, task })) {
    if (row.kind === 'row') yield rowOfFile(row);
    else if (row.kind === 'rejected') yield { line: row.line, reason: row.reason };
  }
}

async function examine(): Promise<void> {
  const { limit, noLengths } = await openLimit();
  const examination = new Examination(job.spool, limit);
  if (job.file && job.project) for (const example of everyExample(job.project)) examination.addKnown(rowOfProject(example));
  const context = { task: job.task, ofProject: !job.file, noLengths };
  let count = 0;
  const report = async (sample: boolean) => {
    await examination.measure();
    const diagnosis = diagnose(examination, { ...context, sample }, (share) => tellProgress('comparing', count, share));
    latest = { examination, diagnosis, shelf: new EvidenceShelf(examination, diagnosis) };
    send({ type: 'event', event: { type: 'report', report: diagnosis.report } });
  };
  for await (const row of rows()) {
    if (count === sampleRows) await report(true);
    count++;
    if ('reason' in row) examination.rejected.push(row);
    else await examination.add(row);
    tellProgress('reading', count, null);
    // Questions about the sample are answered meanwhile.
    if (count % 1000 === 0) await nextTurn();
  }
  if (count === 0) throw noRows();
  await report(false);
  send({ type: 'ready' });
}

function noRows(): ThawError {
  const name = job.file ? (job.file.fileName ?? job.file.file) : (job.project as string);
  return new ThawError({
    code: 'wrong_format',
    message: `${name} holds no rows.`,
    remedy: 'Check that it is the right file; the first row of a table counts as its header unless said otherwise.',
    place: { file: name },
  });
}

function answer(question: DoctorQuestion): void {
  if (!latest) return;
  const { examination, diagnosis, shelf } = latest;
  const value =
    question.type === 'evidence'
      ? shelf.page(question.finding, question.offset, question.limit)
      : planMends(examination, diagnosis, question.chosen);
  send({ type: 'answer', id: question.id, value });
}

port.on('message', answer);
try {
  await examine();
} catch (error) {
  send({ type: 'failed', error: toThawError(error).toReport() });
  port.close();
}
