/**
 * Label Studio's JSON: tasks with their annotations' results, of which choices and labeled regions are read.
 * Regions of text count code points (in its early versions UTF-16 units) and repeat what they mark, which decides.
 * https://labelstud.io/guide/export
 */
import { toCodePoints } from '../../engine/text/offsets.ts';
import type { Task } from '../../shared/domain.ts';
import { chooseColumns } from './columns.ts';
import { asText } from './objects.ts';
import type { Fields, Note, Records, RejectedRow, RowStream, Source } from './row.ts';
import { rowsOfTasks, taskOfLabels, without, type Annotated } from './tasks.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

export const isLabelStudio = (object: Json): boolean =>
  isObject(object.data) &&
  (Array.isArray(object.annotations) || Array.isArray(object.completions) || Array.isArray(object.predictions) || !('text' in object));

/** The annotation that counts: the ground truth, else the newest one that was not skipped. */
function annotationOf(task: Json): { result: Json[]; others: number } | null {
  const all = [...listOf(task.annotations), ...listOf(task.completions)];
  const done = all.filter(({ was_cancelled: skipped }) => skipped !== true);
  const chosen = done.find(({ ground_truth: truth }) => truth === true) ?? done.at(-1);
  return chosen ? { result: listOf(chosen.result), others: done.length - 1 } : null;
}

/** Names that a result gives: of `choices`, `labels`, `taxonomy` or `rating`. */
function namesOf({ type, value }: Json): string[] | null {
  if (typeof type !== 'string' || !isObject(value)) return null;
  const given = value[type];
  if (type === 'rating') return [asText(given)];
  if (type === 'taxonomy') return Array.isArray(given) ? given.map((path) => (Array.isArray(path) ? path.join('/') : asText(path))) : null;
  return Array.isArray(given) ? given.map(asText) : null;
}

const isRegion = ({ type, value }: Json): boolean => (type === 'labels' || type === 'hypertextlabels') && isObject(value);
const isChoice = ({ type }: Json): boolean => type === 'choices' || type === 'taxonomy' || type === 'rating';

export function taskOfLabelStudio(tasks: Json[]): Task {
  const results = tasks.map((task) => annotationOf(task)?.result ?? []);
  return taskOfLabels(
    results.some((result) => result.some(isRegion)),
    results.some((result) => result.some((one) => isChoice(one) && (namesOf(one)?.length ?? 0) > 1)),
  );
}

/** White space aside, as the tool writes line ends in several ways. */
const bare = (text: string): string => text.replaceAll(/\\n|\s+/g, '');

/** The region's spans in code points, or why it has none. */
function spansOfRegion(region: Json, text: string, characters: string[]): Json[] | string {
  const { start, end, text: said } = region.value as Json;
  const labels = namesOf(region);
  if (typeof start !== 'number' || typeof end !== 'number' || !labels) return 'a region has no start, end and labels';
  const says = (marked: string) => typeof said !== 'string' || bare(said) === bare(marked);
  let range = { start, end };
  if (!says(characters.slice(start, end).join(''))) {
    if (!says(text.slice(start, end))) return `the region ${start}–${end} says “${String(said)}”, which the text does not have there`;
    [range] = toCodePoints(text, [range]);
  }
  return labels.map((label) => ({ ...range, label }));
}

function spansOf(result: Json[], text: string): Json[] | string {
  const characters = Array.from(text);
  const spans: Json[] = [];
  for (const region of result.filter(isRegion)) {
    const found = spansOfRegion(region, text, characters);
    if (typeof found === 'string') return found;
    spans.push(...found);
  }
  return spans;
}

/** A choice of several questions: those of `control`, by default of the first that the task answers. */
function labelsOf(result: Json[], control: string | undefined): string[] {
  const choices = result.filter((one) => isChoice(one) && !(isObject(one.value) && 'start' in one.value));
  const asked = control || choices[0]?.from_name;
  return choices.filter(({ from_name: name }) => name === asked).flatMap((choice) => namesOf(choice) ?? []);
}

/** What is said of the file as a whole. */
class Findings {
  #several = 0;
  readonly #left = new Set<string>();

  look(task: Json): void {
    const annotation = annotationOf(task);
    if (annotation && annotation.others > 0) this.#several++;
    for (const one of annotation?.result ?? []) if (!isRegion(one) && !isChoice(one)) this.#left.add(asText(one.type) || 'unnamed');
  }

  *notes(): Generator<Note> {
    if (this.#several > 0)
      yield { kind: 'note', text: `${this.#several} tasks have several annotations; the ground truth, else the newest, was taken.` };
    if (this.#left.size > 0)
      yield {
        kind: 'note',
        text: `Of Label Studio’s results only choices and labeled regions are read; there were also: ${[...this.#left].join(', ')}.`,
      };
  }
}

function read(task: Json, textName: string, source: Source): Annotated | string {
  if (!isObject(task.data)) return "has no field 'data'";
  const { data } = task;
  if (typeof data[textName] !== 'string') return `its data have no text '${textName}'`;
  const text = data[textName];
  const result = annotationOf(task)?.result;
  // A result of nothing but relations, say, is no word on labels.
  const said = result && (result.length === 0 || result.some((one) => (source.task === 'ner' ? isRegion(one) : isChoice(one))));
  const spans = said && source.task === 'ner' ? spansOf(result, text) : null;
  if (typeof spans === 'string') return spans;
  const meta = isObject(task.meta) ? task.meta : {};
  return {
    text,
    labels: said && source.task !== 'ner' ? labelsOf(result, source.label) : null,
    spans,
    split: data.split ?? meta.split,
    pretokenized: meta.pretokenized === true,
    extra: { ...(task.id !== undefined && { id: task.id }), ...without(data, [textName, 'split']) },
  };
}

/** So many tasks are looked at before the text is chosen among their data. */
const lookAhead = 100;

/** `text` names the text among the tasks' data, `label` the question (from_name). Throws unknown_column. */
export async function* rowsOfLabelStudio(records: Records<Fields>, source: Source): RowStream {
  const findings = new Findings();
  // Spans are brought to code points here.
  const inCodePoints: Source = { ...source, offsets: 'code-points' };
  let textName: string | null = null;
  let waiting: (Fields | RejectedRow | Note)[] = [];
  async function* held(): Records<Fields> {
    yield* waiting;
  }
  async function* rows(): RowStream {
    textName ??= chooseText(waiting, source);
    yield* rowsOfTasks(held(), inCodePoints, (task) => {
      findings.look(task);
      return read(task, textName as string, source);
    });
    waiting = [];
  }
  for await (const record of records) {
    waiting.push(record);
    if (textName !== null || waiting.length >= lookAhead) yield* rows();
  }
  if (waiting.length > 0) yield* rows();
  yield* findings.notes();
}

function chooseText(records: (Fields | RejectedRow | Note)[], { text, fileName: file }: Source): string {
  const names = new Set<string>();
  for (const record of records)
    if (record.kind === 'fields' && isObject(record.object.data))
      for (const [name, value] of Object.entries(record.object.data)) if (typeof value === 'string') names.add(name);
  if (names.size === 0) return text ?? 'text';
  return [...names][chooseColumns([...names], { text, file }, false).text[0]];
}
