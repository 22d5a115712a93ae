import { expect, test } from 'vitest';
import type { BaseModel } from '../../../shared/domain.ts';
import { baseName, gradientDepth, listLayers, presetFreeze, presetOf, stackOf, suggestName, trainedParameters } from './recipe.ts';

const model: BaseModel = {
  name: 'six',
  folder: '/six',
  family: 'bert',
  parameters: 700,
  maxLength: 512,
  hiddenSize: 8,
  dropout: 0.1,
  licence: null,
  layers: [
    { name: 'embeddings', parameters: 100, adapterParameters: 0 },
    ...['0', '1', '2', '3', '4', '5'].map((name) => ({ name, parameters: 100, adapterParameters: 7 })),
  ],
};
const stack = stackOf(model, 10);

test('the stack has the output at the top', () => {
  expect(stack.map((layer) => layer.title)).toEqual([
    'Head',
    'Layer 5',
    'Layer 4',
    'Layer 3',
    'Layer 2',
    'Layer 1',
    'Layer 0',
    'Embeddings',
  ]);
});

test('presets freeze from below', () => {
  expect(presetFreeze(stack, 'head')).toHaveLength(7);
  expect(presetFreeze(stack, 'top')).toEqual(['3', '2', '1', '0', 'embeddings']);
  expect(presetFreeze(stack, 'all')).toEqual([]);
  expect(presetOf(stack, new Set(['embeddings', '0', '1', '2', '3']), false)).toBe('top');
  expect(presetOf(stack, new Set(['3']), false)).toBeNull();
});

test('gradients go down to the lowest trained layer', () => {
  expect(gradientDepth(stack, new Set(presetFreeze(stack, 'head')))).toBe(1);
  expect(gradientDepth(stack, new Set(['5', '4']))).toBe(8);
  expect(gradientDepth(stack, new Set(stack.map((layer) => layer.name)))).toBe(0);
});

test('trained parameters are those of the layers that are not frozen', () => {
  expect(trainedParameters(stack, new Set(presetFreeze(stack, 'top')), 0)).toEqual({ total: 710, trained: 210 });
});

test('adapters leave what has no matrices as it is, and train a few parameters beside the rest', () => {
  const frozen = new Set(presetFreeze(stack, 'lora'));
  expect([...frozen]).toEqual(['embeddings']);
  expect([presetOf(stack, frozen, true), presetOf(stack, frozen, false), presetOf(stack, new Set(), true)]).toEqual(['lora', null, null]);
  // Six layers of 7 a rank, and the head.
  expect(trainedParameters(stack, frozen, 8)).toEqual({ total: 710, trained: 6 * 7 * 8 + 10 });
  expect(suggestName(stack, frozen, true, [])).toBe('LoRA');
  expect(suggestName(stack, new Set(['embeddings', '0', '1']), true, [])).toBe('LoRA, layer 2 and above');
});

test('frozen layers are listed in words', () => {
  expect(listLayers(['embeddings', '0', '1', '2', '3'])).toBe('Embeddings and layers 0–3');
  expect(listLayers(['1', '3'])).toBe('Layers 1, 3');
  expect(listLayers(['4'])).toBe('Layer 4');
  expect(listLayers(['positions', 'embeddings', '0'])).toBe('Embeddings, relative positions and layer 0');
});

test('what a run started from has a name', () => {
  expect(baseName('/models/bert-base/')).toBe('bert-base');
  expect(baseName('r3')).toBe('run r3');
  expect(baseName('scratch')).toBe('random weights (all-MiniLM-L6-v2)');
});

test('a suggested name is not taken', () => {
  expect(suggestName(stack, new Set(), false, [])).toBe('Everything');
  expect(suggestName(stack, new Set(), false, ['Everything', 'Everything 2'])).toBe('Everything 3');
  expect(suggestName(stack, new Set(['embeddings', '0']), false, [])).toBe('Layer 1 and above');
  expect(suggestName(stack, new Set(['3']), false, [])).toBe('Chosen layers');
});

test('what has no number stands between the embeddings and the layers', () => {
  const layers = ['embeddings', 'positions', '0', '1', 'head'].map((name) => ({ name, parameters: 1, adapterParameters: 1 }));
  const titles = stackOf({ ...model, layers }, 1).map(({ title }) => title);
  expect(titles).toEqual(['Head', 'Layer 1', 'Layer 0', 'Relative positions', 'Embeddings']);
});
