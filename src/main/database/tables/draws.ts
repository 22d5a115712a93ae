/** Texts that were drawn at random, for an honest estimate of how often a head is right. */
import type { Database } from 'better-sqlite3';
import { spanKey, type Span } from '../../../shared/domain.ts';
import { shown } from './examples.ts';
import { renamer } from './labels.ts';
import { givenLabels } from './learning.ts';
import { readProject } from './project.ts';

/** Notes that they were drawn; those that were before stay as they are. */
export function addDraws(database: Database, examples: readonly number[]): void {
  const insert = database.prepare('INSERT INTO random_draw (example, drawn_at) VALUES (?, ?) ON CONFLICT (example) DO NOTHING');
  const now = new Date().toISOString();
  database.transaction(() => examples.forEach((example) => insert.run(example, now))).immediate();
}

/** As spanKey has it. */
function renamedSpan(answer: string, nameNow: (name: string) => string): string {
  const [start, end, ...name] = answer.split(' ');
  return spanKey({ start: Number(start), end: Number(end), label: nameNow(name.join(' ')) });
}

export interface DrawAnswer {
  example: number;
  /** Names of labels; of entities spans, as spanKey has them. */
  answer: string[];
  /** Labeled texts the head had been fitted to. */
  labels: number;
}

/** What a head said before the text's label was known: the first answer stays. */
export function answerDraws(database: Database, answers: readonly DrawAnswer[]): void {
  const update = database.prepare('UPDATE random_draw SET answer = ?, labels = ? WHERE example = ? AND answer IS NULL');
  database
    .transaction(() => answers.forEach(({ example, answer, labels }) => update.run(JSON.stringify(answer), labels, example)))
    .immediate();
}

export interface Draw {
  example: number;
  /** Labels (of entities spans) by present names; null: there was no head, or it is not labeled yet. */
  answer: string[] | null;
  labels: number;
  /** What a person labels it with now; null: nobody does. An approved suggestion is no person's label. */
  given: string[] | null;
}

/** Of the training split, in the order they were drawn, those of one time by id; or of one text alone. */
export function listDraws(database: Database, of: number | null = null): Draw[] {
  const { task } = readProject(database);
  const nameNow = renamer(database);
  const several = database
    .prepare('SELECT name FROM text_label JOIN label ON label.id = text_label.label WHERE text_label.example = ?')
    .pluck();
  const marked = database.prepare(
    'SELECT start, end, label.name AS label FROM span JOIN label ON label.id = span.label WHERE span.example = ?',
  );
  const spansOf = (example: number) => (marked.all(example) as Span[]).map(spanKey);
  const renamed = (said: string) => (task === 'ner' ? renamedSpan(said, nameNow) : nameNow(said));
  const rows = database
    .prepare(
      `SELECT random_draw.example, answer, coalesce(labels, 0) AS labels, label.name AS label,
          annotated = 1 AND NOT EXISTS (SELECT 1 FROM approval WHERE approval.example = example.id) AS annotated
        FROM random_draw JOIN example ON example.id = random_draw.example LEFT JOIN label ON label.id = example.label
        WHERE example.split = 'train' AND ($of IS NULL OR random_draw.example = $of) AND ${shown} ORDER BY drawn_at, random_draw.example`,
    )
    .all({ of }) as { example: number; answer: string | null; labels: number; annotated: number; label: string | null }[];
  return rows.map(({ example, answer, labels, annotated, label }) => ({
    example,
    answer: answer === null ? null : (JSON.parse(answer) as string[]).map(renamed),
    labels,
    given: task === 'ner' && annotated ? spansOf(example) : givenLabels(task, annotated, label, () => several.all(example) as string[]),
  }));
}
