/** Objects of parquet files, and of folders of them as Hugging Face keeps datasets. */
import { join, sep } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { ThawError } from '../../shared/errors.ts';
import { namedSplit } from './row.ts';
import type { Fields, Records, Source } from './row.ts';
import { filesBelow, isFolder } from './txt.ts';

/** The `datasets` library says under this key what the columns are. */
const featuresSchema = z.object({ info: z.object({ features: z.record(z.string(), z.unknown()) }) });
const classLabelSchema = z.object({ _type: z.literal('ClassLabel'), names: z.array(z.string()) });
const listSchema = z
  .object({ _type: z.enum(['Sequence', 'List', 'LargeList']), feature: classLabelSchema })
  .transform(({ feature }) => feature);
const namesSchema = z.union([classLabelSchema, listSchema, z.tuple([classLabelSchema]).transform(([feature]) => feature)]);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as the text they are; null where they are none. */
function stringFromBytes(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** The names that the numbers of each column stand for. */
function classNames({ key_value_metadata: entries }: FileMetaData): Map<string, string[]> {
  const value = entries?.find(({ key }) => key === 'huggingface')?.value;
  const found = new Map<string, string[]>();
  const parsed = featuresSchema.safeParse(value ? parseJson(value) : null);
  for (const [column, feature] of Object.entries(parsed.data?.info.features ?? {})) {
    const names = namesSchema.safeParse(feature);
    if (names.success) found.set(column, names.data.names);
  }
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A value as JSON would have it; bytes that are no text are left out. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return value instanceof Uint8Array ? null : Array.from(value as unknown as ArrayLike<number>, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** A class's number as its name; −1 says that there is none. */
function named(value: unknown, names: string[] | undefined): unknown {
  if (!names) return value;
  if (Array.isArray(value)) return value.map((item) => named(item, names));
  return typeof value === 'number' ? (names[value] ?? (value === -1 ? null : value)) : value;
}

function damaged(name: string, cause: unknown, row?: number): ThawError {
  const where = row === undefined ? '' : ` from row ${row} on`;
  return new ThawError(
    {
      code: 'damaged_file',
      message: `${name} cannot be read as parquet${where}: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Write or download the file again.',
      place: { file: name, ...(row !== undefined && { line: row }) },
    },
    { cause },
  );
}

async function openParquet(path: string, name: string): Promise<{ file: AsyncBuffer; metadata: FileMetaData }> {
  const file = await asyncBufferFromFile(path);
  try {
    return { file, metadata: await parquetMetadataAsync(file) };
  } catch (cause) {
    throw damaged(name, cause);
  }
}

/** The rows of one file, a row group at a time; `line` counts on from `before`. Throws damaged_file at the group that cannot be read. */
async function* readFile(path: string, name: string, split: string | null, before = 0): Records<Fields> {
  const { file, metadata } = await openParquet(path, name);
  const names = classNames(metadata);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors, parsers: { stringFromBytes } });
    } catch (cause) {
      throw damaged(name, cause, rowStart + 1);
    }
    for (const [index, row] of rows.entries()) {
      const object = Object.fromEntries(Object.entries(row).map(([column, value]) => [column, named(plain(value), names.get(column))]));
      yield { kind: 'fields', line: before + rowStart + index + 1, object: split && !('split' in object) ? { ...object, split } : object };
    }
    rowStart = rowEnd;
  }
}

/** `train-00000-of-00002.parquet` and `train/0000.parquet` hold the split train. */
function splitOfPath(path: string): string | null {
  const parts = path.split(sep);
  const named = [...parts.slice(0, -1), parts.at(-1)?.split(/[-_.]/, 1)[0] ?? ''].find((part) => namedSplit(part));
  return named ?? null;
}

/** A file, or all parquet files below a folder, whose names say their split; `line` counts rows of all of them. Throws damaged_file. */
export async function* readParquet({ path, fileName }: Source): Records<Fields> {
  if (!(await isFolder(path))) {
    yield* readFile(path, fileName, null);
    return;
  }
  let before = 0;
  for (const file of (await filesBelow(path)).filter((found) => found.toLowerCase().endsWith('.parquet'))) {
    const name = file.split(sep).join('/');
    for await (const record of readFile(join(path, file), name, splitOfPath(file), before)) {
      yield record;
      if (record.kind === 'fields') before = record.line;
    }
  }
}
