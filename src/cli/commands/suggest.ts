import type { Command } from 'commander';
import { openSuggesting } from '../../main/services/suggesting.ts';
import { ThawError } from '../../shared/errors.ts';
import type { Run } from '../../shared/domain.ts';
import { note, report } from '../output.ts';
import { withRuns } from '../session.ts';

interface Options {
  project: string;
  run?: string;
  json?: boolean;
}

export function registerSuggest(program: Command): void {
  program
    .command('suggest')
    .description('let a run suggest labels for the texts that wait to be labeled, but never for the test split')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--run <run>', 'a finished run of the project (default: the newest)')
    .option('--json', 'print one JSON object')
    .action(suggest);
}

async function suggest({ project: folder, run: asked, json }: Options): Promise<void> {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  try {
    await withRuns(folder, { readonly: false }, async (runs, project) => {
      const { run, name } = asked === undefined ? newestOf(await project.runs()) : await project.run(asked);
      const predicted = await openSuggesting(project, runs).make(run, { signal: stop.signal, progress: tenths() });
      report(json, { run, predicted }, [`${run} “${name}” suggests labels for ${predicted} more ${predicted === 1 ? 'text' : 'texts'}`]);
    });
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  }
}

function newestOf(runs: Run[]): Run {
  const newest = runs.findLast(({ status }) => status === 'finished');
  if (newest) return newest;
  throw new ThawError({ code: 'unknown_run', message: 'This project has no finished run.', remedy: 'Train one first.' });
}

/** A line every tenth. */
function tenths(): (progress: { done: number; total: number }) => void {
  let last = 0;
  return ({ done, total }) => {
    const now = Math.floor((10 * done) / Math.max(1, total));
    if (now > last) note(`${done} of ${total}`);
    last = now;
  };
}
