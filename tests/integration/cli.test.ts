/** The command line from import to export, with a tiny model. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison, ExportReport, ImportReport, Run, RunFigures } from '../../src/shared/domain.ts';
import { entities, fixture, sentiment, temporaryFolder, thaw, thawJson } from './thaw.ts';

type Trained = RunFigures & Pick<Run, 'run' | 'validation' | 'test'>;

let folder: string;
beforeAll(async () => void (folder = await temporaryFolder()));
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const training = (project: string, ...more: string[]) =>
  [
    'train',
    '--project',
    project,
    '--base',
    fixture('bert'),
    '--max-length',
    '64',
    '--lr',
    '1e-3',
    '--epochs',
    '1',
    '--threads',
    '1',
    ...more,
  ] as const;

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await fs.readFile(file))
    .digest('hex');
}

describe('classification', () => {
  let project: string;
  let trained: Trained;
  beforeAll(async () => {
    project = path.join(folder, 'classification');
    const report = await thawJson<ImportReport>('import', await sentiment(folder, 200), '--project', project);
    expect(report.read).toBe(report.imported + report.rejected.length);
    trained = await thawJson<Trained>(...training(project, '--log', path.join(folder, 'log.jsonl')));
  });

  it('trains and says what the command line promises', async () => {
    expect(trained.steps).toBe(10);
    expect(trained.validation?.examples).toBe(20);
    expect(trained.test?.accuracy).toBeGreaterThan(0);
    for (const key of [
      'trainSeconds',
      'prepareSeconds',
      'validationSeconds',
      'checkpointSeconds',
      'examplesPerSecond',
      'peakMemoryMB',
    ] as const)
      expect(trained[key]).toBeGreaterThan(0);
    const log = (await fs.readFile(path.join(folder, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    expect(log.map((line) => line.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(Object.keys(log[0])).toEqual(['step', 'loss', 'learningRate', 'tokens', 'ms']);
    expect(log[0].learningRate).toBeCloseTo(1e-3);
    const { runs } = await thawJson<{ runs: Run[] }>('runs', '--project', project);
    expect(runs).toMatchObject([
      {
        run: trained.run,
        status: 'finished',
        configuration: { learningRate: 1e-3, threads: 1 },
        test: { accuracy: trained.test?.accuracy },
      },
    ]);
  });

  it('exports a verified model that predicts as the run does', async () => {
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
    expect(report.files).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'README.md', 'onnx/model.onnx']),
    );
    expect(report.verified.examples).toBe(40);
    expect(report.verified.largestDifference).toBeLessThan(1e-4);

    const config = JSON.parse(await fs.readFile(path.join(output, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      id2label: { 0: 'negative', 1: 'positive' },
      problem_type: 'single_label_classification',
    });
    const input = 'a fine film 😀\n{not json}\n';
    const byRun = await thaw(['predict', '--project', project, '--run', trained.run, '--input', '-'], { input });
    const byFolder = await thaw(['predict', '--model', output, '--max-length', '64', '--input', '-'], { input });
    const [first, second] = [byRun, byFolder].map(({ output: lines }) =>
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    expect(first).toHaveLength(2);
    expect(Object.keys(first[0])).toEqual(['text', 'label', 'scores', 'logits']);
    expect(Object.values(first[0].scores as Record<string, number>).reduce((a, b) => a + b)).toBeCloseTo(1);
    first.forEach((line, index) =>
      line.logits.forEach((value: number, at: number) => expect(value).toBeCloseTo(second[index].logits[at], 4)),
    );
  });

  it('replaces an earlier export and nothing else', async () => {
    const output = path.join(folder, 'twice');
    for (const _ of [1, 2]) await thawJson('export', trained.run, '--project', project, '--format', 'huggingface', '--output', output);
    const { code, errors } = await thaw(['export', trained.run, '--project', project, '--format', 'huggingface', '--output', folder]);
    expect(code).toBe(1);
    expect(errors).toMatch(/is not empty/);
  });

  it('repeats a run bit for bit in another process, from its configuration alone', async () => {
    const { runs } = await thawJson<{ runs: Run[] }>('runs', '--project', project);
    const file = path.join(folder, 'configuration.json');
    await fs.writeFile(file, JSON.stringify(runs[0]));
    const again = await thawJson<Trained>('train', '--project', project, '--config', file);
    expect(again.test).toEqual(trained.test);
    const hashes = [];
    for (const run of [trained.run, again.run]) {
      const output = path.join(folder, `repeat-${run}`);
      await thawJson('export', run, '--project', project, '--format', 'huggingface', '--output', output);
      hashes.push(await sha256(path.join(output, 'model.safetensors')));
    }
    expect(hashes[0]).toBe(hashes[1]);
    const comparison = await thawJson<Comparison>('compare', trained.run, again.run, '--project', project);
    expect(comparison).toMatchObject({ metric: 'accuracy', difference: 0, pValue: 1, flips: { fixed: 0, broken: 0 } });
  });

  it('solves for the head alone, which is exported as any run, and refuses what steps would take', async () => {
    const options = ['--project', project, '--base', fixture('bert'), '--max-length', '64', '--threads', '1', '--head-only'];
    const run = await thawJson<Trained>('train', ...options);
    const { runs } = await thawJson<{ runs: Run[] }>('runs', '--project', project);
    const { configuration, validation } = runs.find(({ run: id }) => id === run.run)!;
    expect(configuration).toMatchObject({ headOnly: true, freeze: ['embeddings', '0', '1', '2'] });
    expect(validation).toEqual(run.validation);
    const output = path.join(folder, 'head-only');
    const report = await thawJson<ExportReport>(
      'export',
      run.run,
      '--project',
      project,
      '--format',
      'huggingface,onnx',
      '--output',
      output,
    );
    expect(report.verified.largestDifference).toBeLessThan(1e-4);
    const { code, errors } = await thaw(['train', ...options, '--epochs', '5', '--lr', '1e-3']);
    expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringContaining('it has no epochs, learningRate') });
  });
});

describe('entities', () => {
  it('go from import to a verified export, and offsets leave as code points', async () => {
    const project = path.join(folder, 'entities');
    const report = await thawJson<ImportReport>('import', await entities(folder, 120), '--project', project);
    expect(report.labels).toEqual(expect.arrayContaining(['LOC', 'ORG', 'PER']));
    const trained = await thawJson<Trained>(...training(project, '--base', fixture('distilbert'), '--epochs', '2'));
    expect(trained.test?.f1).toBeTypeOf('number');
    const output = path.join(folder, 'entities-exported');
    const exported = await thawJson<ExportReport>(
      'export',
      trained.run,
      '--project',
      project,
      '--format',
      'huggingface,onnx',
      '--output',
      output,
    );
    expect(exported.verified.largestDifference).toBeLessThan(1e-4);
    const { output: lines } = await thaw(['predict', '--model', output, '--input', '-'], { input: '{"text":"😀 Paris and London"}\n' });
    const { text, spans } = JSON.parse(lines) as { text: string; spans: { start: number; end: number; label: string; score: number }[] };
    for (const { start, end } of spans) expect([...text].slice(start, end).join('')).toMatch(/^\S.*\S$|^\S$/u);
  });

  it('are found in free text by the words that a corpus taught, from the run and from its export', async () => {
    const project = path.join(folder, 'tokens');
    const file = path.join(folder, 'tokens.conll');
    const verbs = ['bought', 'sold', 'sued', 'hired', 'left'];
    const sentences = Array.from({ length: 120 }, (_, index) => `${verbs[index % 5]} O\nAT&T B-ORG\nshares O\nin O\nMay O`);
    await fs.writeFile(file, sentences.join('\n\n'));
    await thawJson('import', file, '--project', project);
    const trained = await thawJson<Trained>(...training(project, '--epochs', '8', '--lr', '5e-3'));
    const output = path.join(folder, 'tokens-exported');
    await thawJson('export', trained.run, '--project', project, '--format', 'huggingface', '--output', output);
    const input = 'sold AT&T shares, in May.\n';
    for (const source of [
      ['--project', project, '--run', trained.run],
      ['--model', output],
    ]) {
      const { output: line } = await thaw(['predict', ...source, '--input', '-'], { input });
      expect(JSON.parse(line).spans).toMatchObject([{ start: 5, end: 9, label: 'ORG' }]);
    }
  });
});

describe('wrong usage ends with code 2', () => {
  it.each([
    ['an unknown command', ['tune']],
    ['an option it does not have', ['train', '--project', 'x', '--optimizer', 'sgd']],
    ['a schedule it does not have', ['train', '--project', 'x', '--schedule', 'polynomial']],
    ['a missing project', ['train']],
    ['a value that is no number', ['train', '--project', 'x', '--epochs', 'three']],
    ['a value out of range', ['train', '--project', 'x', '--lr', '-1']],
    ['a layer that is no name', ['train', '--project', 'x', '--freeze', 'pooler']],
    ['three runs', ['compare', 'a', 'b', 'c', '--project', 'x']],
    ['a run without its project', ['predict', '--run', 'r1', '--input', '-']],
    ['a format it does not write', ['export', 'r1', '--project', 'x', '--format', 'gguf', '--output', 'y']],
  ])('%s', async (_, args) => {
    const { code, output, errors } = await thaw(args);
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(errors).toMatch(/^error: /);
  });
});

describe('a failure ends with code 1 and one line', () => {
  let project: string;
  beforeAll(async () => {
    project = path.join(folder, 'failures');
    await thawJson('import', await sentiment(folder, 60), '--project', project);
  });

  async function failure(...args: string[]): Promise<string> {
    const { code, output, errors } = await thaw(args);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(
      errors
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('error: ')),
    ).toHaveLength(1);
    return errors;
  }

  it('no project', async () => expect(await failure('runs', '--project', path.join(folder, 'nowhere'))).toContain('nowhere'));
  it('no file, and no project left behind', async () => {
    const made = path.join(folder, 'made');
    expect(await failure('import', path.join(folder, 'missing.csv'), '--project', made)).toContain('missing.csv');
    await expect(fs.access(made)).rejects.toThrow();
  });
  it('a second file that is not there: the first is named, and stays', async () => {
    const made = path.join(folder, 'half');
    const first = await sentiment(folder, 20, 'first.csv');
    const said = await failure('import', first, path.join(folder, 'missing.csv'), '--project', made);
    expect(said).toContain('missing.csv does not exist');
    expect(said).toMatch(/Already imported.*first\.csv/);
    expect((await thaw(['runs', '--project', made])).code).toBe(0);
  });
  it('a folder that is no model', async () =>
    expect(await failure('train', '--project', project, '--base', folder)).toMatch(/not a model folder/));
  it('a model without a head', async () =>
    expect(await failure('predict', '--model', 'all-MiniLM-L6-v2', '--input', '/dev/null')).toMatch(/head/));
  it('a token model with tags that are no IOB2', async () => {
    const strange = path.join(folder, 'strange-tags');
    await fs.cp(fixture('bert'), strange, { recursive: true });
    await fs.rename(path.join(strange, 'token.safetensors'), path.join(strange, 'model.safetensors'));
    const file = path.join(strange, 'config.json');
    const config = JSON.parse(await fs.readFile(file, 'utf8'));
    const id2label = Object.fromEntries(['O', 'NOUN', 'VERB', 'X', 'Y'].map((tag, index) => [index, tag]));
    await fs.writeFile(file, JSON.stringify({ ...config, architectures: ['BertForTokenClassification'], id2label }));
    expect(await failure('predict', '--model', strange, '--input', '-')).toMatch(/“NOUN”.*IOB2/);
  });
  it('safetensors that end early', async () => {
    const cut = path.join(folder, 'cut');
    await fs.cp(fixture('bert'), cut, { recursive: true });
    await fs.truncate(path.join(cut, 'model.safetensors'), 100_000);
    expect(await failure('train', '--project', project, '--base', cut)).toMatch(
      /ends early.*model.safetensors|model.safetensors.*ends early/,
    );
  });
  it('a layer the base does not have', async () => expect(await failure(...training(project, '--freeze', '7'))).toMatch(/no layer 7/));
  it('everything frozen', async () => expect(await failure(...training(project, '--freeze', 'embeddings,0-2,head'))).toMatch(/frozen/));
  it('a run that is not there', async () =>
    expect(await failure('export', 'r99', '--project', project, '--format', 'onnx', '--output', path.join(folder, 'o'))).toMatch(/r99/));
  it('one class only', async () => {
    const one = path.join(folder, 'one');
    const file = path.join(folder, 'one.csv');
    await fs.writeFile(file, ['text,label', ...Array.from({ length: 30 }, (_, index) => `text ${index},good`)].join('\n'));
    await thawJson('import', file, '--project', one);
    expect(await failure(...training(one))).toMatch(/one class only/);
  });
  it('a label that is in the test split alone', async () => {
    const unlearnt = path.join(folder, 'unlearnt');
    const file = path.join(folder, 'unlearnt.csv');
    await fs.writeFile(file, 'text,label\nneither this nor that,neutral\n');
    await thawJson('import', await sentiment(folder, 20), '--project', unlearnt);
    await thawJson('import', file, '--project', unlearnt, '--split', 'test');
    expect(await failure(...training(unlearnt))).toMatch(/“neutral” \(1 in test\)\. Label some training examples/);
    expect((await thawJson<{ runs: Run[] }>('runs', '--project', unlearnt)).runs).toEqual([]);
  });
  it('an empty validation split', async () => {
    const empty = path.join(folder, 'empty');
    await thawJson('import', await sentiment(folder, 20), '--project', empty, '--split', 'train');
    expect(await failure(...training(empty))).toMatch(/validation split/);
  });
});
