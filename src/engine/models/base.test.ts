import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeBase, layerOf, openBase, totalAndTrainable } from './base.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
const bert = path.join(models, 'bert');
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-base-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));
const copy = (...files: string[]) => files.forEach((file) => fs.copyFileSync(path.join(bert, file), path.join(folder, file)));
const withConfig = (change: object) =>
  fs.writeFileSync(
    path.join(folder, 'config.json'),
    JSON.stringify({ ...JSON.parse(fs.readFileSync(path.join(bert, 'config.json'), 'utf8')), ...change }),
  );

it('reads a folder, by names with the prefix or without', async () => {
  const base = await openBase(bert);
  expect(base).toMatchObject({
    name: 'bert',
    family: 'bert',
    labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'],
    config: { hidden: 32, layers: 3, heads: 4, inner: 64, vocabulary: 900 },
  });
  expect(base.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(base.read('bert.embeddings.word_embeddings.weight').shape).toEqual([900, 32]);
});
it.each(['bert', 'distilbert', 'roberta', 'xlm-roberta', 'electra'])('describes %s layer by layer', async (name) => {
  const { layers, parameters, family } = await describeBase(path.join(models, name));
  expect(family).toBe(name);
  expect(layers.map((layer) => layer.name).slice(0, 4)).toEqual(['embeddings', '0', '1', '2']);
  expect(layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(parameters);
  expect(layers[1].parameters).toBe(8544); // 4·(32²+32) + 2·32·64 + 64 + 32 + 4·32
});
it('says of a folder without config.json that it is no model', () =>
  expect(openBase(folder)).rejects.toMatchObject({ code: 'not_a_model' }));
it('says of a folder that is not there that it is no model', () =>
  expect(openBase(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'not_a_model' }));
it('says of a folder without weights that it is no model', async () => {
  copy('config.json');
  await expect(openBase(folder)).rejects.toMatchObject({ code: 'not_a_model', message: expect.stringContaining('model.safetensors') });
});
it('names the supported families', async () => {
  withConfig({ model_type: 'gpt2' });
  await expect(openBase(folder)).rejects.toMatchObject({
    code: 'unsupported_model',
    message: expect.stringContaining('bert, distilbert, roberta, xlm-roberta, electra, mpnet, albert, modernbert, deberta-v2'),
  });
});
it('refuses relative positions and unknown activations', async () => {
  withConfig({ position_embedding_type: 'relative_key' });
  await expect(openBase(folder)).rejects.toMatchObject({ code: 'unsupported_model' });
  withConfig({ hidden_act: 'swish' });
  await expect(openBase(folder)).rejects.toMatchObject({ code: 'unsupported_model', message: expect.stringContaining('gelu') });
});
it.each([
  ['deberta-v2', { conv_kernel_size: 3 }],
  ['deberta-v2', { position_biased_input: true }],
  ['deberta-v2', { share_att_key: false }],
  ['deberta-v2', { pos_att_type: 'c2p' }],
  ['deberta-v2', { position_buckets: -1 }],
  ['modernbert', { norm_bias: true }],
  ['modernbert', { classifier_pooling: 'max' }],
  ['albert', { inner_group_num: 2 }],
])('refuses %s with %o and names the field', async (name, change) => {
  const json = JSON.parse(fs.readFileSync(path.join(models, name, 'config.json'), 'utf8'));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...json, ...change }));
  await expect(openBase(folder)).rejects.toMatchObject({ code: 'unsupported_model', place: { field: Object.keys(change)[0] } });
});
it('names the tensor that does not fit config.json', async () => {
  copy('model.safetensors');
  withConfig({ vocab_size: 901 });
  await expect(openBase(folder)).rejects.toMatchObject({
    code: 'damaged_file',
    place: { field: 'bert.embeddings.word_embeddings.weight' },
  });
});
it('names the field that is wrong', async () => {
  withConfig({ num_hidden_layers: 'six' });
  await expect(openBase(folder)).rejects.toMatchObject({ code: 'not_a_model', place: { field: 'num_hidden_layers' } });
});
it.each([
  ['bert', 'bert.embeddings.LayerNorm.bias', 'embeddings'],
  ['bert', 'encoder.layer.2.output.dense.weight', '2'],
  ['bert', 'bert.pooler.dense.weight', 'head'],
  ['distilbert', 'distilbert.transformer.layer.2.ffn.lin1.bias', '2'],
  ['roberta', 'classifier.out_proj.weight', 'head'],
  ['electra', 'electra.embeddings_project.weight', 'embeddings'],
  ['mpnet', 'mpnet.encoder.relative_attention_bias.weight', 'positions'],
  ['albert', 'albert.encoder.embedding_hidden_mapping_in.weight', 'projection'],
  ['deberta-v2', 'deberta.encoder.LayerNorm.weight', 'positions'],
  ['deberta-v2', 'deberta.encoder.rel_embeddings.weight', 'embeddings'],
  ['modernbert', 'layers.1.attn_norm.weight', '1'],
  ['modernbert', 'model.final_norm.weight', 'head'],
  ['albert', 'encoder.albert_layer_groups.0.albert_layers.0.ffn.weight', '0'],
])('finds in %s the layer of %s: %s', async (family, parameter, layer) => {
  expect(layerOf(await openBase(path.join(models, family)), parameter)).toBe(layer);
});
it('describes layers that share their weights as one', async () => {
  const { layers, parameters } = await describeBase(path.join(models, 'albert'));
  expect(layers.map(({ name }) => name)).toEqual(['embeddings', 'projection', '0', 'head']);
  // 16·(900+64+2) + 2·16, 32·16 + 32, 4·(32²+32) + 2·32·64 + 64 + 32 + 4·32, 32² + 32
  expect(layers.map((layer) => layer.parameters)).toEqual([15488, 544, 8544, 1056]);
  expect(parameters).toBe(25632);
});
it('counts all and trained parameters', async () => {
  const base = await openBase(bert);
  const { total, trainable } = totalAndTrainable(base, 'classification', ['a', 'b', 'c'], []);
  expect(trainable).toBe(total);
  expect(totalAndTrainable(base, 'classification', ['a', 'b', 'c'], ['0', '1'])).toEqual({ total, trainable: total - 2 * 8544 });
});
