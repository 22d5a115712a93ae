/** Writes a run's model as files other tools load: a Hugging Face folder and, beside it, ONNX where transformers.js looks for it. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Task } from '../shared/domain.ts';
import { buildInferenceOnnx, writeSafetensors, type Base } from '../engine/index.ts';
import { familyOf } from '../engine/models/base.ts';
import { headOf, type Labeling } from '../engine/train/dataset.ts';
import type { ExportFormat, JobOf, ResultOf } from './messages.ts';
import { openRun, thresholdsField, wordsField, type OpenedModel } from './model.ts';

const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'sentencepiece.bpe.model',
  'spiece.model',
  'spm.model',
];

const problems: Partial<Record<Task, string>> = { classification: 'single_label_classification', multilabel: 'multi_label_classification' };

/** Multi-label: from which probability on each label is given, by its name. */
const thresholdsOf = ({ classes, thresholds }: Labeling) =>
  thresholds && { [thresholdsField]: Object.fromEntries(classes.map((name, index) => [name, thresholds[index]])) };

export async function performWriting({ source, formats, output, card }: JobOf<'write'>): Promise<ResultOf<'write'>> {
  return { type: 'write', files: await writeExport(await openRun(source), formats, output, card) };
}

/** Writes into `output`, which exists and is empty. Returns the files written, relative to it. */
async function writeExport(
  { base, labeling, model }: OpenedModel,
  formats: ExportFormat[],
  output: string,
  card: string,
): Promise<string[]> {
  const parameters = await model.parameters();
  const config = { ...(await exportedConfig(base, labeling)), ...thresholdsOf(labeling) };
  await fs.writeFile(path.join(output, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  await fs.writeFile(path.join(output, 'README.md'), card);
  const copied = await copyTokenizer(base.folder, output);
  const files = ['config.json', 'README.md', ...copied];
  if (formats.includes('huggingface')) {
    // transformers reads no safetensors file that does not say its tensors are PyTorch's.
    await writeSafetensors(path.join(output, 'model.safetensors'), parameters, { format: 'pt' });
    files.push('model.safetensors');
  }
  if (formats.includes('onnx')) {
    await fs.mkdir(path.join(output, 'onnx'));
    await fs.writeFile(
      path.join(output, 'onnx', 'model.onnx'),
      buildInferenceOnnx({ base, head: headOf(labeling.task), labels: labeling.classes, parameters }),
    );
    files.push('onnx/model.onnx');
  }
  return files;
}

/** JSON whose numbers are written out as they were read: transformers refuses 2 where it wants 2.0. */
function parseAsWritten(text: string): Record<string, unknown> {
  const { parse, rawJSON } = JSON as unknown as {
    parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): Record<string, unknown>;
    rawJSON(text: string): unknown;
  };
  return parse(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source) : value));
}

async function exportedConfig(base: Base, { task, classes, words }: Labeling): Promise<Record<string, unknown>> {
  const { dtype: _, num_labels: __, ...config } = parseAsWritten(await fs.readFile(path.join(base.folder, 'config.json'), 'utf8'));
  return {
    ...config,
    architectures: [`${familyOf(base.family).architecture}For${task === 'ner' ? 'Token' : 'Sequence'}Classification`],
    id2label: Object.fromEntries(classes.map((name, index) => [index, name])),
    label2id: Object.fromEntries(classes.map((name, index) => [name, index])),
    problem_type: problems[task],
    [wordsField]: task === 'ner' ? words : undefined,
    torch_dtype: 'float32',
  };
}

async function copyTokenizer(from: string, to: string): Promise<string[]> {
  const present = new Set(await fs.readdir(from));
  const names = tokenizerFiles.filter((name) => present.has(name));
  for (const name of names) await fs.copyFile(path.join(from, name), path.join(to, name));
  return names;
}
