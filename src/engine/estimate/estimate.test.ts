import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runConfigurationSchema, type RunConfiguration, type Task } from '../../shared/domain.ts';
import { architectureOf } from '../models/base.ts';
import { estimate, memoryCeiling, type EstimateQuestion, type StageMemory } from './index.ts';
import { findFit } from './fit.ts';
import { planTraining } from './lengths.ts';
import { fitRates } from './rates.ts';

const models = path.resolve(import.meta.dirname, '../../../tests/fixtures/models');
const minilm = path.resolve(import.meta.dirname, '../../../resources/models/all-MiniLM-L6-v2');
const rates = { operations: 1e-11, elements: 1e-10, nodes: 5e-6, parameter: 1e-9 };
const texts = (count: number, longest: number) => ({ tokens: Array.from({ length: count }, (_, at) => 8 + (at % (longest - 7))), count });

interface Asked {
  folder?: string;
  task?: Task;
  availableMB?: number;
  count?: number;
  stages?: StageMemory;
}
function ask(
  options: Partial<RunConfiguration>,
  { folder = minilm, task = 'classification', availableMB = Infinity, count = 1000, stages }: Asked = {},
) {
  const head = task === 'ner' ? 'token' : 'classification';
  const question: EstimateQuestion = {
    specification: { ...architectureOf(folder), head, classes: 2 },
    task,
    configuration: runConfigurationSchema.parse(options),
    lengths: { train: texts(count, 200), validation: texts(100, 60), test: texts(100, 60), special: 2, words: 500 },
    rates,
    availableMB,
    cacheBytes: 2 ** 28,
  };
  return estimate(question, stages);
}

describe('parameters', () => {
  it('are those of BertForSequenceClassification with two labels', () => {
    expect(ask({})).toMatchObject({ totalParameters: 22_713_986, trainableParameters: 22_713_986 });
    expect(ask({ freeze: ['embeddings', '0', '1', '2', '3'] }).trainableParameters).toBe(3_697_538);
  });
});

describe('memory and time', () => {
  const both = (options: Partial<RunConfiguration>, asked?: Asked) => {
    const { memoryMB, seconds } = ask(options, asked);
    return [memoryMB!, seconds!];
  };
  it('rise with what is trained, and memory with the batch and the length', () => {
    const [memory, seconds] = both({});
    const [frozen, quicker] = both({ freeze: ['embeddings', '0', '1', '2', '3'] });
    expect(frozen).toBeLessThan(memory);
    expect(quicker).toBeLessThan(seconds);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 16, max: 180 }), (batchSize, maxLength) => {
        const at = (more: Partial<RunConfiguration>) => ask({ batchSize, maxLength, maxSteps: 1, ...more }, { stages }).memoryMB!;
        expect(at({ batchSize: 2 * batchSize })).toBeGreaterThan(at({}));
        expect(at({ maxLength: maxLength + 20 })).toBeGreaterThanOrEqual(at({}));
      }),
      { numRuns: 10 },
    );
  });
  const stages: StageMemory = new Map();
  it('hold one batch at a time where several make a step', () => {
    const [whole] = both({ batchSize: 64 });
    const [parts] = both({ batchSize: 16, accumulate: 4 });
    expect(parts).toBeLessThan(whole);
  });
  it('are as much longer as there are epochs, or cut short by a number of steps', () => {
    const { seconds } = ask({ epochs: 1 });
    expect(ask({ epochs: 3 }).seconds).toBeCloseTo(3 * seconds!, 5);
    expect(ask({ epochs: 3, maxSteps: 5 }).seconds).toBeLessThan(seconds! / 5);
  });
  it('of a large project come from a sample of it', () => {
    const all = ask({});
    const question = (count: number, tokens: number[]) => planTraining({ train: { tokens, count }, validation: texts(1, 9), test: texts(1, 9), special: 2, words: 500 }, 'classification', runConfigurationSchema.parse({})); // prettier-ignore
    expect(question(1000, texts(100, 60).tokens).count).toBe(63);
    expect(all.seconds).toBeGreaterThan(0);
  });
  it('are not known on a GPU', () => {
    expect(ask({ device: 'webgpu' })).toMatchObject({ memoryMB: null, seconds: null, refusal: null });
  });
  it('of gradual unfreezing lie between the head alone and everything', () => {
    const [, head] = both({ epochs: 8, freeze: ['embeddings', '0', '1', '2', '3', '4', '5'] });
    const [memory, gradual] = both({ epochs: 8, gradual: true });
    const [most, all] = both({ epochs: 8 });
    expect(gradual).toBeGreaterThan(head);
    expect(gradual).toBeLessThan(all);
    // On the way it keeps features of frozen layers besides.
    expect(memory).toBeGreaterThanOrEqual(most);
    expect(memory).toBeLessThan(1.5 * most);
  });
});

