/** Rows of a spreadsheet's first sheet. */
import { readFile, stat } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import readXlsxFile from 'read-excel-file/universal';
import { ThawError } from '../../shared/errors.ts';
import type { Cells, Records, Source } from './row.ts';

/** Bytes, packed and unpacked: a small archive may unpack to more than any memory holds. */
const largestFile = 200 * 1024 * 1024;
const largestContent = 400 * 1024 * 1024;

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`;

function tooLarge(fileName: string, what: string): ThawError {
  return new ThawError({
    code: 'wrong_format',
    message: `${fileName} ${what}.`,
    remedy: 'Save the sheet as CSV and import that.',
    place: { file: fileName },
  });
}

function notReadable(fileName: string, cause: unknown): ThawError {
  const isOld = (cause as { code?: unknown }).code === 'XLS_FILE_NOT_SUPPORTED';
  return new ThawError(
    {
      code: 'damaged_file',
      message: isOld
        ? `${fileName} is an old Excel file (.xls).`
        : `${fileName} is not a whole .xlsx file: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: isOld ? 'Save it as .xlsx or CSV.' : 'Open it in a spreadsheet program and save it again.',
      place: { file: fileName },
    },
    { cause },
  );
}

/** Bytes that the archive says its parts unpack to; the reader allots no more to them than they say. */
function contentBytes(bytes: Uint8Array): number {
  let total = 0;
  unzipSync(bytes, {
    filter: ({ originalSize }) => {
      total += originalSize;
      return false;
    },
  });
  return total;
}

async function sheetsOf({ path, fileName }: Source) {
  const { size } = await stat(path);
  if (size > largestFile) throw tooLarge(fileName, `has ${megabytes(size)}; ${megabytes(largestFile)} are the most`);
  const bytes = new Uint8Array(await readFile(path));
  try {
    const unpacked = contentBytes(bytes);
    if (unpacked > largestContent) throw tooLarge(fileName, `unpacks to ${megabytes(unpacked)}; ${megabytes(largestContent)} are the most`);
    return await readXlsxFile(bytes.buffer, { trim: false });
  } catch (cause) {
    throw cause instanceof ThawError ? cause : notReadable(fileName, cause);
  }
}

function asCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, '');
  return String(value);
}

/** Empty rows are no rows. Throws damaged_file, and wrong_format for what is too large to be unpacked. */
export async function* readXlsx(source: Source): Records<Cells> {
  const [first, ...others] = await sheetsOf(source);
  const rows = first?.data ?? [];
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  for (const [index, row] of rows.entries()) {
    const cells = Array.from({ length: columns }, (_, column) => asCell(row[column]));
    if (cells.some((cell) => cell.trim())) yield { kind: 'cells', line: index + 1, cells };
  }
  if (others.length > 0)
    yield {
      kind: 'note',
      text: `Of ${others.length + 1} sheets the first, “${first.sheet}”, was read; others: ${others.map(({ sheet }) => sheet).join(', ')}.`,
    };
}
