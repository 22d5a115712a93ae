import { expect, it } from 'vitest';
import { runConfigurationSchema, type RunConfiguration } from '../../shared/domain.ts';
import { checkLayerOptions, checkTaskOptions } from './contradictions.ts';

const layers = ['embeddings', '0', '1', 'head'];
const configuration = (change: Partial<RunConfiguration>) => runConfigurationSchema.parse(change);

it.each<Partial<RunConfiguration>>([
  {},
  { layerDecay: 0.9, freeze: ['embeddings', '0'] },
  { reinitTop: 2 },
  { reinitTop: 1, freeze: ['embeddings', '0'] },
  { learningRateScale: { embeddings: 0.1, head: 10 }, layerDecay: 0.8 },
  { gradual: true, epochs: 2, freeze: ['embeddings', '0'] },
  { lora: 8, freeze: ['embeddings', '0'], layerDecay: 0.9, gradual: true },
  { lora: 4, learningRateScale: { 0: 0.5, head: 2 } },
  { headOnly: true, freeze: ['embeddings', '0', '1'], classWeights: 'balanced', maxLength: 64, seed: 3, threads: 2 },
])('takes %o', (change) => expect(() => checkLayerOptions(configuration(change), layers)).not.toThrow());
it.each<[Partial<RunConfiguration>, string]>([
  [{ learningRateScale: { 2: 0.5 } }, 'no layer 2'],
  [{ learningRateScale: { 0: 0.5 }, freeze: ['0'] }, 'Layer 0 is frozen'],
  [{ reinitTop: 3 }, 'has 2 layers'],
  [{ reinitTop: 1, freeze: ['1'] }, 'Layer 1 is frozen'],
  [{ reinitTop: 1, freeze: ['head'] }, 'The head is frozen'],
  [{ layerDecay: 0.9, freeze: ['embeddings', '0', '1'] }, 'Only head is trained'],
  [{ gradual: true, freeze: ['embeddings', '0', '1'] }, 'Only head is trained'],
  [{ gradual: true, epochs: 1 }, 'there is only one'],
  [{ gradual: true, device: 'webgpu' }, 'processor'],
  [{ lora: 8, freeze: ['0', '1'] }, 'there is none to put adapters into'],
  [{ lora: 8, reinitTop: 1 }, 'would never learn'],
  [{ lora: 8, base: 'scratch' }, 'would never learn'],
  [{ lora: 8, learningRateScale: { embeddings: 0.5 } }, 'Layer embeddings is frozen'],
  [{ lora: 8, headOnly: true, freeze: ['embeddings', '0', '1'] }, 'it has no lora'],
  [{ headOnly: true, freeze: ['embeddings', '0'] }, 'all else is frozen'],
  [{ headOnly: true, freeze: ['embeddings', '0', '1', 'head'] }, 'all else is frozen'],
  [{ headOnly: true, freeze: ['embeddings', '0', '1'], device: 'webgpu' }, 'processor'],
  [{ headOnly: true, freeze: ['embeddings', '0', '1'], epochs: 2, dropout: 0.1 }, 'it has no epochs, dropout'],
])('refuses %o', (change, message) =>
  expect(() => checkLayerOptions(configuration(change), layers)).toThrow(
    expect.objectContaining({ code: 'unknown_option', message: expect.stringContaining(message) }),
  ),
);
it('takes class weights for single labels, smoothing for those that exclude each other', () => {
  const balanced = configuration({ classWeights: 'balanced' });
  expect(() => checkTaskOptions(balanced, 'classification')).not.toThrow();
  expect(() => checkTaskOptions(balanced, 'ner')).toThrow(expect.objectContaining({ code: 'unknown_option' }));
  expect(() => checkTaskOptions(configuration({ labelSmoothing: 0.1 }), 'multilabel')).toThrow(
    expect.objectContaining({ code: 'unknown_option' }),
  );
  expect(() => checkTaskOptions(configuration({ labelSmoothing: 0.1 }), 'ner')).not.toThrow();
});
