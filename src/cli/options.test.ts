import { describe, expect, it } from 'vitest';
import { parseDropout, parseFormats, parseFreeze, parseNumber, parseScale, runConfiguration } from './options.ts';

describe('parseFreeze', () => {
  it('spells ranges out', () => expect(parseFreeze('embeddings,0-3')).toEqual(['embeddings', '0', '1', '2', '3']));
  it('names each layer once', () => expect(parseFreeze('1,0-1,head')).toEqual(['1', '0', 'head']));
  it.each(['pooler', '3-1', '', '0-', '0-99999'])('refuses %j', (text) => expect(() => parseFreeze(text)).toThrow());
});

describe('parseDropout', () => {
  it('takes one number for all', () => expect(parseDropout('0.1')).toBe(0.1));
  it('takes sites', () => expect(parseDropout('hidden=0.1,head=0')).toEqual({ hidden: 0.1, head: 0 }));
  it.each(['', 'x', 'hidden=', 'layer=0.1', 'head=1', 'head=0.1,head=0.2'])('refuses %j', (text) =>
    expect(() => parseDropout(text)).toThrow(),
  );
});

describe('parseScale', () => {
  it('gives every layer of a range the factor', () =>
    expect(parseScale('embeddings=0.1,0-1=0.5,head=2')).toEqual({ embeddings: 0.1, 0: 0.5, 1: 0.5, head: 2 }));
  it.each(['head', 'head=', 'head=x', 'pooler=1', '0-2=1,1=2'])('refuses %j', (text) => expect(() => parseScale(text)).toThrow());
});

describe('runConfiguration', () => {
  it('has the documented defaults', () => {
    const expected = {
      epochs: 3,
      learningRate: 5e-5,
      batchSize: 16,
      maxLength: 128,
      weightDecay: 0.01,
      warmup: 0,
      schedule: 'linear',
      clip: 1,
      order: 'grouped',
      seed: 1,
    };
    expect(runConfiguration({})).toMatchObject(expected);
  });
  it('names the option that is wrong', () => expect(() => runConfiguration({ learningRate: -1 })).toThrow(/--lr/));
});

it('refuses what is no number', () => expect(() => parseNumber('ten')).toThrow());
it('reads formats', () => expect(parseFormats('huggingface, onnx')).toEqual(['huggingface', 'onnx']));
it('refuses formats it does not have', () => expect(() => parseFormats('gguf')).toThrow());
