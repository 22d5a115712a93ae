/**
 * doccano's JSONL: `label` is a list of names, or of [start, end, name]; with relations `entities` hold start_offset and end_offset.
 * https://doccano.github.io/doccano/tutorial/
 */
import type { Task } from '../../shared/domain.ts';
import type { Fields, Records, RowStream, Source } from './row.ts';
import { areTriples, isTextList, rowsOfTasks, taskOfLabels, textOf, without, type Annotated } from './tasks.ts';

const textFields = ['text', 'data'];
const labelFields = ['label', 'labels'];

const labelOf = (object: Record<string, unknown>): unknown => object.label ?? object.labels;

export function isDoccano(object: Record<string, unknown>): boolean {
  if (textOf(object, textFields) === null) return false;
  const { label, entities } = object;
  if (areTriples(labelOf(object))) return true;
  if (Array.isArray(entities) && entities.some((entity) => typeof (entity as { start_offset?: unknown } | null)?.start_offset === 'number'))
    return true;
  return isTextList(label) && label.length > 0;
}

export function taskOfDoccano(objects: Record<string, unknown>[]): Task {
  const labels = objects.map(labelOf);
  return taskOfLabels(
    objects.some(({ entities }) => entities !== undefined) || labels.some(areTriples),
    labels.some((label) => isTextList(label) && label.length > 1),
  );
}

function read(object: Record<string, unknown>): Annotated | string {
  const text = textOf(object, textFields);
  if (text === null) return "has no field 'text'";
  const label = labelOf(object);
  const spans = object.entities ?? (isTextList(label) && label.length > 0 ? null : label);
  const labels = typeof label === 'string' ? [label] : isTextList(label) ? label : null;
  const extra = without(object, [...textFields, ...labelFields, 'entities', 'relations', 'split', 'pretokenized']);
  return { text, labels, spans: spans ?? null, split: object.split, pretokenized: object.pretokenized === true, extra };
}

const beyondOneUnit = /[\ud800-\udbff]/;

/** In a list without any entry nobody is seen to have said nothing: it counts as labeled, with none. */
export async function* rowsOfDoccano(records: Records<Fields>, source: Source): RowStream {
  let empty = 0;
  let wide = 0;
  const counted = (object: Record<string, unknown>): Annotated | string => {
    const found = read(object);
    if (typeof found === 'string') return found;
    if (source.task !== 'classification' && Array.isArray(labelOf(object)) && (labelOf(object) as unknown[]).length === 0) empty++;
    if (
      source.task === 'ner' &&
      source.offsets !== 'utf-16' &&
      Array.isArray(found.spans) &&
      found.spans.length > 0 &&
      beyondOneUnit.test(found.text)
    )
      wide++;
    return found;
  };
  yield* rowsOfTasks(records, source, counted);
  if (empty > 0)
    yield {
      kind: 'note',
      text: `${empty} ${empty === 1 ? 'text has' : 'texts have'} an empty list of labels, read as: none applies. doccano writes it for texts nobody has looked at, too.`,
    };
  if (wide > 0)
    yield {
      kind: 'note',
      text: `${wide} ${wide === 1 ? 'text' : 'texts'} with spans hold characters like emoji. Offsets were read as code points; doccano itself counts UTF-16 units: if those spans are shifted, import with --offsets utf-16.`,
    };
}
