/** Plain text: a line an example; of a folder, a file an example, labeled by the folder it is in. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { ThawError, toThawError } from '../../shared/errors.ts';
import { decodeFile } from './decode.ts';
import { linesOf } from './lines.ts';
import { namedSplit, rejected } from './row.ts';
import type { Fields, Note, Records, RejectedRow, Source } from './row.ts';

export async function* readTextLines(pieces: AsyncIterable<string>): Records<Fields> {
  for await (const { line, text } of linesOf(pieces)) if (text.trim()) yield { kind: 'fields', line, object: { text } };
}

const textExtensions = ['', '.txt', '.text'];

/** A text is read whole, and no model takes more. */
const largestFile = 16 * 1024 * 1024;

export const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory();

/** All files below a folder, by path; hidden ones are left out. Throws file_not_found, file_unreadable. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length)
        .replace(/^[\\/]+/, ''),
    )
    .filter((path) => !path.split(sep).some((part) => part.startsWith('.')))
    .sort();
}

/** The file's text; a single line end at its end is the file's, not the text's. */
export async function wholeText(path: string, name: string, encoding?: string): Promise<string> {
  const { size } = await stat(path);
  if (size > largestFile)
    throw new ThawError({ code: 'wrong_format', message: `${name} is larger than ${largestFile / 2 ** 20} MB.`, place: { file: name } });
  let text = '';
  for await (const piece of decodeFile(path, name, encoding)) text += piece;
  return text;
}

/** `train/positive/7.txt` is a text of the split `train` with the label `positive`. */
function meaningOfPath(path: string): { split?: string; label?: string } {
  const folders = path.split(sep).slice(0, -1);
  const split = folders.length > 0 && namedSplit(folders[0]) ? folders[0] : undefined;
  const [label] = split ? folders.slice(1) : folders;
  return { ...(split && { split }), ...(label && { label }) };
}

/** Every file of text below the folder; one that cannot be read is rejected by its name. Throws wrong_format where there are none. */
export async function* readTextFolder({ path: folder, fileName, encoding }: Source): Records<Fields> {
  const files = await filesBelow(folder);
  const texts = files.filter((file) => textExtensions.includes(extname(file).toLowerCase()));
  if (texts.length === 0) throw noTexts(fileName);
  for (const [index, file] of texts.entries()) yield await readOne(index + 1, folder, file, encoding);
  if (texts.length < files.length) yield leftOut(files.filter((file) => !texts.includes(file)));
}

async function readOne(line: number, folder: string, file: string, encoding?: string): Promise<Fields | RejectedRow> {
  const name = file.split(sep).join('/');
  try {
    const text = (await wholeText(join(folder, file), name, encoding)).replace(/\r?\n$/, '');
    if (!text.trim()) return rejected(line, `${name}: the text is empty`);
    return { kind: 'fields', line, object: { text, ...meaningOfPath(file), file: name } };
  } catch (error) {
    const { message } = toThawError(error);
    return rejected(line, message.startsWith(name) ? message : `${name}: ${message}`);
  }
}

const leftOut = (files: string[]): Note => ({
  kind: 'note',
  text: `${files.length === 1 ? 'One file of the folder is no text and was' : `${files.length} files of the folder are no texts and were`} left out (${files.slice(0, 3).join(', ')}${files.length > 3 ? ', …' : ''}).`,
});

export function noTexts(name: string): ThawError {
  return new ThawError({
    code: 'wrong_format',
    message: `The folder ${name} holds no text files.`,
    remedy: 'Give a folder of .txt files, in a folder a label if they have any; or of parquet files, or of .txt and .ann files.',
    place: { file: name },
  });
}
