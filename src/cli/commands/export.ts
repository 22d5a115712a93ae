import { Option, type Command } from 'commander';
import { parseFormats } from '../options.ts';
import { report } from '../output.ts';
import { withRuns } from '../session.ts';

interface Options {
  project: string;
  format: ReturnType<typeof parseFormats>;
  checkpoint: 'best' | 'last';
  output: string;
  json?: boolean;
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write a run as files other tools load, and verify them')
    .argument('<run>')
    .requiredOption('--project <dir>', 'the project folder')
    .addOption(
      new Option('--format <formats>', 'huggingface, onnx, or both parted by a comma').argParser(parseFormats).makeOptionMandatory(),
    )
    .addOption(new Option('--checkpoint <checkpoint>').choices(['best', 'last']).default('best'))
    .requiredOption('--output <dir>', 'a folder that is empty, missing, or an earlier export')
    .option('--json', 'print one JSON object')
    .action((run: string, { project: folder, format, checkpoint, output, json }: Options) =>
      withRuns(folder, { readonly: true }, async (runs) => {
        const result = await runs.export(run, { formats: format, output, checkpoint });
        const { examples, largestDifference } = result.verified;
        report(json, result, [
          `${result.files.length} files in ${output}`,
          `verified on ${examples} examples: logits within ${largestDifference.toExponential(1)}`,
        ]);
      }),
    );
}
