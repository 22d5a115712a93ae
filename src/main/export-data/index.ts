/** The one table of formats that data can be written in. */
import type { DataFormat } from '../../shared/domain.ts';
import { conllWriter } from './conll.ts';
import { jsonlWriter, jsonWriter } from './objects.ts';
import { parquetWriter } from './parquet.ts';
import { csvWriter, tsvWriter } from './table.ts';
import { doccanoWriter, labelStudioWriter, spacyWriter } from './tools.ts';
import type { DataShape, DataWriter } from './writer.ts';

export type { DataShape, DataWriter } from './writer.ts';

export const dataWriters: Record<DataFormat, (shape: DataShape) => DataWriter> = {
  csv: csvWriter,
  tsv: tsvWriter,
  jsonl: jsonlWriter,
  json: jsonWriter,
  conll: conllWriter,
  'label-studio': labelStudioWriter,
  doccano: doccanoWriter,
  spacy: spacyWriter,
  parquet: parquetWriter,
};
