import { Option, type Command } from 'commander';
import { toCodePoints } from '../../engine/text/index.ts';
import type { Project } from '../../main/database/index.ts';
import type { Example, Split } from '../../shared/domain.ts';
import type { BulkChange, ExampleFilter, ExampleSort } from '../../shared/filter.ts';
import { parseQuery } from '../../shared/query.ts';
import { parseNumber, UsageError } from '../options.ts';
import { note, report, table } from '../output.ts';
import { withProject } from '../session.ts';

interface Options {
  project: string;
  sort: ExampleSort['by'];
  descending?: boolean;
  limit: number;
  offset: number;
  setLabel?: string;
  giveLabel?: string;
  takeLabel?: string;
  clearLabel?: boolean;
  setSplit?: Split;
  skip?: boolean;
  unskip?: boolean;
  delete?: boolean;
  undo?: boolean;
  redo?: boolean;
  changeTest?: boolean;
  json?: boolean;
}

export function registerData(program: Command): void {
  program
    .command('data')
    .description('list the texts that a filter lets through, or change them all at once')
    .argument('[filter...]', 'words, label:NAME, split:test, is:unlabeled, length:>20, predicted:NAME, differs:label, /expression/')
    .requiredOption('--project <dir>', 'the project folder')
    .addOption(new Option('--sort <order>').choices(['row', 'length', 'probability']).default('row'))
    .option('--descending')
    .option('--limit <n>', 'texts to print', parseNumber, 20)
    .option('--offset <n>', 'texts before the first one', parseNumber, 0)
    .option('--set-label <label>', 'classification: they get this label')
    .option('--clear-label', 'classification: they have no label any more')
    .option('--give-label <label>', 'multilabel: they get this label besides')
    .option('--take-label <label>', 'multilabel: it is taken from them')
    .addOption(new Option('--set-split <split>').choices(['train', 'validation', 'test']))
    .option('--skip', 'leave them out of the labeler’s queue')
    .option('--unskip')
    .option('--delete', 'out of the project; --undo brings them back')
    .option('--undo', 'take back the last change of the project')
    .option('--redo', 'do again what was taken back last')
    .option('--change-test', 'also where the project’s test set has been used')
    .option('--json', 'print one JSON object')
    .action(runData);
}

/** The one change asked for, if any. Throws UsageError for two. */
function changeOf(options: Options): BulkChange | null {
  const changes: BulkChange[] = [];
  if (options.setLabel !== undefined) changes.push({ kind: 'label', label: options.setLabel });
  if (options.clearLabel) changes.push({ kind: 'label', label: null });
  if (options.giveLabel !== undefined) changes.push({ kind: 'give', label: options.giveLabel });
  if (options.takeLabel !== undefined) changes.push({ kind: 'take', label: options.takeLabel });
  if (options.setSplit) changes.push({ kind: 'split', split: options.setSplit });
  if (options.skip || options.unskip) changes.push({ kind: 'skip', skipped: options.skip === true });
  if (options.delete) changes.push({ kind: 'delete' });
  if (changes.length + Number(options.undo ?? false) + Number(options.redo ?? false) > 1)
    throw new UsageError('One change at a time: each is one step of the history.');
  return changes[0] ?? null;
}

/** A shell takes the quotes off `label:"Account access"`. */
export const asTyped = (word: string) => (/^[a-z]+:[^"]*\s/i.test(word) ? word.replace(/:(.*)$/s, ':"$1"') : word);

async function runData(words: string[], options: Options): Promise<void> {
  const { project: folder, json } = options;
  const change = changeOf(options);
  const filter = parseQuery(words.map(asTyped).join(' '));
  const direction = options.undo ? 'undo' : options.redo ? 'redo' : null;
  await withProject(folder, { readonly: !change && !direction }, async (project) => {
    if (options.changeTest && (change || direction)) await project.unlockTest();
    if (direction) {
      const { title } = await project[direction]();
      return report(json, { title }, [
        title === null ? `Nothing to ${direction}.` : `${direction === 'undo' ? 'Undone' : 'Done again'}: ${title}.`,
      ]);
    }
    const sort = { by: options.sort, descending: options.descending ?? false };
    const page = await project.page({ ...filter, sort, offset: options.offset, limit: Math.max(1, Math.min(500, options.limit)) });
    if (change) {
      const changed = await project.changeMany({ listing: page.listing, except: [] }, change);
      return report(json, { changed }, [`${changed} texts changed; --undo takes that back`]);
    }
    const total = page.isComplete ? page.total : await project.count(page.listing);
    tell(
      await rest(project, page.examples, { offset: options.offset, limit: options.limit, filter, sort, listing: page.listing }),
      total,
      json,
    );
  });
}

/** The page's examples, and those after it, up to the limit. */
async function rest(
  project: Project,
  first: Example[],
  { offset, limit, filter, sort, listing }: { offset: number; limit: number; filter: ExampleFilter; sort: ExampleSort; listing: number },
): Promise<Example[]> {
  const examples = first.slice(0, limit);
  while (examples.length < limit && examples.length > 0) {
    const asked = { ...filter, sort, listing, offset: offset + examples.length, limit: Math.min(500, limit - examples.length) };
    const page = await project.page(asked);
    if (page.examples.length === 0) break;
    examples.push(...page.examples);
  }
  return examples;
}

function tell(examples: Example[], total: number, json?: boolean): void {
  const shown = examples.map(({ annotation: { label, labels, spans }, ...example }) => ({
    ...example,
    label,
    ...(labels && { labels }),
    ...(spans && { spans: toCodePoints(example.text, spans) }),
  }));
  const said = ({ annotation: { label, labels, spans } }: Example) =>
    label ?? labels?.join('|') ?? spans?.map((span) => span.label).join('|') ?? '';
  const lines = examples.map((example) => [
    String(example.id),
    example.split,
    said(example),
    example.text.replace(/\s+/g, ' ').slice(0, 80),
  ]);
  if (!json && lines.length < total) note(`${lines.length} of ${total}`);
  report(json, { total, examples: shown }, lines.length > 0 ? table([['id', 'split', 'label', 'text'], ...lines]) : ['No text matches.']);
}