describe('a run that does not fit', () => {
  it('is refused with the largest batch that fits, of which a step takes more', () => {
    const need = ask({ batchSize: 8, accumulate: 4 }).memoryMB!;
    const { refusal, change } = ask({ batchSize: 32 }, { availableMB: need + 1 });
    expect(change).toEqual({ batchSize: 8, accumulate: 4 });
    expect(refusal?.message).toMatch(/^This run would need about .* of memory, and .* are available\.$/);
    expect(refusal?.remedy).toMatch(/a batch size of 8 and 4 batches a step: the same 32 texts a step/);
    expect(ask({ batchSize: 32, ...change }, { availableMB: need + 1 }).refusal).toBeNull();
  });
  it('is told of shorter texts where no batch fits, and of layers to freeze where those do not help', () => {
    const c = runConfigurationSchema.parse({ batchSize: 4, maxLength: 128 });
    const sides = { layers: ['embeddings', '0', '1'], longest: 100 };
    expect(findFit(c, ({ maxLength, batchSize }) => maxLength * batchSize, 50, sides)?.change).toEqual({
      batchSize: 1,
      accumulate: 4,
      maxLength: 48,
    });
    expect(findFit(c, ({ freeze }) => 100 - 20 * freeze.length, 60, sides)?.change).toEqual({ freeze: ['embeddings', '0'] });
    expect(findFit(c, () => 100, 60, sides)).toBeNull();
  });
  it('has a ceiling below which it need not be reckoned', () => {
    for (const family of fs.readdirSync(models))
      for (const task of ['classification', 'ner'] as const) {
        const folder = path.join(models, family);
        const configuration = runConfigurationSchema.parse({ batchSize: 32, maxLength: 60 });
        const specification = {
          ...architectureOf(folder),
          head: task === 'ner' ? ('token' as const) : ('classification' as const),
          classes: 2,
        };
        const ceiling = memoryCeiling(specification, configuration, { count: 1200, units: 1200 * 60 });
        expect(ceiling).toBeGreaterThan(1.25 * ask(configuration, { folder, task }).memoryMB!);
      }
    const configuration = runConfigurationSchema.parse({ batchSize: 64, maxLength: 200 });
    const specification = { ...architectureOf(minilm), head: 'classification' as const, classes: 2 };
    expect(memoryCeiling(specification, configuration, { count: 1200, units: 1200 * 60 })).toBeGreaterThan(
      1.25 * ask(configuration).memoryMB!,
    );
  });
});

it('finds the rates that explain what was seen', () => {
  const work = (elements: number, nodes: number) => {
    const seconds = 2e-10 * elements + 4e-6 * nodes;
    return { work: { operations: 0, elements, nodes }, seconds, rest: seconds };
  };
  const found = fitRates([work(1e8, 500), work(3e6, 500), work(1e5, 400)]);
  expect(found.elements / 2e-10).toBeCloseTo(1, 4);
  expect(found.nodes / 4e-6).toBeCloseTo(1, 4);
});
