import path from 'node:path';
import ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { syntheticBatch } from '../../../tests/parity/batches.ts';
import { openBase } from '../models/base.ts';
import { openModel } from '../train/step.ts';
import { buildInferenceOnnx } from './onnx.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
const labels = ['a', 'b', 'c'];

it.each([
  ['bert', 'classification', 3],
  ['distilbert', 'token', 2],
  ['roberta', 'classification', 2],
  ['electra', 'classification', 3],
  ['mpnet', 'token', 2],
  ['albert', 'classification', 3],
  ['modernbert', 'classification', 2],
  ['deberta-v2', 'classification', 2],
  ['deberta-v2', 'token', 2],
] as const)('%s, %s: the file gives the model’s logits', async (name, head, inputs) => {
  const base = await openBase(path.join(models, name));
  const model = await openModel({ base, head, labels, frozen: [], dropout: null, seed: 1, device: 'cpu', threads: 1 });
  const file = buildInferenceOnnx({ base, head, labels, parameters: await model.parameters() });
  expect(Buffer.from(file).includes('com.microsoft')).toBe(false);
  const session = await ort.InferenceSession.create(file);
  expect(session.inputNames).toEqual(['input_ids', 'attention_mask', 'token_type_ids'].slice(0, inputs));
  expect(session.outputNames).toEqual(['logits']);
  for (const seed of [0, 5]) {
    const batch = syntheticBatch(head, seed, base.config.padId);
    const int64 = (data: ArrayLike<number>) => new ort.Tensor('int64', BigInt64Array.from(Array.from(data), BigInt), batch.shape);
    const feeds = {
      input_ids: int64(batch.ids),
      attention_mask: int64(batch.mask),
      token_type_ids: int64(new Int32Array(batch.ids.length)),
    };
    const { logits } = await session.run(
      Object.fromEntries(session.inputNames.map((input) => [input, feeds[input as keyof typeof feeds]])),
    );
    expect(logits.dims).toEqual(head === 'token' ? [...batch.shape, 3] : [batch.shape[0], 3]);
    (await model.logits(batch)).forEach((x, i) => expect((logits.data as Float32Array)[i]).toBeCloseTo(x, 5));
  }
  await model.close();
});
