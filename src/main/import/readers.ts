/** The one table of formats: how each is read. */
import type { FileFormat } from '../../shared/domain.ts';
import { readBrat } from './brat.ts';
import { readConll } from './conll.ts';
import { decodeFile } from './decode.ts';
import { rowsOfDoccano, taskOfDoccano } from './doccano.ts';
import { isJsonLines, startOf } from './format.ts';
import { readJson } from './json.ts';
import { readJsonLines } from './jsonl.ts';
import { rowsOfLabelStudio, taskOfLabelStudio } from './label-studio.ts';
import { readParquet } from './parquet.ts';
import { rowsOfProdigy, taskOfProdigy } from './prodigy.ts';
import type { Reader, Source } from './row.ts';
import { rowsOfSpacy, taskOfSpacy } from './spacy.ts';
import { readCsv, readTsv } from './table.ts';
import { isFolder, readTextFolder, readTextLines } from './txt.ts';
import { readXlsx } from './xlsx.ts';

async function* textOf({ path, fileName, encoding, onBytes }: Source): AsyncGenerator<string> {
  for await (const piece of decodeFile(path, fileName, encoding)) {
    onBytes?.(Buffer.byteLength(piece));
    yield piece;
  }
}

async function* readText(source: Source) {
  yield* (await isFolder(source.path)) ? readTextFolder(source) : readTextLines(textOf(source));
}

/** A list, or an object a line. */
async function* readJsonObjects(source: Source) {
  const isLines = isJsonLines(await startOf(source.path, source.fileName, source.encoding));
  yield* isLines ? readJsonLines(textOf(source)) : readJson(textOf(source), source);
}

export const readers: Record<FileFormat, Reader> = {
  csv: { kind: 'table', records: (source) => readCsv(textOf(source), source) },
  tsv: { kind: 'table', records: (source) => readTsv(textOf(source)) },
  jsonl: { kind: 'objects', records: (source) => readJsonLines(textOf(source)) },
  json: { kind: 'objects', records: (source) => readJson(textOf(source), source) },
  txt: { kind: 'objects', records: readText },
  xlsx: { kind: 'table', records: readXlsx },
  parquet: { kind: 'objects', records: readParquet },
  brat: { kind: 'objects', records: readBrat },
  'label-studio': { kind: 'tasks', records: readJsonObjects, taskOf: taskOfLabelStudio, rowsOf: rowsOfLabelStudio },
  doccano: { kind: 'tasks', records: readJsonObjects, taskOf: taskOfDoccano, rowsOf: rowsOfDoccano },
  prodigy: { kind: 'tasks', records: readJsonObjects, taskOf: taskOfProdigy, rowsOf: rowsOfProdigy },
  spacy: { kind: 'tasks', records: readJsonObjects, taskOf: taskOfSpacy, rowsOf: rowsOfSpacy },
  conll: { kind: 'rows', rows: (source) => readConll(textOf(source), source) },
};
