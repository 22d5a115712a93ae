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
  /** Everything made for it; the test removes it. */
  home: string;
  folder: string;
  task: Task;
  maxLength: number;
  texts: string[];
  /** What Thaw itself says of each text: `logits` for classification, `spans` (code points) for entities. */
  predictions: {
    text: string;
    labels?: string[];
    logits?: number[];
    spans?: { start: number; end: number; label: string; score: number }[];
  }[];
}

const unusual = [
  'A gorgeous, witty, seductive movie.',
  'Angela Merkel met Barack Obama in Berlin on Tuesday.',
  'naïve café — déjà vu!',
  '🙂👩‍👩‍👧 emoji 🇩🇪 test, then Paris',
  '北京 and 東京 are cities',
];
/** Many times over, longer than any limit here. */
const LONG = 'The battery is good and the screen is bad.';

export interface Training {
  /** A name in resources/models, or a folder. */
  base: string;
  task: Task;
  maxLength: number;
  maxSteps: number;
  learningRate: number;
}

/** Imports a part of a built-in sample, trains some steps on it, predicts and exports, all through the command line. */
export async function trainAndExport({ base, task, maxLength, maxSteps, learningRate }: Training): Promise<Exported> {
  const home = await mkdtemp(path.join(tmpdir(), 'thaw-interop-'));
  const at = (name: string) => path.join(home, name);
  const project = ['--project', at('project')];
  const sample = await samplePart(task);
  await writeFile(at(sample.name), sample.content);
  const texts = task === 'ner' ? [...unusual, ...sample.texts] : [...unusual, `${LONG} `.repeat(20).trim()];
  await writeFile(at('texts.jsonl'), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  await thaw(home, 'import', at(sample.name), ...project, '--task', task, '--json');
  const steps = ['--epochs', '20', '--max-steps', String(maxSteps), '--batch-size', '8', '--max-length', String(maxLength)];
  const trained = await thaw(home, 'train', ...project, '--base', base, ...steps, '--lr', String(learningRate), '--json');
  const { run: id } = JSON.parse(trained) as { run: string };
  const lines = await thaw(home, 'predict', ...project, '--run', id, '--input', at('texts.jsonl'));
  await thaw(home, 'export', id, ...project, '--format', 'huggingface,onnx', '--output', at('exported'), '--json');
  const predictions = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Exported['predictions'][number]);
  return { home, folder: at('exported'), task, maxLength, texts, predictions };
}

/** A part small enough to learn quickly: the first reviews, or the sentences rich in entities. `texts`: short ones of it. */
async function samplePart(task: Task): Promise<{ name: string; content: string; texts: string[] }> {
  if (task === 'multilabel') return { name: 'several.csv', content: severalLabels(), texts: [] };
  const read = (name: string) => readFile(path.join(root, 'resources/samples', name), 'utf8');
  if (task === 'classification') {
    const lines = (await read('sentiment.csv')).split('\n').slice(0, 160);
    return { name: 'sentiment.csv', content: `${lines.join('\n')}\n`, texts: [] };
  }
  const sentences = (await read('entities.conll')).split('\n\n').map((sentence) => sentence.trim().split('\n'));
  const rich = sentences.filter((lines) => lines.filter((line) => !line.endsWith(' O')).length > 0.35 * lines.length);
  const short = rich.filter((lines) => lines.length < 14).slice(0, 10);
  const texts = short.map((lines) => lines.map((line) => line.split(' ')[0]).join(' '));
  return { name: 'entities.conll', content: `${rich.map((lines) => lines.join('\n')).join('\n\n')}\n`, texts };
}

/** Texts that say which of two labels they have. */
function severalLabels(): string {
  const row = (index: number) => {
    const labels = ['good', 'bad'].filter((_, at) => (index >> at) % 2 === 1);
    return `"Review ${index} of the film: ${labels.join(' and ')}",${labels.join('|') || '[]'}`;
  };
  return `text,labels\n${Array.from({ length: 160 }, (_, index) => row(index)).join('\n')}\n`;
}

/** Python's word on an exported folder: see reference.py. */
export async function pythonLogits<T>(
  python: string,
  { folder, task, maxLength, texts }: Exported,
): Promise<{ transformers: T[]; onnxruntime: T[]; labels: string[]; problem: string; thresholds: Record<string, number> | null }> {
  const script = path.join(import.meta.dirname, 'reference.py');
  const child = run(python, [script, folder, task, String(maxLength)], {
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
    maxBuffer: LARGEST_OUTPUT,
  });
  child.child.stdin?.end(JSON.stringify(texts));
  return JSON.parse((await child).stdout);
}

/**
 * transformers.js' word on it: logits by text, [classes] or [length][classes]. null for a text longer than `maxLength`, since its
 * truncation, unlike that of transformers, drops the closing special token.
 */
export async function transformersJsLogits<T>({ folder, task, maxLength, texts }: Exported): Promise<(T | null)[]> {
  const { env, AutoTokenizer, AutoModelForSequenceClassification, AutoModelForTokenClassification } =
    await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = `${path.dirname(folder)}/`;
  const name = path.basename(folder);
  const kind = task === 'ner' ? AutoModelForTokenClassification : AutoModelForSequenceClassification;
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const model = await kind.from_pretrained(name, { dtype: 'fp32' });
  const logits: (T | null)[] = [];
  for (const text of texts) {
    const inputs = tokenizer(text) as { input_ids: { dims: number[] } };
    const output = inputs.input_ids.dims[1] > maxLength ? null : ((await model(inputs)) as { logits: { tolist(): T[] } });
    logits.push(output?.logits.tolist()[0] ?? null);
  }
  await model.dispose();
  return logits;
}
