/** brat's standoff format: a text in NAME.txt, its entities in NAME.ann, in code points. https://brat.nlplab.org/standoff.html */
import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import { toThawError } from '../../shared/errors.ts';
import { rejected } from './row.ts';
import type { Fields, Records, RejectedRow, Source } from './row.ts';
import { filesBelow, isFolder, noTexts, wholeText } from './txt.ts';

interface Entity {
  start: number;
  end: number;
  label: string;
}

/** What Thaw has no place for, by the letter that begins its line. */
const others: Record<string, string> = {
  R: 'relations',
  E: 'events',
  A: 'attributes',
  M: 'attributes',
  N: 'normalizations',
  '*': 'equivalences',
};

/** Files are compared without the characters that brat itself changes in an entity's text. */
const bare = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** One text-bound annotation, or what is wrong with it. */
function entityOf(fields: string[], characters: string[]): Entity | string {
  const [id, place = '', said] = fields;
  const match = /^(\S+) (\d+) (\d+)$/.exec(place.trim());
  if (!match) return place.includes(';') ? `${id} is in several pieces, which spans cannot be` : `${id} is no “label start end”`;
  const [label, start, end] = [match[1], Number(match[2]), Number(match[3])];
  if (end <= start || end > characters.length) return `${id} (${start}–${end}) points outside its text of ${characters.length} characters`;
  const there = characters.slice(start, end).join('');
  if (said !== undefined && bare(said) !== bare(there)) return `${id} says “${said}” where the text has “${there}”`;
  return { start, end, label };
}

interface Annotations {
  entities: Entity[];
  /** Of what was left out. */
  left: Set<string>;
}

/** Entities of an .ann file; a text says at which line it is wrong. */
function readAnnotations(content: string, text: string): Annotations | string {
  const characters = Array.from(text);
  const found: Annotations = { entities: [], left: new Set() };
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (!line.trim() || line.startsWith('#')) continue;
    if (line.startsWith('T')) {
      const entity = entityOf(line.split('\t'), characters);
      if (typeof entity === 'string') return `line ${index + 1}: ${entity}`;
      found.entities.push(entity);
    } else if (others[line[0]]) found.left.add(others[line[0]]);
    else return `line ${index + 1}: “${line.slice(0, 40)}” is no annotation`;
  }
  return found;
}

/** The documents: paths without their extension, and which files each has. */
async function documentsOf(path: string): Promise<{ folder: string; documents: Map<string, Set<string>> }> {
  const one = (await isFolder(path)) ? null : basename(path, extname(path));
  const folder = one === null ? path : dirname(path);
  const documents = new Map<string, Set<string>>();
  for (const file of await filesBelow(folder)) {
    const extension = extname(file);
    const name = file.slice(0, file.length - extension.length);
    if (one !== null && name !== one) continue;
    if (extension === '.txt' || extension === '.ann') documents.set(name, (documents.get(name) ?? new Set()).add(extension));
  }
  return { folder, documents };
}

async function readDocument(
  line: number,
  path: string,
  name: string,
  has: Set<string>,
  { encoding }: Source,
): Promise<{ record: Fields | RejectedRow; left: Set<string> }> {
  const left = new Set<string>();
  const shown = name.split(sep).join('/');
  if (!has.has('.txt')) return { record: rejected(line, `${shown}.ann has no ${basename(name)}.txt beside it`), left };
  try {
    const text = await wholeText(`${path}.txt`, `${shown}.txt`, encoding);
    if (!text.trim()) return { record: rejected(line, `${shown}.txt: the text is empty`), left };
    const object: Record<string, unknown> = { text, spans: null, file: `${shown}.txt` };
    if (!has.has('.ann')) return { record: { kind: 'fields', line, object }, left };
    const annotations = readAnnotations(await wholeText(`${path}.ann`, `${shown}.ann`, encoding), text);
    if (typeof annotations === 'string') return { record: rejected(line, `${shown}.ann, ${annotations}`), left };
    object.spans = annotations.entities;
    return { record: { kind: 'fields', line, object }, left: annotations.left };
  } catch (error) {
    return { record: rejected(line, toThawError(error).message), left };
  }
}

/** A folder of documents, or one of them by either of its files; `line` counts documents. Throws wrong_format where there are none. */
export async function* readBrat(source: Source): Records<Fields> {
  const { folder, documents } = await documentsOf(source.path);
  if (documents.size === 0) throw noTexts(source.fileName);
  const left = new Set<string>();
  let line = 0;
  for (const [name, has] of documents) {
    const read = await readDocument(++line, join(folder, name), name, has, source);
    for (const kind of read.left) left.add(kind);
    yield read.record;
  }
  if (left.size > 0) yield { kind: 'note', text: `Of brat’s annotations only entities are read; there were ${[...left].join(', ')} too.` };
}

/** Whether a text file has annotations beside it. */
export const hasAnnotations = (path: string): Promise<boolean> =>
  stat(`${path.slice(0, path.length - extname(path).length)}.ann`).then(
    (found) => found.isFile(),
    () => false,
  );
