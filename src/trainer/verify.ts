/** Checks an export against the run it came from: loads the files from disk and compares logits on real texts. */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { ThawError } from '../shared/errors.ts';
import type { Batch } from '../engine/index.ts';
import { collate } from '../engine/text/batches.ts';
import { prepareExamples, type Examples } from '../engine/train/dataset.ts';
import { itemLogits } from '../engine/train/evaluation.ts';
import type { ExportFormat, JobOf, ResultOf, RunSource } from './messages.ts';
import { openRun, openSource, type OpenedModel } from './model.ts';

const tolerance = 1e-3;

export async function performVerification(
  { source, formats, output, texts }: JobOf<'verify'>,
  signal: AbortSignal,
): Promise<ResultOf<'verify'>> {
  return { type: 'verify', examples: texts.length, largestDifference: await verifyExport(source, formats, output, texts, signal) };
}

/** The largest difference of any logit. @throws verification_failed above 1e-3 */
async function verifyExport(
  source: RunSource,
  formats: ExportFormat[],
  output: string,
  texts: string[],
  signal: AbortSignal,
): Promise<number> {
  const own = await openRun(source);
  const expected = await ownLogits(own, texts, signal);
  await own.model.close();

  let largest = 0;
  for (const format of formats) {
    const actual = format === 'onnx' ? await onnxLogits(output, expected.examples) : await folderLogits(output, source, texts, signal);
    const difference = largestDifference(expected.logits, actual);
    if (!(difference <= tolerance)) throw failed(format, difference, output);
    largest = Math.max(largest, difference);
  }
  return largest;
}

async function ownLogits({ model, labeling, tokenizer, maxLength }: OpenedModel, texts: string[], signal: AbortSignal) {
  const inputs = texts.map((text, id) => ({ id, text, label: null, spans: null }));
  const examples = await prepareExamples(labeling, tokenizer, inputs, maxLength);
  return { examples, logits: await itemLogits(model, examples, tokenizer.padId, signal) };
}

async function folderLogits(
  folder: string,
  { maxLength, threads }: RunSource,
  texts: string[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const opened = await openSource({ kind: 'folder', folder, maxLength, threads });
  const { logits } = await ownLogits(opened, texts, signal);
  await opened.model.close();
  return logits;
}

async function onnxLogits(folder: string, { items }: Examples): Promise<Float32Array[]> {
  const session = await ort.InferenceSession.create(path.join(folder, 'onnx', 'model.onnx'));
  const logits: Float32Array[] = [];
  for (const item of items) {
    const outputs = await session.run(feedsOf(collate([item], 0), session.inputNames));
    logits.push(outputs[session.outputNames[0]].data as Float32Array);
  }
  await session.release();
  return logits;
}

/** int64 inputs of shape [batch, length], by name. */
function feedsOf({ shape, ids, mask }: Batch, names: readonly string[]): Record<string, ort.Tensor> {
  const tensor = (values: ArrayLike<number>) => new ort.Tensor('int64', BigInt64Array.from(Array.from(values, BigInt)), shape);
  const feeds: Record<string, ort.Tensor> = { input_ids: tensor(ids), attention_mask: tensor(mask) };
  if (names.includes('token_type_ids')) feeds.token_type_ids = tensor(new Int32Array(ids.length));
  return feeds;
}

function largestDifference(expected: Float32Array[], actual: Float32Array[]): number {
  let largest = expected.length === actual.length ? 0 : Infinity;
  expected.forEach((row, index) => {
    if (row.length !== actual[index]?.length) largest = Infinity;
    row.forEach((value, at) => {
      const difference = Math.abs(value - actual[index]?.[at]);
      largest = Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
    });
  });
  return largest;
}

const failed = (format: ExportFormat, difference: number, output: string) =>
  new ThawError({
    code: 'verification_failed',
    message: `The exported ${format} model does not answer as the run does: its logits are off by ${difference.toPrecision(2)} (limit ${tolerance}).`,
    remedy: 'The files were not kept. Please report this.',
    place: { file: output },
  });
