/** Writes an exchange file: texts for other annotators, or answers on their way back. */
import { resolve } from 'node:path';
import { toCodePoints } from '../../engine/text/index.ts';
import { mulberry32, shuffle } from '../../engine/text/random.ts';
import { ThawError } from '../../shared/errors.ts';
import { exampleFilterSchema, type ExampleFilter } from '../../shared/filter.ts';
import type { Answer, ProjectSummary, SentReport } from '../../shared/domain.ts';
import type { OutgoingExample, Project } from '../database/index.ts';
import { fileNameOf, writeWholeFile } from '../whole-file.ts';
import { formatVersion, type AnswerLine, type EndLine, type Header, type TextLine } from './format.ts';

export interface ExchangeOptions {
  /** A file there is replaced, once the new one is whole. */
  output: string;
  /** Default: all texts. */
  filter?: Partial<ExampleFilter>;
  /** Draws so many of them, or below 1 such a share; null: all. */
  share?: number | null;
  /** The same seed draws the same texts. */
  seed?: number;
  withLabels?: boolean;
}

/** What such a file is usually called. */
export const exchangeFileName = ({ name }: ProjectSummary, withLabels: boolean): string =>
  `${fileNameOf(name) || 'texts'}${withLabels ? '.answers' : ''}.exchange.jsonl`;

const pieceExamples = 500;

async function chosen(project: Project, { filter, share = null, seed = 1 }: ExchangeOptions): Promise<number[]> {
  const { listing } = await project.page({ ...exampleFilterSchema.parse(filter ?? {}), offset: 0, limit: 1 });
  const ids = [...(await project.listed(listing))];
  if (share === null) return ids;
  const count = share < 1 ? Math.round(share * ids.length) : share;
  return shuffle(ids, mulberry32(seed))
    .slice(0, count)
    .sort((a, b) => a - b);
}

function answerLine({ example, text, textHash }: OutgoingExample, { annotator, at, annotation }: Answer): AnswerLine {
  const { label, labels, spans } = annotation;
  return {
    answer: example,
    textHash,
    annotator,
    // What came with a text is older than whatever anybody said since.
    at: at ?? new Date(0).toISOString(),
    ...(label !== null && { label }),
    ...(labels && { labels }),
    ...(spans && { spans: toCodePoints(text, spans) }),
  };
}

function textLine({ example, textHash, text, split, pretokenized }: OutgoingExample): TextLine {
  return { example, textHash, text, split, ...(pretokenized && { pretokenized }) };
}

async function headerOf(project: Project): Promise<{ header: Header; isOrigin: boolean }> {
  const { name, task, labels } = await project.summary();
  const { identity, origin } = await project.exchangeIdentity();
  return {
    isOrigin: origin === null,
    header: {
      thaw: 'exchange',
      version: formatVersion,
      project: origin ?? identity,
      name,
      task,
      labels: labels.map(({ name: label, guideline, examples }) => ({ name: label, guideline, examples })),
    },
  };
}

/**
 * The texts, without any label unless asked for. From a project that was itself made of an exchange file, `withLabels` sends answers alone back.
 * Throws not_enough_data, wrong_format, file_unreadable, disk_full.
 */
export async function writeExchange(project: Project, options: ExchangeOptions): Promise<SentReport> {
  const file = resolve(options.output);
  const { header, isOrigin } = await headerOf(project);
  const ids = await chosen(project, options);
  const counts = { texts: 0, answers: 0 };
  let leftOut = 0;
  await writeWholeFile(file, async (handle) => {
    const put = (line: Header | TextLine | AnswerLine | EndLine) => `${JSON.stringify(line)}\n`;
    await handle.writeFile(put(header));
    for (let at = 0; at < ids.length; at += pieceExamples) {
      const found = await project.outgoing(ids.slice(at, at + pieceExamples));
      const examples = found.filter((example) => example !== null);
      leftOut += found.length - examples.length;
      const texts = isOrigin || !options.withLabels ? examples.map(textLine) : [];
      const answers = options.withLabels ? examples.flatMap((example) => example.answers.map((answer) => answerLine(example, answer))) : [];
      counts.texts += texts.length;
      counts.answers += answers.length;
      await handle.writeFile([...texts, ...answers].map(put).join(''));
    }
    if (counts.texts + counts.answers === 0) throw nothingToSend(options);
    await handle.writeFile(put({ end: counts }));
  });
  return { file, ...counts, leftOut };
}

const nothingToSend = ({ withLabels }: ExchangeOptions) =>
  new ThawError({
    code: 'not_enough_data',
    message: withLabels ? 'None of these texts is labeled: there are no answers to send.' : 'There are no texts to send.',
    remedy: withLabels ? 'Label some first.' : 'Import some first, or choose another filter.',
  });
