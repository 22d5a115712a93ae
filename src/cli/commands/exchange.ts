import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { checkHasTexts, fillFromExchange, readExchange, takeExchange, writeExchange } from '../../main/exchange/index.ts';
import { agreementSentence, pairSentence, takenSentences } from '../../shared/agreement-words.ts';
import { countOf } from '../../shared/counts.ts';
import type { AnnotatorPair } from '../../shared/domain.ts';
import { parseQuery } from '../../shared/query.ts';
import { parseNumber, UsageError } from '../options.ts';
import { note, percent, report, table } from '../output.ts';
import { withProject } from '../session.ts';
import { asTyped } from './data.ts';

interface OutOptions {
  project: string;
  output: string;
  share?: number;
  seed: number;
  withLabels?: boolean;
  json?: boolean;
}

interface InOptions {
  project: string;
  as?: string;
  json?: boolean;
}

export function registerExchange(program: Command): void {
  const exchange = program.command('exchange').description('share texts with other annotators and take their answers in, by files');
  exchange
    .command('out')
    .description('write texts for another annotator, without labels; or, with labels, send answers back')
    .argument('[filter...]', 'as of `data`; all texts without one')
    .requiredOption('--project <dir>', 'the project folder')
    .requiredOption('--output <file>', 'the file to write; one that is there is replaced')
    .option('--share <n>', 'draw so many of the texts, or below 1 such a share', parseNumber)
    .option('--seed <n>', 'the same seed draws the same texts', parseNumber, 1)
    .option('--with-labels', 'with answers; from a project made of such a file, answers alone')
    .option('--json', 'print one JSON object')
    .action(sendOut);
  exchange
    .command('in')
    .description('take answers in beside the project’s own labels; into a new folder: make a project of the file’s texts')
    .argument('<file>')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--as <name>', 'the annotator’s name, in place of the one in the file')
    .option('--json', 'print one JSON object')
    .action(takeIn);
  exchange
    .command('remove')
    .description('remove what was taken in of one annotator; taking their file in again brings it back')
    .argument('<annotator>')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--json', 'print one JSON object')
    .action(remove);
}

async function remove(annotator: string, { project: folder, json }: { project: string; json?: boolean }): Promise<void> {
  await withProject(folder, {}, async (project) => {
    const removed = await project.removeAnswers(annotator);
    report(json, { annotator, removed }, [`${countOf(removed, 'answer')} of ${annotator} removed; the project’s own labels stay`]);
  });
}

export function registerAgreement(program: Command): void {
  program
    .command('agreement')
    .description('say how far annotators agree: Cohen’s κ, Krippendorff’s α, entity F1')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--json', 'print one JSON object')
    .action(tellAgreement);
}

async function sendOut(words: string[], { project: folder, output, share, seed, withLabels, json }: OutOptions): Promise<void> {
  if (share !== undefined && (share <= 0 || (share > 1 && !Number.isInteger(share))))
    throw new UsageError('--share takes a number of texts, or a share of them below 1.');
  const filter = parseQuery(words.map(asTyped).join(' '));
  await withProject(folder, { readonly: true }, async (project) => {
    const sent = await writeExchange(project, { output, filter, share: share ?? null, seed, withLabels });
    if (sent.leftOut > 0) note(`${countOf(sent.leftOut, 'text')} left out: they did not come from the project that the file is for`);
    report(json, sent, [`${countOf(sent.texts, 'text')} and ${countOf(sent.answers, 'answer')} in ${sent.file}`]);
  });
}

const isNew = (folder: string) => !existsSync(folder) || readdirSync(folder).length === 0;

async function takeIn(given: string, { project: folder, as = undefined, json }: InOptions): Promise<void> {
  const fileName = path.basename(given);
  const file = await readExchange(given, fileName);
  const options = { file, fileName, as: as ?? null };
  if (isNew(folder)) checkHasTexts(file, fileName);
  const create = isNew(folder) ? { task: file.header.task, name: file.header.name } : undefined;
  await withProject(folder, { create }, async (project) => {
    const taken = create ? await fillFromExchange(project, options) : await takeExchange(project, options);
    report(json, taken, takenSentences(taken));
  });
}

async function tellAgreement({ project: folder, json }: { project: string; json?: boolean }): Promise<void> {
  await withProject(folder, { readonly: true }, async (project) => {
    const agreement = await project.agreement();
    const { open, settled } = agreement.disagreements;
    report(json, agreement, [
      agreementSentence(agreement),
      ...(agreement.pairs.length > 1 ? agreement.pairs.map(pairSentence) : []),
      ...agreement.pairs.flatMap(labelLines),
      ...(open + settled > 0 ? [`${countOf(open + settled, 'disagreement')}, ${settled} settled`] : []),
    ]);
  });
}

function labelLines({ annotators: [first, second], labels }: AnnotatorPair): string[] {
  const rows = labels
    .filter(({ f1 }) => f1 !== null)
    .map((label) => [label.label, `${label.first}`, `${label.second}`, `${label.both}`, percent(label.f1 ?? undefined)]);
  return ['', ...table([['label', first, second, 'both', 'agreement'], ...rows])];
}
