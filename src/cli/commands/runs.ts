import type { Command } from 'commander';
import { headline, report, table } from '../output.ts';
import { withProject } from '../session.ts';

export function registerRuns(program: Command): void {
  program
    .command('runs')
    .description('list the runs of a project')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--json', 'print one JSON object')
    .action(({ project: folder, json }: { project: string; json?: boolean }) =>
      withProject(folder, { readonly: true }, async (project) => {
        const runs = (await project.runs()).map(({ run, name, status, base, configuration, validation, test, error }) => ({
          run,
          name,
          status,
          base,
          configuration,
          validation,
          test,
          error,
        }));
        const rows = runs.map((run) => [run.run, run.name, run.status, run.base, ...[run.validation, run.test].map(headline)]);
        report(
          json,
          { runs },
          runs.length > 0 ? table([['run', 'name', 'status', 'base', 'validation', 'test'], ...rows]) : ['This project has no runs yet.'],
        );
      }),
    );
}
