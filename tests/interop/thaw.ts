/** Drives the command line as a user does, and makes one exported model for a test to load elsewhere. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Task } from '../../src/shared/domain.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** Standard output of `thaw ARGUMENTS`; its state goes to `home`. */
export async function thaw(home: string, ...args: string[]): Promise<string> {
  const environment = { ...process.env, THAW_HOME: home };
  const { stdout } = await run(process.execPath, [path.join(root, 'src/cli/index.ts'), ...args], {
    cwd: root,
    env: environment,
    maxBuffer: LARGEST_OUTPUT,
  });
  return stdout;
}

export interface Exported {
  folder: string;
  task: Task;
  maxLength: number;
  texts: string[];
  /** What Thaw itself says of each text: `logits` for classification, `spans` (code points) for entities. */
  predictions: { text: string; logits?: number[]; spans?: { start: number; end: number; label: string; score: number }[] }[];
}

export const texts = [
  'A gorgeous, witty, seductive movie.',
  'Angela Merkel met Barack Obama in Berlin on Tuesday.',
  'naïve café — déjà vu!',
  '🙂👩‍👩‍👧 emoji 🇩🇪 test, then Paris',
  '北京 and 東京 are cities',
  `The battery is good and the screen is bad. `.repeat(20).trim(),
];

/** A few steps of training on the head of a built-in sample; import, train, predict and export through the command line. */
export async function trainAndExport({
  base,
  task,
  maxLength,
  maxSteps,
}: {
  base: string;
  task: Task;
  maxLength: number;
  maxSteps: number;
}): Promise<Exported> {
  const home = await mkdtemp(path.join(tmpdir(), 'thaw-interop-'));
  const at = (name: string) => path.join(home, name);
  const project = ['--project', at('project')];
  // Entities: a text that fits, since a window is Thaw's own affair.
  const seen = task === 'ner' ? texts.slice(0, 5) : texts;
  await writeFile(at('texts.jsonl'), seen.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  await thaw(home, 'import', await sampleHead(home, task), ...project, '--task', task, '--json');
  const training = ['--max-steps', String(maxSteps), '--batch-size', '8', '--max-length', String(maxLength), '--lr', '1e-3', '--json'];
  const { run: id } = JSON.parse(await thaw(home, 'train', ...project, '--base', base, ...training)) as { run: string };
  const lines = await thaw(home, 'predict', ...project, '--run', id, '--input', at('texts.jsonl'));
  await thaw(home, 'export', id, ...project, '--format', 'huggingface,onnx', '--output', at('exported'), '--json');
  const predictions = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Exported['predictions'][number]);
  return { folder: at('exported'), task, maxLength, texts: seen, predictions };
}

async function sampleHead(home: string, task: Task): Promise<string> {
  const name = task === 'ner' ? 'entities.conll' : 'sentiment.csv';
  const lines = (await readFile(path.join(root, 'resources/samples', name), 'utf8')).split('\n');
  const file = path.join(home, name);
  await writeFile(file, `${lines.slice(0, task === 'ner' ? 3000 : 160).join('\n')}\n`);
  return file;
}

/** Python's word on an exported folder: see reference.py. */
export async function pythonLogits<T>(
  python: string,
  { folder, task, maxLength, texts }: Exported,
): Promise<{ transformers: T[]; onnxruntime: T[]; labels: string[] }> {
  const script = path.join(import.meta.dirname, 'reference.py');
  const child = run(python, [script, folder, task, String(maxLength)], {
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
    maxBuffer: LARGEST_OUTPUT,
  });
  child.child.stdin?.end(JSON.stringify(texts));
  return JSON.parse((await child).stdout);
}

/** transformers.js' word on it: logits by text, [classes] or [length][classes]. */
export async function transformersJsLogits({ folder, task, maxLength, texts }: Exported): Promise<unknown[]> {
  const { env, AutoTokenizer, AutoModelForSequenceClassification, AutoModelForTokenClassification } =
    await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = `${path.dirname(folder)}/`;
  const name = path.basename(folder);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const model = await (task === 'ner' ? AutoModelForTokenClassification : AutoModelForSequenceClassification).from_pretrained(name, {
    dtype: 'fp32',
  });
  const logits: unknown[] = [];
  for (const text of texts) {
    const output = (await model(tokenizer(text, { truncation: true, max_length: maxLength }))) as { logits: { tolist(): unknown[] } };
    logits.push(output.logits.tolist()[0]);
  }
  await model.dispose();
  return logits;
}
