import fs from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { ThawError } from '../../shared/errors.ts';
import { toCodePoints } from '../../engine/text/index.ts';
import { predictWithFolder, predictWithRun } from '../../main/services/predict.ts';
import type { TextPrediction } from '../../trainer/messages.ts';
import { parseNumber, UsageError } from '../options.ts';
import { print } from '../output.ts';
import { withProject } from '../session.ts';

interface Options {
  project?: string;
  run?: string;
  model?: string;
  input: string;
  maxLength?: number;
  checkpoint?: 'best' | 'last';
}

export function registerPredict(program: Command): void {
  program
    .command('predict')
    .description('label texts with a run or an exported folder; prints one JSON line a text')
    .option('--project <dir>', 'the project folder, with --run')
    .option('--run <run>', 'a run of the project')
    .option('--model <folder>', 'a fine-tuned Hugging Face folder')
    .requiredOption('--input <file>', 'JSON lines with `text`, or plain lines; - for standard input')
    .option('--max-length <n>', "in tokens (default: the run's, or as long as the model allows)", parseNumber)
    .addOption(new Option('--checkpoint <checkpoint>', "the run's (default: best)").choices(['best', 'last']))
    .option('--json', 'print JSON lines, as it always does')
    .action(predict);
}

async function predict({ project: folder, run, model, input, maxLength, checkpoint }: Options): Promise<void> {
  if ((run === undefined) === (model === undefined)) throw new UsageError('Give either --run (with --project) or --model.');
  if (run !== undefined && folder === undefined) throw new UsageError('--run needs --project.');
  if (checkpoint !== undefined && run === undefined) throw new UsageError('--checkpoint needs --run.');
  if (maxLength !== undefined && !(Number.isInteger(maxLength) && maxLength >= 4))
    throw new UsageError('--max-length: a whole number from 4.');
  const texts = textsOf(input === '-' ? await readAll(process.stdin) : await fs.readFile(input, 'utf8'), input);
  const predictions =
    model !== undefined
      ? await predictWithFolder(model, texts, maxLength ?? 0)
      : await withProject(folder as string, { readonly: true }, (project) =>
          predictWithRun(project, run as string, texts, { maxLength, checkpoint }),
        );
  for (const prediction of predictions) print(JSON.stringify(lineOf(prediction)));
}

/** `scores`: probabilities by label. Offsets leave as code points. */
function lineOf({ text, label, labels, scores, logits, spans }: TextPrediction): object {
  if (spans) return { text, spans: toCodePoints(text, spans) };
  return {
    text,
    ...(labels ? { labels } : { label }),
    scores: Object.fromEntries(scores.map(({ label: name, score }) => [name, score])),
    logits,
  };
}

/** Plain lines, or JSON lines with `text` when the first one is a JSON object. Empty lines are skipped. */
function textsOf(content: string, file: string): string[] {
  const lines = content.replace(/^\ufeff/, '').split(/\r?\n/);
  const isJson =
    lines
      .find((line) => line.trim() !== '')
      ?.trimStart()
      .startsWith('{') ?? false;
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [isJson ? textOfJson(line, file, index + 1) : line]));
}

function textOfJson(line: string, file: string, number: number): string {
  let value: unknown;
  try {
    value = (JSON.parse(line) as { text?: unknown }).text;
  } catch {
    value = undefined;
  }
  if (typeof value === 'string') return value;
  throw new ThawError({
    code: 'wrong_format',
    message: `Line ${number} of ${file} is not a JSON object with a text.`,
    remedy: 'Give each line as {"text": "…"}.',
    place: { file, line: number },
  });
}
