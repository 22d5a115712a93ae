import { Option, type Command } from 'commander';
import { exportData } from '../../main/services/export-data.ts';
import { dataFormatSchema, type DataFormat } from '../../shared/domain.ts';
import { note, report } from '../output.ts';
import { withProject } from '../session.ts';

interface Options {
  project: string;
  format: DataFormat;
  output: string;
  json?: boolean;
}

export function registerExportData(program: Command): void {
  program
    .command('export-data')
    .description('write the texts and their labels as a file other tools load')
    .requiredOption('--project <dir>', 'the project folder')
    .addOption(new Option('--format <format>').choices(dataFormatSchema.options).makeOptionMandatory())
    .requiredOption('--output <file>', 'the file to write; one that is there is replaced')
    .option('--json', 'print one JSON object')
    .action(writeData);
}

async function writeData({ project: folder, format, output, json }: Options): Promise<void> {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  let tenth = 0;
  const progress = ({ written, total }: { written: number; total: number }) => {
    const now = Math.floor((10 * written) / total);
    if (now > tenth && now < 10) note(`${written} of ${total}`);
    tenth = now;
  };
  try {
    const result = await withProject(folder, { readonly: true }, (project) =>
      exportData(project, { format, output }, { signal: stop.signal, progress }),
    );
    for (const text of result.notes) note(text);
    report(json, result, [`${result.examples} examples in ${result.file}`]);
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  }
}
