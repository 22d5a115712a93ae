/** The engine against PyTorch and transformers on tiny models of every family. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { batchOf, checkFolder, passes, type Reference } from '../../scripts/parity.ts';
import { openBase, openModel, type HeadKind } from '../../src/engine/index.ts';

const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
const folder = (name: string) => path.join(fixtures, 'models', name);

describe('tokens, logits, six AdamW steps', () => {
  it.each(['bert', 'bert-cased-post', 'distilbert', 'roberta', 'xlm-roberta', 'electra', 'mpnet', 'albert', 'modernbert', 'deberta-v2'])(
    '%s',
    async (name) => {
      const checks = await checkFolder(folder(name));
      expect(checks).toHaveLength(12);
      expect(checks.filter((check) => !passes(check))).toEqual([]);
    },
  );
});

interface Case {
  folder: string;
  head: HeadKind;
  frozen: string[];
  losses: number[];
  gradientNorms: number[];
  norms: Record<string, number>;
}
const steps: {
  options: { learningRate: number; weightDecay: number; clip: number; betas: [number, number]; epsilon: number };
  cases: Case[];
} = JSON.parse(fs.readFileSync(path.join(fixtures, 'steps-expected.json'), 'utf8'));
describe('parameter groups, clipping, layers frozen in the middle', () => {
  it.each(steps.cases)('$folder, $head, $frozen frozen', async ({ folder: name, head, frozen, losses, gradientNorms, norms }) => {
    const base = await openBase(folder(name), { weights: head === 'token' ? 'token.safetensors' : 'model.safetensors' });
    const reference: Reference = JSON.parse(fs.readFileSync(path.join(folder(name), 'expected.json'), 'utf8'));
    const model = await openModel({
      base,
      head,
      labels: ['a', 'b', 'c'],
      frozen,
      dropout: null,
      seed: 1,
      device: 'cpu',
      threads: 1,
      keepHead: true,
    });
    const before = await model.parameters();
    for (const [i, loss] of losses.entries()) {
      const batch = batchOf(reference, head, base.config.padId, i % 2 ? [5, 10] : [0, 5]);
      const result = await model.step(batch, { ...steps.options, decayAll: false });
      expect(result.loss).toBeCloseTo(loss, 4);
      expect(result.gradientNorm).toBeCloseTo(gradientNorms[i], 4);
    }
    const after = await model.parameters();
    expect(model.trained().sort()).toEqual(Object.keys(norms).sort());
    for (const [parameter, norm] of Object.entries(norms))
      expect(Math.abs(Math.sqrt(after.get(parameter)!.data.reduce((sum, x) => sum + x * x, 0)) - norm), parameter).toBeLessThan(1e-3);
    for (const [parameter, { data }] of before) if (!(parameter in norms)) expect(after.get(parameter)!.data).toEqual(data);
    await model.close();
  });
});
