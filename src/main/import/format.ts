/** Which format a file has, and which task its content is for. */
import { extname } from 'node:path';
import type { Task } from '../../shared/domain.ts';
import { decodeFile } from './decode.ts';
import type { FileFormat } from './row.ts';
import { lookAhead } from './jsonl.ts';
import { isTag } from './tags.ts';

const extensions: Record<string, FileFormat> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.conll': 'conll',
  '.bio': 'conll',
  '.iob': 'conll',
  '.iob2': 'conll',
  '.conll2003': 'conll',
};

function formatOfContent(text: string): FileFormat {
  const lines = text.split(/\r?\n/).slice(0, 200);
  const filled = lines.filter((line) => line.trim());
  if (filled[0]?.trimStart().startsWith('{')) return 'jsonl';
  const tagged = filled.filter(
    (line) => line.startsWith('-DOCSTART-') || (/[\t ]/.test(line) && isTag(line.trim().split(/\s+/).at(-1) as string)),
  );
  if (filled.length > 0 && tagged.length >= 0.9 * filled.length) return 'conll';
  return 'csv';
}

async function startOf(path: string, name: string): Promise<string> {
  for await (const piece of decodeFile(path, name)) return piece;
  return '';
}

/** By the extension, else by the content. Throws file_not_found, file_unreadable, wrong_encoding. */
export async function findFormat(path: string, name = path): Promise<FileFormat> {
  return extensions[extname(name).toLowerCase()] ?? formatOfContent(await startOf(path, name));
}

/** CoNLL and jsonl with spans are for NER, jsonl with lists of labels for multi-label, all else for classification. Throws as findFormat. */
export async function findTask(path: string, format: FileFormat | 'auto', name = path): Promise<Task> {
  const known = format === 'auto' ? await findFormat(path, name) : format;
  if (known === 'conll') return 'ner';
  if (known !== 'jsonl') return 'classification';
  const lines = (await startOf(path, name)).split('\n').filter((line) => line.trim());
  const first = lines.slice(0, lookAhead);
  if (first.some((line) => /"(spans|entities)"\s*:/.test(line))) return 'ner';
  return first.some((line) => /"(labels|categories|tags)"\s*:\s*\[\s*"/.test(line)) ? 'multilabel' : 'classification';
}
