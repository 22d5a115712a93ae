import { Option, type Command } from 'commander';
import type { Split } from '../../shared/domain.ts';
import { UsageError } from '../options.ts';
import { percent, report } from '../output.ts';
import { withRuns } from '../session.ts';

interface Options {
  project: string;
  metric?: string;
  split: Split;
  json?: boolean;
}

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('say whether the second run is better than the first, on the same examples')
    .argument('<run...>')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--metric <metric>', '(default: accuracy; microF1 for several labels, f1 for entities)')
    .addOption(new Option('--split <split>').choices(['test', 'validation']).default('test'))
    .option('--json', 'print one JSON object')
    .action(compare);
}

async function compare(names: string[], { project: folder, metric, split, json }: Options): Promise<void> {
  if (names.length !== 2) throw new UsageError(`Two runs can be compared; ${names.length} were given.`);
  const [first, second] = names;
  await withRuns(folder, { readonly: true }, async (runs) => {
    const comparison = await runs.compare(first, second, { split, metric });
    const { values, test, pValue, verdict, flips, examples } = comparison;
    report(json, comparison, [
      `${comparison.metric} on ${examples} ${split} examples: ${first} ${percent(values[0])}, ${second} ${percent(values[1])}`,
      `${test}: p = ${pValue.toPrecision(2)}; ${flips.fixed} fixed, ${flips.broken} broken`,
      verdict,
      ...(comparison.testChange === undefined ? [] : [comparison.testChange]),
    ]);
  });
}
