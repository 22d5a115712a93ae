/** parquet: the columns of a table, with lists as lists; class numbers with their names where Hugging Face's `datasets` looks for them. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { StoredExample } from '../database/index.ts';
import { ExtraNames, spansOf } from './fields.ts';
import type { DataShape, DataWriter } from './writer.ts';

const own = ['text', 'label', 'labels', 'spans', 'split', 'pretokenized'];

interface Column {
  name: string;
  schema: SchemaElement[];
  /** As `datasets` describes it; left out where the file's own types say it all. */
  feature?: object;
  of: (example: StoredExample) => unknown;
}

const string = (name: string): SchemaElement => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' });
const integer = (name: string): SchemaElement => ({ name, type: 'INT64', repetition_type: 'OPTIONAL' });
const list = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...element,
];
const text = { dtype: 'string', _type: 'Value' };

function annotationColumn({ task, labels }: DataShape): Column {
  if (task === 'classification') {
    const numbers = new Map(labels.map((name, index) => [name, BigInt(index)]));
    const of = ({ annotation: { label } }: StoredExample) => (label === null ? null : numbers.get(label));
    return { name: 'label', schema: [integer('label')], feature: { names: labels, _type: 'ClassLabel' }, of };
  }
  if (task === 'multilabel')
    return { name: 'labels', schema: list('labels', [string('element')]), of: ({ annotation }) => annotation.labels ?? null };
  const element: SchemaElement[] = [
    { name: 'element', num_children: 3, repetition_type: 'OPTIONAL' },
    integer('start'),
    integer('end'),
    string('label'),
  ];
  const spans = (example: StoredExample) =>
    spansOf(example)?.map(({ start, end, label }) => ({ start: BigInt(start), end: BigInt(end), label })) ?? null;
  return { name: 'spans', schema: list('spans', element), of: spans };
}

function columnsOf(shape: DataShape, names: ExtraNames): Column[] {
  const plain = (name: string, of: Column['of']): Column => ({ name, schema: [string(name)], feature: text, of });
  const flag: Column = {
    name: 'pretokenized',
    schema: [{ name: 'pretokenized', type: 'BOOLEAN', repetition_type: 'OPTIONAL' }],
    of: ({ pretokenized }) => pretokenized,
  };
  return [
    plain('text', (example) => example.text),
    annotationColumn(shape),
    plain('split', (example) => example.split),
    ...(shape.task === 'ner' ? [flag] : []),
    ...shape.columns.map((column) => plain(names.of(column), (example) => example.extra[column] ?? null)),
  ];
}

/** Examples of a row group: readers load one whole. */
const groupSize = 10_000;

export function parquetWriter(shape: DataShape): DataWriter {
  const names = new ExtraNames(own);
  const columns = columnsOf(shape, names);
  const features = columns.every(({ feature }) => feature) ? Object.fromEntries(columns.map(({ name, feature }) => [name, feature])) : null;
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)],
    createdBy: 'Thaw',
    ...(features && { kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }] }),
  });
  let waiting: StoredExample[] = [];
  const take = () => {
    const taken = new Uint8Array(bytes.buffer.slice(0, bytes.index));
    bytes.index = 0;
    return taken;
  };
  const flush = () => {
    void file.write({ columnData: columns.map(({ name, of }) => ({ name, data: waiting.map(of) })), rowGroupSize: groupSize });
    waiting = [];
  };
  return {
    begin: take,
    write(examples) {
      waiting.push(...examples);
      if (waiting.length >= groupSize) flush();
      return take();
    },
    end() {
      if (waiting.length > 0) flush();
      void file.finish();
      return take();
    },
    notes: () => names.notes(),
  };
}
