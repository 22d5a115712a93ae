/**
 * What Thaw exports, other tools load, and it says the same there. With Python: THAW_PYTHON names a Python that has torch,
 * transformers and onnxruntime.
 */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { softmax } from '../../src/engine/evaluate/index.ts';
import { decodeSpans, openTokenizer, prepareTokens, toCodePoints, type TaggedWords } from '../../src/engine/text/index.ts';
import { pythonLogits, trainAndExport, transformersJsLogits, type Exported } from './thaw.ts';

const python = process.env.THAW_PYTHON;
const withPython = python ? '' : ' (skipped: THAW_PYTHON names no Python with torch, transformers and onnxruntime)';
const fixture = (name: string) => path.resolve(import.meta.dirname, '../fixtures/models', name);
const TOLERANCE = 1e-4;

/** What an exported token model's config.json says of its tags, and of the words that they are on. */
async function configOf(folder: string) {
  const config = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')) as unknown;
  return config as { id2label: Record<string, string>; thaw_words: TaggedWords };
}

function expectClose(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(Math.abs(value - expected[index])).toBeLessThanOrEqual(TOLERANCE));
}

describe.each([
  { base: fixture('bert'), name: 'bert', maxSteps: 6, maxLength: 48 },
  { base: fixture('roberta'), name: 'roberta', maxSteps: 6, maxLength: 48 },
  { base: fixture('electra'), name: 'electra', maxSteps: 6, maxLength: 48 },
  { base: fixture('mpnet'), name: 'mpnet', maxSteps: 6, maxLength: 48 },
  { base: fixture('modernbert'), name: 'modernbert', maxSteps: 6, maxLength: 48 },
  { base: fixture('albert'), name: 'albert', maxSteps: 6, maxLength: 48, unknownNormalizer: true },
  { base: fixture('deberta-v2'), name: 'deberta-v2', maxSteps: 6, maxLength: 48, unknownNormalizer: true },
  { base: 'all-MiniLM-L6-v2', name: 'the embedded base', maxSteps: 3, maxLength: 64 },
])('a classifier on $name', ({ base, maxSteps, maxLength, unknownNormalizer = false }) => {
  let exported: Exported;
  beforeAll(
    async () => (exported = await trainAndExport({ base, task: 'classification', maxLength, maxSteps, learningRate: 1e-3 })),
    300_000,
  );
  afterAll(() => rm(exported.home, { recursive: true, force: true }));
  const own = () => exported.predictions.map(({ logits }) => logits ?? []);

  // The tokenizer's normalizer is one that transformers.js does not know.
  it.skipIf(unknownNormalizer)('gives its logits in transformers.js', async () => {
    const found = await transformersJsLogits<number[]>(exported);
    expect(found.filter((logits) => logits !== null)).toHaveLength(exported.texts.length - 1);
    own().forEach((logits, index) => found[index] && expectClose(found[index], logits));
  });

  it.skipIf(!python)(`gives its logits in transformers and ONNX Runtime${withPython}`, async () => {
    const found = await pythonLogits<number[]>(python!, exported);
    expect(found.labels).toEqual(['negative', 'positive']);
    own().forEach((logits, index) => {
      expectClose(found.transformers[index], logits);
      expectClose(found.onnxruntime[index], logits);
    });
  });
});

describe('a model of several labels', () => {
  let exported: Exported;
  beforeAll(
    async () =>
      (exported = await trainAndExport({ base: fixture('bert'), task: 'multilabel', maxLength: 48, maxSteps: 60, learningRate: 2e-3 })),
    300_000,
  );
  afterAll(() => rm(exported.home, { recursive: true, force: true }));

  it('gives its logits in transformers.js', async () => {
    const found = await transformersJsLogits<number[]>(exported);
    expect(found.filter((logits) => logits !== null)).toHaveLength(exported.texts.length - 1);
    exported.predictions.forEach(({ logits }, index) => found[index] && expectClose(found[index], logits ?? []));
  });

  it.skipIf(!python)(`gives its logits, and with its thresholds its labels, in transformers and ONNX Runtime${withPython}`, async () => {
    const found = await pythonLogits<number[]>(python!, exported);
    expect(found).toMatchObject({ labels: ['bad', 'good'], problem: 'multi_label_classification' });
    exported.predictions.forEach(({ logits = [], labels }, index) => {
      expectClose(found.transformers[index], logits);
      expectClose(found.onnxruntime[index], logits);
      const reached = found.labels.filter((name, at) => 1 / (1 + Math.exp(-logits[at])) >= found.thresholds![name]);
      expect(labels).toEqual(reached);
    });
  });
});

describe.each(['distilbert', 'xlm-roberta'])('an entity tagger on %s', (name) => {
  let exported: Exported;
  beforeAll(
    async () => (exported = await trainAndExport({ base: fixture(name), task: 'ner', maxLength: 64, maxSteps: 120, learningRate: 5e-3 })),
    300_000,
  );

  afterAll(() => rm(exported.home, { recursive: true, force: true }));

  /** Thaw's reading of logits from elsewhere: they must make the very spans that it predicted. */
  async function expectSameSpans(logits: number[][][], tags: string[]): Promise<void> {
    const { thaw_words: cut } = await configOf(exported.folder);
    const cuts = exported.texts.map(() => cut);
    const prepared = await prepareTokens(await openTokenizer(exported.folder), exported.texts, [], tags, exported.maxLength, cuts);
    const spans = decodeSpans(
      prepared,
      logits.map((rows) => softmax(Float32Array.from(rows.flat()), tags.length)),
      tags,
    );
    exported.predictions.forEach(({ text, spans: own = [] }, index) => {
      const found = toCodePoints(text, spans[index]);
      expect(found.map(({ start, end, label }) => ({ start, end, label }))).toEqual(
        own.map(({ start, end, label }) => ({ start, end, label })),
      );
      expectClose(
        found.map(({ score }) => score),
        own.map(({ score }) => score),
      );
    });
  }

  it('predicts at least one entity, or there is nothing to compare', () => {
    expect(exported.predictions.flatMap(({ spans }) => spans ?? []).length).toBeGreaterThan(0);
  });

  // This tokenizer's normalizer is one that transformers.js does not know.
  it.skipIf(name === 'xlm-roberta')('finds the same entities in transformers.js', async () => {
    const { id2label } = await configOf(exported.folder);
    const logits = await transformersJsLogits<number[][]>(exported);
    expect(logits).not.toContain(null);
    await expectSameSpans(logits as number[][][], Object.values(id2label));
  });

  it.skipIf(!python)(`finds the same entities in transformers and ONNX Runtime${withPython}`, async () => {
    const found = await pythonLogits<number[][]>(python!, exported);
    found.transformers.forEach((rows, text) => rows.forEach((row, token) => expectClose(found.onnxruntime[text][token], row)));
    await expectSameSpans(found.transformers, found.labels);
    await expectSameSpans(found.onnxruntime, found.labels);
  });
});
