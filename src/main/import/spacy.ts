/** JSONL as spaCy's training data is passed around: `entities` as [start, end, label], `spans` as objects, `cats` as scores; or [text, {…}]. */
import type { Task } from '../../shared/domain.ts';
import type { Fields, Records, RowStream, Source } from './row.ts';
import { areTriples, rowsOfTasks, taskOfLabels, textOf, without, type Annotated } from './tasks.ts';

const categories = ({ cats }: Record<string, unknown>): Record<string, number> | null =>
  typeof cats === 'object' && cats !== null && Object.values(cats).every((score) => typeof score === 'number' || typeof score === 'boolean')
    ? (cats as Record<string, number>)
    : null;

export const isSpacy = (object: Record<string, unknown>): boolean =>
  typeof object.text === 'string' && (areTriples(object.entities) || areTriples(object.spans) || categories(object) !== null);

/** A category applies from this score on. */
const applies = (score: number): boolean => Number(score) >= 0.5;

const chosen = (cats: Record<string, number> | null): string[] | null =>
  cats && Object.entries(cats).flatMap(([name, score]) => (applies(score) ? [name] : []));

export function taskOfSpacy(objects: Record<string, unknown>[]): Task {
  const cats = objects.map((object) => chosen(categories(object)));
  return taskOfLabels(
    objects.some(({ entities, spans }) => entities !== undefined || spans !== undefined),
    cats.some((names) => names !== null && names.length !== 1),
  );
}

function read(object: Record<string, unknown>): Annotated | string {
  const text = textOf(object, ['text']);
  if (text === null) return "has no field 'text'";
  const cats = chosen(categories(object));
  return {
    text,
    labels: cats && cats.length === 0 && object.cats && Object.keys(object.cats).length === 0 ? null : cats,
    spans: object.entities ?? object.spans ?? null,
    split: object.split,
    pretokenized: object.pretokenized === true,
    extra: without(object, ['text', 'entities', 'spans', 'cats', 'split', 'pretokenized']),
  };
}

export const rowsOfSpacy = (records: Records<Fields>, source: Source): RowStream => rowsOfTasks(records, source, read);
