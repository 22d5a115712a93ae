/** Answers of several annotators: what exchange files take along and bring, how far they agree, and the settling of what differs. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { agreement } from '../../engine/evaluate/agreement/index.ts';
import { toUtf16 } from '../../engine/text/offsets.ts';
import { answerKey, labelsNamed } from '../../shared/domain.ts';
import type { Annotation, AnnotatorsReport, Answer, Disagreement, Example, Split, TakenReport } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { checkAnnotation, saidOf } from './annotate.ts';
import { change } from './history.ts';
import { answeredExamples, answersOf, answerWriter, ownAnswers } from './tables/answers.ts';
import { readExample } from './tables/examples.ts';
import { formerNames, listLabels } from './tables/labels.ts';
import { readProject } from './tables/project.ts';
import { exchangeIdentity, originFinder, sentFinder } from './tables/sent.ts';
import type { SentKey } from './tables/sent.ts';
import { storedAnnotation } from './tables/states.ts';

/** An example as an exchange file has it. */
export interface OutgoingExample extends SentKey {
  text: string;
  split: Split;
  pretokenized: boolean;
  answers: Answer[];
}

/** An answer of an exchange file: spans in code points. */
export interface IncomingAnswer extends SentKey {
  /** In the file. */
  line: number;
  annotator: string;
  at: string;
  annotation: Annotation;
}

/** In the order of `ids`; null for those that did not come from the project that the file is for. That one has the others' answers already. */
export function outgoing(database: Database, ids: number[]): (OutgoingExample | null)[] {
  const originOf = originFinder(database);
  const answers = answersOf(database, { ownOnly: exchangeIdentity(database).origin !== null });
  const select = database.prepare('SELECT text, lower(hex(text_hash)) AS textHash, split, pretokenized FROM example WHERE id = ?');
  return ids.map((id) => {
    const example = originOf(id);
    const row = select.get(id) as { text: string; textHash: string; split: Split; pretokenized: number } | undefined;
    return example === null || !row ? null : { ...row, example, pretokenized: row.pretokenized === 1, answers: answers(id) };
  });
}

const pieceAnswers = 500;

/** Keeps them beside the project's own labels, which stay as they are. Throws unavailable for a name that is taken, wrong_format. */
export async function takeAnswers(database: Database, signedBy: string, answers: IncomingAnswer[]): Promise<Omit<TakenReport, 'texts'>> {
  const annotators = [...new Set(answers.map(({ annotator }) => annotator))].sort();
  const report = { answers: answers.length, annotators, added: 0, changed: 0, known: 0, unknown: 0, textChanged: 0 };
  const missing = new Map<string, number>();
  const place = placer(database);
  checkNames(database, signedBy, answers);
  for (let at = 0; at < answers.length; at += pieceAnswers) {
    database
      .transaction(() => {
        const write = answerWriter(database);
        for (const answer of answers.slice(at, at + pieceAnswers)) {
          const placed = place(answer);
          if (typeof placed === 'string') report[placed]++;
          else if ('missing' in placed) missing.set(placed.missing, (missing.get(placed.missing) ?? 0) + 1);
          else report[write(placed.id, answer.annotator, answer.at, storedAnnotation(database, placed.annotation))]++;
        }
      })
      .immediate();
    await nextTurn();
  }
  return { ...report, unknownLabels: [...missing].map(([label, count]) => ({ label, answers: count })) };
}

/** Two people of one name would be one annotator. */
function checkNames(database: Database, signedBy: string, answers: IncomingAnswer[]): void {
  const own = ownAnswers(database);
  const find = sentFinder(database);
  for (const { annotator, example } of answers) {
    const id = find(example);
    const mine = id === null ? null : own(id);
    const taken = annotator === signedBy || (mine !== null && mine.annotation !== null && mine.annotator === annotator);
    if (taken)
      throw new ThawError({
        code: 'unavailable',
        message: `The answers of the file are signed “${annotator}”, and so are labels of this project.`,
        remedy: 'Give their annotator another name while taking them in (on the command line: --as NAME).',
        place: { field: 'annotator' },
      });
  }
}

