/** A file as a stream of rows, whatever its format. */
import { ThawError } from '../../shared/errors.ts';
import { readConll } from './conll.ts';
import { decodeFile } from './decode.ts';
import { findFormat } from './format.ts';
import { readJsonLines } from './jsonl.ts';
import { readLabels } from './label-list.ts';
import type { Note, ParsedRow, ReadOptions, RejectedRow, RowStream } from './row.ts';
import { readTable } from './table.ts';

/** Throws file_not_found, file_unreadable, wrong_encoding, unknown_column, wrong_format (CoNLL for a project that is not NER). */
export async function* readRows(path: string, options: ReadOptions): AsyncGenerator<ParsedRow | RejectedRow | Note> {
  const fileName = options.fileName ?? path;
  const format = options.format === 'auto' ? await findFormat(path, fileName) : options.format;
  const pieces = decodeFile(path, fileName);
  const named = { ...options, fileName };
  if (format === 'conll' && options.task !== 'ner')
    throw new ThawError({
      code: 'wrong_format',
      message: `${fileName} holds tagged tokens (CoNLL), and this project classifies whole texts.`,
      remedy: 'Import it into an NER project.',
      place: { file: fileName },
    });
  if (format === 'conll') yield* readConll(pieces, named);
  else {
    const rows: RowStream = format === 'jsonl' ? readJsonLines(pieces, named) : readTable(pieces, format, named);
    yield* options.task === 'multilabel' ? readLabels(rows) : rows;
  }
}
