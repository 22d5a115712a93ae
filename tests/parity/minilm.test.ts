/** The embedded base model against transformers: hidden states of the first token and their mean over the tokens. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openBase } from '../../src/engine/index.ts';
import { input, trace } from '../../src/engine/graph/index.ts';
import { familyOf } from '../../src/engine/models/base.ts';
import { embed, encode } from '../../src/engine/models/encoder.ts';
import { standIns } from '../../src/engine/models/graphs.ts';
import { baseParameters } from '../../src/engine/models/parameters.ts';
import { float32, int32, openSession } from '../../src/engine/runtimes/onnx.ts';
import { openTokenizer } from '../../src/engine/text/tokenizer.ts';

interface Reference {
  texts: string[];
  input_ids: number[][];
  cls: number[][];
  mean_pooled: number[][];
}
const root = path.join(import.meta.dirname, '..', '..');
const folder = path.join(root, 'resources', 'models', 'all-MiniLM-L6-v2');
const reference: Reference = JSON.parse(fs.readFileSync(path.join(root, 'tests', 'fixtures', 'minilm-expected.json'), 'utf8'));
const MAX_LENGTH = 128;

it('gives the same tokens', async () => {
  const encoded = await (await openTokenizer(folder)).encode(reference.texts);
  expect(encoded.map(({ ids }) => (ids.length > MAX_LENGTH ? [...ids.slice(0, MAX_LENGTH - 1), ids.at(-1)] : ids))).toEqual(
    reference.input_ids,
  );
});

it('gives the same hidden states', async () => {
  const base = await openBase(folder);
  const { config } = base;
  const family = familyOf(base.family);
  const sizes = standIns({ family, config, head: 'token', classes: 2 });
  const parameters = baseParameters(family, config);
  const { graph, outputs } = trace(sizes, 'fused', () => {
    const shape: [number, number] = [sizes.batch, sizes.length];
    const [ids, mask] = [input('ids', shape, 'int32'), input('mask', shape)];
    const values = new Map(parameters.map(({ role, name, shape }) => [role, input(name, shape)]));
    const p = (role: string) => values.get(role)!;
    return {
      hidden: encode(
        { family, config, head: 'token', adapters: null, p, drop: () => null, shape },
        embed(p, { family, config }, ids),
        mask,
      ),
    };
  });
  const session = await openSession(graph.encode(outputs), { device: 'cpu', threads: 1 });
  const weights = Object.fromEntries(
    parameters.filter(({ layer }) => layer !== 'head').map(({ name, shape }) => [name, float32(base.read(name).data, shape)]),
  );
  for (const [i, tokens] of reference.input_ids.entries()) {
    const length = tokens.length;
    const feeds = {
      ...weights,
      ids: int32(Int32Array.from(tokens), [1, length]),
      mask: float32(new Float32Array(length).fill(1), [1, length]),
    };
    const hidden = (await session.run(feeds)).hidden.data as Float32Array;
    const column = (at: number) => Array.from({ length }, (_, token) => hidden[token * config.hidden + at]);
    reference.cls[i].forEach((value, at) => expect(hidden[at]).toBeCloseTo(value, 4));
    reference.mean_pooled[i].forEach((value, at) => expect(column(at).reduce((a, b) => a + b, 0) / length).toBeCloseTo(value, 4));
  }
  await session.release();
});