type Placed = 'unknown' | 'textChanged' | { missing: string } | { id: number; annotation: Annotation };

/** Where an answer belongs and what it says by the present names. */
function placer(database: Database): (answer: IncomingAnswer) => Placed {
  const find = sentFinder(database);
  const { task } = readProject(database);
  const former = formerNames(database);
  const names = new Set(listLabels(database, task).map(({ name }) => name));
  const select = database.prepare('SELECT text, lower(hex(text_hash)) AS textHash FROM example WHERE id = ?');
  return ({ example, textHash, annotation: said, line }) => {
    const id = find(example);
    if (id === null) return 'unknown';
    const found = select.get(id) as { text: string; textHash: string };
    if (found.textHash !== textHash) return 'textChanged';
    const { text } = found;
    const rename = (name: string) => (names.has(name) ? name : (former.get(name) ?? name));
    const annotation: Annotation = {
      label: said.label === null ? null : rename(said.label),
      ...(said.labels && { labels: said.labels.map(rename) }),
      spans: said.spans && toUtf16(text, said.spans).map((span) => ({ ...span, label: rename(span.label) })),
    };
    const missing = labelsNamed(annotation).find((name) => !names.has(name));
    if (missing !== undefined) return { missing };
    checkAnnotation(annotation, { id, text }, task, { line });
    return { id, annotation };
  };
}

/** Answered examples whose answers are read in one go, between which others are served. */
const pieceExamples = 500;

interface Answered {
  id: number;
  settled: boolean;
  answers: Answer[];
}

async function everyAnswered(database: Database): Promise<Answered[]> {
  const answers = answersOf(database);
  const examples = answeredExamples(database);
  const found: Answered[] = [];
  for (let at = 0; at < examples.length; at += pieceExamples) {
    for (const example of examples.slice(at, at + pieceExamples)) found.push({ ...example, answers: answers(example.id) });
    await nextTurn();
  }
  return found;
}

const differ = ({ answers }: Answered) => new Set(answers.map(({ annotation }) => answerKey(annotation))).size > 1;

/** Of the project's own labels and what was brought by exchange files. */
export async function agreementReport(database: Database): Promise<AnnotatorsReport> {
  const { task } = readProject(database);
  const answered = await everyAnswered(database);
  const texts = answered.map(
    ({ answers }) => new Map(answers.map(({ annotator, annotation }): [string, Annotation] => [annotator, annotation])),
  );
  const names = listLabels(database, task).map(({ name }) => name);
  const differing = answered.filter(differ);
  const open = differing.filter(({ settled }) => !settled).length;
  const brought = database.prepare('SELECT DISTINCT annotator FROM answer ORDER BY annotator').pluck().all() as string[];
  return { ...agreement(task, names, texts), disagreements: { open, settled: differing.length - open }, brought };
}

/** Examples of which answers differ, by id. */
export async function disagreements(database: Database): Promise<{ id: number; settled: boolean }[]> {
  return (await everyAnswered(database)).filter(differ).map(({ id, settled }) => ({ id, settled }));
}

/** All that exchange files brought of one annotator; how many answers that were. */
export function removeAnswers(database: Database, annotator: string): number {
  return database.prepare('DELETE FROM answer WHERE annotator = ?').run(annotator).changes;
}

/** Throws internal for an id that is not there. */
export function readDisagreement(database: Database, id: number): Disagreement {
  const example = readExample(database, id);
  const settled = database.prepare('SELECT settled IS NOT NULL FROM example WHERE id = ?').pluck().get(id) === 1;
  return { example, answers: answersOf(database)(id), settled };
}

/** Makes it the project's label, as one change; what the label was before still counts as an answer. Throws unknown_label, wrong_format. */
export function settle(database: Database, annotator: string, { id, annotation }: { id: number; annotation: Annotation }): Example {
  const before = readExample(database, id);
  checkAnnotation(annotation, before, readProject(database).task);
  change(database, annotator, `settling of text ${id}: ${saidOf(annotation)}`, (changes) =>
    changes.example(id, {
      annotation: storedAnnotation(database, annotation),
      skipped: false,
      settled: ownAnswers(database)(id),
    }),
  );
  return readExample(database, id);
}
