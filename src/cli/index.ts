/** The `thaw` command. Exit codes: 0 done, 1 failed (one line says what, where and what to do), 2 wrong usage. */
import { Command, CommanderError } from 'commander';
import { errorLine, toThawError } from '../shared/errors.ts';
import { registerCheck } from './commands/check.ts';
import { registerCompare } from './commands/compare.ts';
import { registerData } from './commands/data.ts';
import { registerDevices } from './commands/devices.ts';
import { registerAgreement, registerExchange } from './commands/exchange.ts';
import { registerExportData } from './commands/export-data.ts';
import { registerEstimate } from './commands/estimate.ts';
import { registerExport } from './commands/export.ts';
import { registerImport } from './commands/import.ts';
import { registerPredict } from './commands/predict.ts';
import { registerRuns } from './commands/runs.ts';
import { registerServe } from './commands/serve.ts';
import { registerCurve } from './commands/curve.ts';
import { registerSuspects } from './commands/suspects.ts';
import { registerSplit } from './commands/split.ts';
import { registerSuggest } from './commands/suggest.ts';
import { registerTrain } from './commands/train.ts';
import { UsageError } from './options.ts';
import { note } from './output.ts';

const program = new Command('thaw').description(
  'Label text, fine-tune a language model on your own machine, compare honestly, take the model away.',
);
// Set before the commands are made: they inherit it.
program.exitOverride().showHelpAfterError('Try --help.');
for (const register of [
  registerImport,
  registerCheck,
  registerData,
  registerSplit,
  registerTrain,
  registerEstimate,
  registerRuns,
  registerCompare,
  registerPredict,
  registerSuggest,
  registerExport,
  registerExportData,
  registerExchange,
  registerCurve,
  registerSuspects,
  registerAgreement,
  registerDevices,
  registerServe,
])
  register(program);

/** Says what went wrong and returns the exit code. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    note(`error: ${error.message}`);
    return 2;
  }
  note(`error: ${errorLine(toThawError(error).toReport()).replaceAll('\n', ' ')}`);
  return 1;
}

// A reader that has seen enough (`| head`) closes the pipe: nothing is left to say, and nothing failed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
