/** Which format a file has: by what its name says, else by its content. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FileFormat } from '../../shared/domain.ts';
import { hasAnnotations } from './brat.ts';
import { namesColumns } from './columns.ts';
import { decodeFile } from './decode.ts';
import { isDoccano } from './doccano.ts';
import { readJson } from './json.ts';
import { readJsonLines } from './jsonl.ts';
import { isLabelStudio } from './label-studio.ts';
import { isProdigy } from './prodigy.ts';
import { isSpacy } from './spacy.ts';
import { isTag } from './tags.ts';
import { filesBelow, isFolder } from './txt.ts';

const extensions: Record<string, FileFormat> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.xlsx': 'xlsx',
  '.parquet': 'parquet',
  '.ann': 'brat',
  '.conll': 'conll',
  '.bio': 'conll',
  '.iob': 'conll',
  '.iob2': 'conll',
  '.conll2003': 'conll',
};

export async function startOf(path: string, name: string, encoding?: string): Promise<string> {
  for await (const piece of decodeFile(path, name, encoding)) return piece;
  return '';
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** Whole objects from the start of a file; the last one, which the start may cut, is left out with all that cannot be read. */
async function sampleObjects(start: string, format: 'json' | 'jsonl'): Promise<Record<string, unknown>[]> {
  const objects: Record<string, unknown>[] = [];
  try {
    for await (const record of format === 'json' ? readJson(once(start), { fileName: '' }) : readJsonLines(once(start)))
      if (record.kind === 'fields') objects.push(record.object);
  } catch {
    // No list: the import says so, with the file's name.
  }
  return objects;
}

/** A file of JSON is a list, or an object around one; or it is a line an object, whatever it is called. */
export function isJsonLines(start: string): boolean {
  const [line] = start.trimStart().split('\n', 1);
  try {
    const value = JSON.parse(line) as { data?: unknown } | [unknown, unknown];
    return Array.isArray(value) ? typeof value[0] === 'string' : !Array.isArray(value.data);
  } catch {
    if (!line.startsWith('{')) return false;
    // A line longer than the start that was read is one object of many; a short one that is none begins an object of several lines.
    return !start.includes('\n');
  }
}

/** Whose objects they are, the most telling first. */
const tools: [FileFormat, (object: Record<string, unknown>) => boolean][] = [
  ['label-studio', isLabelStudio],
  ['prodigy', isProdigy],
  ['spacy', isSpacy],
  ['doccano', isDoccano],
];

async function formatOfJson(start: string): Promise<FileFormat> {
  const format = isJsonLines(start) ? 'jsonl' : 'json';
  const objects = await sampleObjects(start, format);
  const tool = tools.find(([, made]) => objects.some(made));
  return tool ? tool[0] : format;
}

/** All lines have as many columns, parted by tabs, and more than one. */
function isTabbed(lines: string[]): boolean {
  const columns = lines.map((line) => line.split('\t').length);
  return columns.length > 1 && columns[0] > 1 && columns.every((count) => count === columns[0]);
}

function formatOfText(start: string): FileFormat {
  // The last line may be cut.
  const lines = (start.endsWith('\n') ? start : `${start}\n`).split(/\r?\n/, 200);
  const filled = lines.filter((line) => line.trim());
  const tagged = filled.filter(
    (line) => line.startsWith('-DOCSTART-') || (/[\t ]/.test(line) && isTag(line.trim().split(/\s+/).at(-1) as string)),
  );
  if (filled.length > 0 && tagged.length >= 0.9 * filled.length) return 'conll';
  const [header = ''] = filled;
  if (/[,;\t|]/.test(header) && namesColumns(header.split(/[,;\t|]/).map((cell) => cell.replace(/^"|"$/g, '')))) return 'csv';
  return isTabbed(filled) ? 'tsv' : 'txt';
}

const magics: [FileFormat, string][] = [
  ['parquet', 'PAR1'],
  ['xlsx', 'PK\u0003\u0004'],
];

async function formatOfMagic(path: string): Promise<FileFormat | null> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4);
    return magics.find(([, magic]) => buffer.toString('latin1') === magic)?.[0] ?? null;
  } finally {
    await file.close();
  }
}

async function formatOfContent(path: string, name: string, encoding?: string): Promise<FileFormat> {
  const binary = await formatOfMagic(path);
  if (binary) return binary;
  const start = await startOf(path, name, encoding);
  if (/^\s*[[{]/.test(start)) return formatOfJson(start);
  const format = formatOfText(start);
  return format === 'txt' && (await hasAnnotations(path)) ? 'brat' : format;
}

async function formatOfFolder(path: string): Promise<FileFormat> {
  const files = await filesBelow(path);
  if (files.some((file) => file.endsWith('.ann'))) return 'brat';
  return files.some((file) => file.toLowerCase().endsWith('.parquet')) ? 'parquet' : 'txt';
}

/** Throws file_not_found, file_unreadable, wrong_encoding, unknown_option. */
export async function findFormat(path: string, name = path, encoding?: string): Promise<FileFormat> {
  if (await isFolder(path)) return formatOfFolder(path);
  const known = extensions[extname(name).toLowerCase()];
  if (known === 'json' || known === 'jsonl') return formatOfJson(await startOf(path, name, encoding));
  return known ?? formatOfContent(path, name, encoding);
}
