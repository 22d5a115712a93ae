/** Reads an exchange file whole before anything is done with it. */
import { createReadStream } from 'node:fs';
import { ThawError, toThawError, type ErrorReport } from '../../shared/errors.ts';
import { textHash, type IncomingAnswer } from '../database/index.ts';
import { linesOf } from '../import/index.ts';
import { formatVersion, headerSchema, lineSchema, type AnswerLine, type EndLine, type Header, type TextLine } from './format.ts';

export interface ExchangeFile {
  header: Header;
  texts: TextLine[];
  answers: IncomingAnswer[];
}

/** A refusal of the file `fileName`, as the person calls it. */
const refusal = (fileName: string, code: ErrorReport['code'], line: number, message: string, remedy: string): ThawError =>
  new ThawError({ code, message, remedy, place: { file: fileName, line } });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readHeader(text: string, fileName: string): Header {
  const value = parse(text) as { thaw?: unknown; version?: unknown } | null | undefined;
  if (value?.thaw !== 'exchange')
    throw refusal(fileName, 'wrong_format', 1, `${fileName} is no exchange file of Thaw.`, 'To add its texts to a project, import it.');
  if (typeof value.version === 'number' && value.version > formatVersion)
    throw refusal(
      fileName,
      'wrong_format',
      1,
      `${fileName} was written by a later Thaw (exchange format ${value.version}; this version reads up to ${formatVersion}).`,
      'Take it in with that version or a later one.',
    );
  const header = headerSchema.safeParse(value);
  if (!header.success) throw damaged(fileName, 1, header.error.issues[0]);
  return header.data;
}

const damaged = (fileName: string, line: number, issue?: { path: PropertyKey[]; message: string }) =>
  refusal(
    fileName,
    'damaged_file',
    line,
    `${fileName} is damaged in line ${line}${issue ? `: ${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}` : ''}.`,
    'Ask for the file again; nothing of it was taken in.',
  );

const cutShort = (fileName: string, line: number) =>
  refusal(
    fileName,
    'damaged_file',
    line,
    `${fileName} is cut short after line ${line}.`,
    'Ask for the file again; nothing of it was taken in.',
  );

function asIncoming({ answer, textHash, annotator, at, label, labels, spans }: AnswerLine, line: number): IncomingAnswer {
  return {
    line,
    example: answer,
    textHash,
    annotator,
    at,
    annotation: { label: label ?? null, ...(labels && { labels }), spans: spans ?? null },
  };
}

/** Why it cannot be a text of the project, if it cannot: another program may have written the file anew. */
function textProblem({ example, text, textHash: expected }: TextLine, seen: Set<number>): string | null {
  if (seen.has(example)) return `text ${example} is there twice`;
  seen.add(example);
  return textHash(text).toString('hex') === expected ? null : `text ${example} is not as it was sent`;
}

/** `fileName`: what the person calls it. Throws wrong_format, damaged_file, file_not_found, file_unreadable. */
export async function readExchange(file: string, fileName: string): Promise<ExchangeFile> {
  let header: Header | null = null;
  let end: EndLine['end'] | null = null;
  let last = 0;
  const seen = new Set<number>();
  const texts: TextLine[] = [];
  const answers: IncomingAnswer[] = [];
  try {
    for await (const { line, text } of linesOf(createReadStream(file, { encoding: 'utf8' }))) {
      if (!text.trim()) continue;
      if (!header) {
        header = readHeader(text, fileName);
        continue;
      }
      last = line;
      const value = parse(text);
      if (value === undefined || end) throw damaged(fileName, line);
      const parsed = lineSchema.safeParse(value);
      if (!parsed.success) throw damaged(fileName, line, parsed.error.issues[0]);
      if ('end' in parsed.data) end = parsed.data.end;
      else if ('answer' in parsed.data) answers.push(asIncoming(parsed.data, line));
      else {
        const problem = textProblem(parsed.data, seen);
        if (problem) throw damaged(fileName, line, { path: [], message: problem });
        texts.push(parsed.data);
      }
    }
  } catch (error) {
    throw toThawError(error);
  }
  if (!header) return readHeader('', fileName) as never;
  if (!end || end.texts !== texts.length || end.answers !== answers.length) throw cutShort(fileName, last);
  return { header, texts, answers };
}
