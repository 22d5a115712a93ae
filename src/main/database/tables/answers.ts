/** What annotators say of examples: the project's own labels, and beside them what exchange files brought. */
import type { Database } from 'better-sqlite3';
import { importedLabels, isLabeled, type Annotation, type Answer } from '../../../shared/domain.ts';
import { presentNames } from './labels.ts';
import { exampleStates, type Settled, type StoredAnnotation } from './states.ts';

/** Who last said what the example's own label is; changes to labels themselves do not count. */
const signer = `SELECT action.annotator, action.at FROM event JOIN batch ON batch.id = event.batch
  JOIN action ON action.batch = batch.id AND action.kind = 'do'
  WHERE event.example = ? AND batch.state = 'done' AND json_type(event.after, '$.annotation') IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM event AS other WHERE other.batch = event.batch AND other.label IS NOT NULL)
  ORDER BY event.id DESC LIMIT 1`;

const isNothing = ({ label, labels, spans }: StoredAnnotation) => label === null && labels === null && spans === null;

/** The example's own label, and whose; for a settled one, as it was before. Statements are prepared once. */
export function ownAnswers(database: Database): (example: number) => NonNullable<Settled> {
  const states = exampleStates(database);
  const lastSigner = database.prepare(signer);
  return (example) => {
    const { annotation, settled } = states.read(example, { annotation: undefined, settled: undefined });
    if (settled) return settled;
    if (!annotation || isNothing(annotation)) return { annotation: null };
    const said = lastSigner.get(example) as { annotator: string; at: string } | undefined;
    return { annotator: said?.annotator ?? null, at: said?.at ?? null, annotation };
  };
}

/** With the names that labels have now. A deleted label is left out of lists and spans; null where it was all there was. */
function named({ label, labels, spans }: StoredAnnotation, nameOf: (id: number) => string | null): Annotation | null {
  const present = (ids: number[]) => [...new Set(ids.map(nameOf).filter((name) => name !== null))];
  const annotation = {
    label: label === null ? null : nameOf(label),
    ...(labels && { labels: present(labels) }),
    spans:
      spans &&
      spans.flatMap((span) => {
        const name = nameOf(span.label);
        return name === null ? [] : [{ ...span, label: name }];
      }),
  };
  return isLabeled(annotation) ? annotation : null;
}

/** What is said of an example, the project's own label first; `ownOnly`: nothing else. */
export function answersOf(database: Database, { ownOnly = false } = {}): (example: number) => Answer[] {
  const nameOf = presentNames(database);
  const own = ownAnswers(database);
  const others = database.prepare('SELECT annotator, at, annotation FROM answer WHERE example = ? ORDER BY annotator');
  const asAnswer = (annotator: string, at: string | null, stored: StoredAnnotation): Answer[] => {
    const annotation = named(stored, nameOf);
    return annotation ? [{ annotator, at, annotation }] : [];
  };
  return (example) => {
    const mine = own(example);
    const rows = (ownOnly ? [] : others.all(example)) as { annotator: string; at: string; annotation: string }[];
    const signed = mine.annotation === null ? null : (mine.annotator ?? importedLabels);
    return [
      ...(mine.annotation === null ? [] : asAnswer(signed as string, mine.at, mine.annotation)),
      ...rows
        .filter(({ annotator }) => annotator !== signed)
        .flatMap(({ annotator, at, annotation }) => asAnswer(annotator, at, JSON.parse(annotation) as StoredAnnotation)),
    ];
  };
}

/** Examples of which somebody else has said something, by id. */
export function answeredExamples(database: Database): { id: number; settled: boolean }[] {
  const rows = database
    .prepare(
      `SELECT DISTINCT example.id, example.settled IS NOT NULL AS settled FROM answer JOIN example ON example.id = answer.example
       WHERE example.deleted = 0 ORDER BY example.id`,
    )
    .all() as { id: number; settled: number }[];
  return rows.map(({ id, settled }) => ({ id, settled: settled === 1 }));
}

export type AnswerChange = 'added' | 'changed' | 'known';

/** Keeps the newest answer of each annotator. */
export function answerWriter(
  database: Database,
): (example: number, annotator: string, at: string, annotation: StoredAnnotation) => AnswerChange {
  const find = database.prepare('SELECT at, annotation FROM answer WHERE example = ? AND annotator = ?');
  const write = database.prepare('INSERT OR REPLACE INTO answer (example, annotator, annotation, at) VALUES (?, ?, ?, ?)');
  return (example, annotator, at, annotation) => {
    const before = find.get(example, annotator) as { at: string; annotation: string } | undefined;
    const after = JSON.stringify(annotation);
    if (before && (before.annotation === after || before.at >= at)) return 'known';
    write.run(example, annotator, after, at);
    return before ? 'changed' : 'added';
  };
}
