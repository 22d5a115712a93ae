/** Answers of several annotators: what exchange files take along and bring, how far they agree, and the settling of what differs. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { agreement } from '../../engine/evaluate/agreement/index.ts';
import { toUtf16 } from '../../engine/text/offsets.ts';
import { answerKey } from '../../shared/domain.ts';
import type { AgreementReport, Annotation, Answer, Disagreement, Example, Split, TakenReport } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { checkAnnotation, saidOf } from './annotate.ts';
import { change } from './history.ts';
import { answeredExamples, answersOf, answerWriter, ownAnswers } from './tables/answers.ts';
import { readExample } from './tables/examples.ts';
import { findLabel, formerNames, listLabels } from './tables/labels.ts';
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
  const textHash = database.prepare('SELECT lower(hex(text_hash)) FROM example WHERE id = ?').pluck();
  return ({ example, textHash: expected, annotation: said, line }) => {
    const id = find(example);
    if (id === null) return 'unknown';
    if (textHash.get(id) !== expected) return 'textChanged';
    const { text } = readExample(database, id);
    const rename = (name: string) => (findLabel(database, name) === null ? (former.get(name) ?? name) : name);
    const annotation: Annotation = {
      label: said.label === null ? null : rename(said.label),
      ...(said.labels && { labels: said.labels.map(rename) }),
      spans: said.spans && toUtf16(text, said.spans).map((span) => ({ ...span, label: rename(span.label) })),
    };
    const names = [annotation.label, ...(annotation.labels ?? []), ...(annotation.spans ?? []).map(({ label }) => label)];
    const missing = names.find((name) => name !== null && findLabel(database, name) === null);
    if (missing) return { missing };
    checkAnnotation(annotation, { id, text }, task, { line });
    return { id, annotation };
  };
}

/** Of the project's own labels and what was brought by exchange files. */
export function agreementReport(database: Database): AgreementReport {
  const { task } = readProject(database);
  const answers = answersOf(database);
  const texts = answeredExamples(database).map(
    ({ id }) => new Map(answers(id).map(({ annotator, annotation }): [string, Annotation] => [annotator, annotation])),
  );
  return agreement(
    task,
    listLabels(database, task).map(({ name }) => name),
    texts,
  );
}

/** Examples of which answers differ, by id. */
export function disagreements(database: Database): { id: number; settled: boolean }[] {
  const answers = answersOf(database);
  const differ = (said: Answer[]) => new Set(said.map(({ annotation }) => answerKey(annotation))).size > 1;
  return answeredExamples(database).filter(({ id }) => differ(answers(id)));
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
