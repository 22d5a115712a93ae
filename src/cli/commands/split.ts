import path from 'node:path';
import type { Command } from 'commander';
import { redraw } from '../../main/splits/index.ts';
import { ThawError } from '../../shared/errors.ts';
import { redrawOptionsSchema, type RedrawPreview } from '../../shared/splits.ts';
import { parseNumber } from '../options.ts';
import { report, table } from '../output.ts';
import { withProject } from '../session.ts';

interface Options {
  project: string;
  split: string;
  group?: string;
  seed: number;
  dryRun?: boolean;
  changeTest?: boolean;
  json?: boolean;
}

const defaults = redrawOptionsSchema.parse({});

export function registerSplit(program: Command): void {
  program
    .command('split')
    .description('draw a project’s splits anew: by label, near-duplicates and rows of one group together')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--split <shares>', 'shares of train, validation and test', defaults.shares)
    .option('--group <column>', 'column whose rows of one value (a document, an author) stay in one split')
    .option('--seed <n>', 'the same seed draws the same splits', parseNumber, defaults.seed)
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--change-test', 'also where the test set has been used')
    .option('--json', 'print one JSON object')
    .action(split);
}

async function split({ project: folder, split: shares, group, seed, dryRun = false, changeTest, json }: Options): Promise<void> {
  const asked = redrawOptionsSchema.safeParse({ shares, group: group ?? null, seed });
  if (!asked.success) throw new ThawError({ code: 'wrong_format', message: asked.error.issues[0].message });
  await withProject(folder, { readonly: dryRun }, async (project) => {
    const { preview, moves } = await redraw(path.resolve(folder), asked.data);
    if (!dryRun) {
      if (changeTest) await project.unlockTest();
      await project.applySplits(moves);
    }
    tell(preview, dryRun, json);
  });
}

function tell(preview: RedrawPreview, dryRun: boolean, json?: boolean): void {
  const { before, after, moved, leaveTest, joinTest, groups, largestGroup, alike, labels } = preview;
  const row = (name: string, counts: RedrawPreview['after']) => [name, `${counts.train}`, `${counts.validation}`, `${counts.test}`];
  report(json, { ...preview, applied: !dryRun }, [
    ...table([
      ['', 'train', 'validation', 'test'],
      row('before', before),
      row('after', after),
      ...labels.map(({ label, counts }) => row(label, counts)),
    ]),
    `${moved} examples ${dryRun ? 'would move' : 'moved'}; ${leaveTest} out of the test set, ${joinTest} into it`,
    ...(alike === 0 ? [] : [`${alike} examples of one pattern are drawn one by one, although they are near-duplicates`]),
    groups === 0 ? 'no examples have to stay together' : `${groups} groups stay together, the largest of ${largestGroup} examples`,
  ]);
}
