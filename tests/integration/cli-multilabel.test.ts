/** Several labels a text, through the command line: import, train, predict, compare, export, with a tiny model. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison, ExportReport, ImportReport, Run, RunFigures } from '../../src/shared/domain.ts';
import { fixture, temporaryFolder, thaw, thawJson } from './thaw.ts';

type Trained = RunFigures & Pick<Run, 'run' | 'validation' | 'test'>;
interface Line {
  text: string;
  labels: string[];
  scores: Record<string, number>;
  logits: number[];
}

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  project = path.join(folder, 'project');
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const signs = { battery: 'the battery is good', food: 'the food is bad', film: 'a film to see' };
const texts = Array.from({ length: 120 }, (_, index) => {
  const labels = Object.keys(signs).filter((_, at) => (index >> at) % 2 === 1) as (keyof typeof signs)[];
  return { text: [`number ${index}`, ...labels.map((label) => signs[label])].join(', '), labels };
});
const training = (...more: string[]) => {
  const fixed = ['--project', project, '--base', fixture('bert'), '--max-length', '48', '--threads', '1', '--lr', '2e-3'];
  return ['train', ...fixed, '--epochs', '4', '--batch-size', '8', ...more] as const;
};
const predicted = (output: string): Line[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('several labels a text', () => {
  let trained: Trained;

  it('are imported with counts that add up', async () => {
    const file = path.join(folder, 'texts.jsonl');
    await fs.writeFile(file, texts.map((row) => `${JSON.stringify(row)}\n`).join('') + '{"text":"x","labels":{}}\n');
    const report = await thawJson<ImportReport>('import', file, '--project', project, '--task', 'multilabel');
    expect(report).toMatchObject({ read: 121, imported: 120, rejected: [{ line: 121 }], labels: ['battery', 'film', 'food'] });
    // Texts that differ in a digit alone are near-duplicates, which stay together: one more here, one less there.
    expect(report.splits).toEqual({ train: 96, validation: 13, test: 11 });
  });

  it('are trained, and judged by micro F1 at tuned thresholds', async () => {
    trained = await thawJson<Trained>(...training());
    const { validation, test } = trained;
    expect(validation?.perLabel.map(({ label }) => label)).toEqual(['battery', 'film', 'food']);
    expect(test?.perLabel.map(({ threshold }) => threshold)).toEqual(validation?.perLabel.map(({ threshold }) => threshold));
    expect(validation?.microF1).toBeGreaterThan(0.7);
    expect(test?.accuracy).toBeLessThanOrEqual(1);
    const { output } = await thaw(['runs', '--project', project]);
    expect(output).toContain(`${((validation?.microF1 ?? 0) * 100).toFixed(1)} %`);
  });

  it('are predicted alike by the run and by its export', async () => {
    const output = path.join(folder, 'exported');
    const report = await thawJson<ExportReport>(
      'export',
      trained.run,
      '--project',
      project,
      '--format',
      'huggingface,onnx',
      '--output',
      output,
    );
    expect(report.verified.largestDifference).toBeLessThan(1e-4);
    const thresholds = Object.fromEntries(trained.validation?.perLabel.map(({ label, threshold }) => [label, threshold]) ?? []);
    const config = JSON.parse(await fs.readFile(path.join(output, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({ problem_type: 'multi_label_classification', label_thresholds: thresholds });
    expect(await fs.readFile(path.join(output, 'README.md'), 'utf8')).toMatch(/\| battery \| 0\.\d{3} \|/);
    const input = `${texts[7].text}\nnumber 8\n`;
    const byRun = predicted((await thaw(['predict', '--project', project, '--run', trained.run, '--input', '-'], { input })).output);
    const byFolder = predicted((await thaw(['predict', '--model', output, '--max-length', '48', '--input', '-'], { input })).output);
    for (const [index, line] of byRun.entries()) {
      expect(Object.keys(line)).toEqual(['text', 'labels', 'scores', 'logits']);
      expect(line.labels).toEqual(Object.keys(line.scores).filter((label) => line.scores[label] >= (thresholds[label] ?? 1)));
      expect(byFolder[index].labels).toEqual(line.labels);
      Object.values(line.scores).forEach((score, at) => expect(score).toBeCloseTo(1 / (1 + Math.exp(-line.logits[at])), 6));
    }
  });

  it('are compared by micro F1 and its bootstrap', async () => {
    const other = await thawJson<Trained>(...training('--freeze', 'embeddings,0-2', '--max-steps', '2'));
    const found = await thawJson<Comparison>('compare', other.run, trained.run, '--project', project);
    expect(found).toMatchObject({ metric: 'microF1', test: 'paired bootstrap', examples: 11 });
    expect(found.values[1]).toBeCloseTo(trained.test?.microF1 ?? 0, 12);
    expect(found.values[0]).toBeCloseTo(other.test?.microF1 ?? 0, 12);
  });

  it('take neither class weights nor label smoothing', async () => {
    for (const option of [
      ['--class-weights', 'balanced'],
      ['--label-smoothing', '0.1'],
    ]) {
      const { code, errors } = await thaw([...training(...option)]);
      expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringMatching(/only where/) });
    }
  });
});
