/** Prodigy's JSONL: choices (`options`, `accept`), binary labels (`label`, `answer`) and spans. https://prodi.gy/docs/api-interfaces */
import type { Task } from '../../shared/domain.ts';
import type { Fields, Records, RowStream, Source } from './row.ts';
import { isTextList, rowsOfTasks, taskOfLabels, textOf, without, type Annotated } from './tasks.ts';

const answers = ['accept', 'reject', 'ignore'];

/** What only Prodigy itself needs. */
const own = [
  'text',
  'label',
  'answer',
  'options',
  'accept',
  'spans',
  'tokens',
  'config',
  'meta',
  'split',
  'pretokenized',
  '_input_hash',
  '_task_hash',
  '_view_id',
  '_session_id',
  '_annotator_id',
  '_timestamp',
  '_is_binary',
];

export const isProdigy = (object: Record<string, unknown>): boolean =>
  '_task_hash' in object ||
  '_input_hash' in object ||
  (answers.includes(object.answer as string) &&
    (Array.isArray(object.accept) || Array.isArray(object.spans) || typeof object.label === 'string'));

export const taskOfProdigy = (objects: Record<string, unknown>[]): Task =>
  taskOfLabels(
    objects.some(({ spans }) => Array.isArray(spans)),
    objects.some(
      ({ accept, config }) =>
        (isTextList(accept) && accept.length > 1) || (config as { choice_style?: unknown } | undefined)?.choice_style === 'multiple',
    ),
  );

/** Names of the accepted options: `accept` holds their ids. */
function accepted({ accept, options }: Record<string, unknown>): string[] | null {
  if (!Array.isArray(accept)) return null;
  const shown = Array.isArray(options) ? (options as { id?: unknown; text?: unknown }[]) : [];
  return accept.map((id) => String(shown.find((option) => option.id === id)?.text ?? id));
}

function read(object: Record<string, unknown>): Annotated | string {
  const text = textOf(object, ['text']);
  if (text === null) return "has no field 'text'";
  const isAccepted = (object.answer ?? 'accept') === 'accept';
  const choice = accepted(object) ?? (typeof object.label === 'string' ? [object.label] : null);
  const meta = typeof object.meta === 'object' && object.meta !== null ? (object.meta as Record<string, unknown>) : {};
  return {
    text,
    labels: isAccepted ? choice : null,
    spans: isAccepted ? (object.spans ?? null) : null,
    split: object.split ?? meta.split,
    pretokenized: object.pretokenized === true,
    extra: { ...without(meta, ['split']), ...without(object, own) },
  };
}

/** What was rejected or ignored comes unlabeled: that a label is wrong does not say which is right. */
export async function* rowsOfProdigy(records: Records<Fields>, source: Source): RowStream {
  let unanswered = 0;
  const counted = (object: Record<string, unknown>) => {
    if (object.answer === 'reject' || object.answer === 'ignore') unanswered++;
    return read(object);
  };
  yield* rowsOfTasks(records, source, counted);
  if (unanswered > 0)
    yield {
      kind: 'note',
      text: `${unanswered} ${unanswered === 1 ? 'text was' : 'texts were'} rejected or ignored in Prodigy and came unlabeled.`,
    };
}
