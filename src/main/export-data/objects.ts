/** jsonl and json: an object an example, with every other column as a field. */
import type { StoredExample } from '../database/index.ts';
import { annotationField, ExtraNames } from './fields.ts';
import type { DataShape, DataWriter } from './writer.ts';

const own = ['text', 'label', 'labels', 'spans', 'split', 'pretokenized'];

function objectWriter({ task }: DataShape) {
  const names = new ExtraNames(own);
  const object = (example: StoredExample) => {
    const [name, value] = annotationField(example, task);
    const pretokenized = example.pretokenized ? { pretokenized: true } : {};
    return { text: example.text, [name]: value, split: example.split, ...pretokenized, ...names.fields(example.extra) };
  };
  return { names, object };
}

/** One object a line. */
export function linesWriter(object: (example: StoredExample) => object, notes: () => string[]): DataWriter {
  return {
    begin: () => '',
    write: (examples) => examples.map((example) => `${JSON.stringify(object(example))}\n`).join(''),
    end: () => '',
    notes,
  };
}

/** A list of objects, one a line. */
export function listWriter(object: (example: StoredExample) => object, notes: () => string[]): DataWriter {
  let first = true;
  const element = (example: StoredExample) => {
    const before = first ? '\n' : ',\n';
    first = false;
    return before + JSON.stringify(object(example));
  };
  return { begin: () => '[', write: (examples) => examples.map(element).join(''), end: () => '\n]\n', notes };
}

export function jsonlWriter(shape: DataShape): DataWriter {
  const { names, object } = objectWriter(shape);
  return linesWriter(object, () => names.notes());
}

export function jsonWriter(shape: DataShape): DataWriter {
  const { names, object } = objectWriter(shape);
  return listWriter(object, () => names.notes());
}
