/** The formats of annotation tools; see the readers of the same names in ../import for what they mean. */
import type { StoredExample } from '../database/index.ts';
import { ExtraNames, spansOf } from './fields.ts';
import { linesWriter, listWriter } from './objects.ts';
import { counted, type DataShape, type DataWriter } from './writer.ts';

const pretokenizedOf = ({ pretokenized }: StoredExample) => (pretokenized ? { pretokenized: true } : {});

/** The labels of a text, whichever way the task has them; null: nobody has said. */
const labelsOf = ({ annotation: { label, labels } }: StoredExample): string[] | null => (label === null ? (labels ?? null) : [label]);

/** Labels as choices of “label”, spans as regions of “label”, both on “text”. */
export function labelStudioWriter({ task }: DataShape): DataWriter {
  const names = new ExtraNames(['text', 'split']);
  const base = { from_name: 'label', to_name: 'text' };
  const results = (example: StoredExample): object[] | null => {
    const characters = Array.from(example.text);
    if (task === 'ner')
      return (
        spansOf(example)?.map(({ start, end, label }) => ({
          ...base,
          type: 'labels',
          value: { start, end, text: characters.slice(start, end).join(''), labels: [label] },
        })) ?? null
      );
    const choices = labelsOf(example);
    if (!choices) return null;
    return choices.length > 0 ? [{ ...base, type: 'choices', value: { choices } }] : [];
  };
  const object = (example: StoredExample) => {
    const result = results(example);
    return {
      data: { text: example.text, split: example.split, ...names.fields(example.extra) },
      ...(example.pretokenized && { meta: pretokenizedOf(example) }),
      annotations: result ? [{ result }] : [],
    };
  };
  return listWriter(object, () => names.notes());
}

const wide = /[\ud800-\udbff]/;

export function doccanoWriter({ task }: DataShape): DataWriter {
  const names = new ExtraNames(['text', 'data', 'label', 'labels', 'entities', 'relations', 'split', 'pretokenized']);
  let emoji = 0;
  const object = (example: StoredExample) => {
    const label = task === 'ner' ? (spansOf(example)?.map(({ start, end, label: name }) => [start, end, name]) ?? null) : labelsOf(example);
    if (task === 'ner' && label && label.length > 0 && wide.test(example.text)) emoji++;
    return {
      text: example.text,
      ...(label && { label }),
      split: example.split,
      ...pretokenizedOf(example),
      ...names.fields(example.extra),
    };
  };
  return linesWriter(object, () => [
    ...names.notes(),
    ...(emoji > 0
      ? [
          `${counted(emoji, 'text', 'texts')} with spans hold characters like emoji. Offsets are code points, as Python counts; doccano counts UTF-16 units, so that it shows those spans shifted.`,
        ]
      : []),
  ]);
}

/** `entities` as [start, end, label]; labels as `cats`, 1 for those that apply. */
export function spacyWriter({ task, labels }: DataShape): DataWriter {
  const names = new ExtraNames(['text', 'entities', 'spans', 'cats', 'split', 'pretokenized']);
  const said = (example: StoredExample): object => {
    if (task === 'ner') return { entities: spansOf(example)?.map(({ start, end, label }) => [start, end, label]) ?? null };
    const applying = labelsOf(example);
    return applying ? { cats: Object.fromEntries(labels.map((name) => [name, applying.includes(name) ? 1 : 0])) } : {};
  };
  const object = (example: StoredExample) => ({
    text: example.text,
    ...said(example),
    split: example.split,
    ...pretokenizedOf(example),
    ...names.fields(example.extra),
  });
  return linesWriter(object, () => names.notes());
}
