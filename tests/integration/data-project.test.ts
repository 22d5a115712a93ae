import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import type { Metrics, Prediction } from '../../src/shared/domain.ts';
import { newProject, open, rows, temporaryFile, temporaryFolder } from './data-places.ts';

const all = { offset: 0, limit: 10, search: '', split: null, label: null, labeled: null };
const label = (id: number, name: string | null) => ({ id, annotation: { label: name, spans: null }, skipped: false });

describe('pages', () => {
  test('searched, filtered and counted', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'text,label\nA 100% match,x\nan other one,y\nAnother MATCH,\na_b,y\n');
    await project.importFile({ file, split: 'train' });
    const texts = async (filter: object) => (await project.page({ ...all, ...filter })).examples.map(({ text }) => text);
    expect(await texts({ search: 'match' })).toEqual(['A 100% match', 'Another MATCH']);
    expect(await texts({ search: '%' })).toEqual(['A 100% match']);
    expect(await texts({ search: '_' })).toEqual(['a_b']);
    expect(await texts({ label: 'y' })).toEqual(['an other one', 'a_b']);
    expect(await texts({ labeled: false })).toEqual(['Another MATCH']);
    expect(await texts({ split: 'test' })).toEqual([]);
    expect(await project.page({ ...all, offset: 1, limit: 2 })).toMatchObject({ total: 4, examples: [{ id: 2 }, { id: 3 }] });
    expect((await project.examples([4, 1, 99])).map(({ id }) => id)).toEqual([4, 1]);
  });
});

describe('labeling', () => {
  test('a note and a doubt stay with the example, beside its label, and can be taken back', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', 'text,label\none,x\ntwo,y\n') });
    const remark = { note: 'ask again', unsure: true };
    expect(await project.remark({ id: 1, remark })).toMatchObject({ id: 1, annotation: { label: 'x' }, remark });
    await project.annotate(label(1, 'y'));
    await project.undo();
    expect((await project.page(all)).examples).toMatchObject([{ id: 1, annotation: { label: 'x' }, remark }, { id: 2 }]);
    const before = await project.snapshot();
    expect(await project.remark({ id: 1, remark: { note: '', unsure: false } })).not.toHaveProperty('remark');
    expect((await project.snapshot()).hash).toBe(before.hash);
    expect(await project.undo()).toMatchObject({ title: 'note on text 1', example: { remark } });
    await expect(project.remark({ id: 99, remark })).rejects.toMatchObject({ code: 'internal' });
  });

  test('goes through what is unlabeled, and comes back to what was passed over', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', 'text,label\none,\ntwo,x\nthree,\nfour,\n') });
    expect(await project.next(null)).toMatchObject({ id: 1 });
    expect(await project.next(1)).toMatchObject({ id: 3 });
    await project.annotate(label(4, 'x'));
    await project.annotate({ ...label(3, null), skipped: true });
    expect(await project.next(3)).toMatchObject({ id: 1 });
    await project.annotate(label(1, 'x'));
    expect(await project.next(null)).toBeNull();
    expect(await project.beside(2, 'later')).toMatchObject({ id: 3 });
    expect(await project.beside(2, 'earlier')).toMatchObject({ id: 1 });
    expect(await project.beside(1, 'earlier')).toBeNull();
  });

  test('a new label, and one that is not there', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(3)) });
    await expect(project.annotate(label(1, 'new'))).rejects.toMatchObject({
      code: 'unknown_label',
      remedy: expect.stringContaining('no, yes'),
    });
    expect((await project.createLabel('new')).labels.map(({ name }) => name)).toEqual(['no', 'yes', 'new']);
    expect((await project.createLabel('new')).labels).toHaveLength(3);
    expect(await project.annotate(label(1, 'new'))).toMatchObject({ annotation: { label: 'new' } });
  });

  test('spans have to lie inside the text; they may overlap', async () => {
    const project = await newProject('ner');
    await project.importFile({ file: temporaryFile('a.csv', 'text\nAnn in York\n') });
    await project.createLabel('X');
    const mark = (...spans: [number, number][]) =>
      project.annotate({
        id: 1,
        annotation: { label: null, spans: spans.map(([start, end]) => ({ start, end, label: 'X' })) },
        skipped: false,
      });
    await expect(mark([0, 12])).rejects.toMatchObject({ code: 'wrong_format' });
    expect((await mark([2, 5], [0, 3], [0, 8], [0, 3])).annotation.spans).toEqual([
      { start: 0, end: 8, label: 'X' },
      { start: 0, end: 3, label: 'X' },
      { start: 2, end: 5, label: 'X' },
    ]);
    expect((await mark([7, 11], [0, 3])).annotation.spans).toEqual([
      { start: 0, end: 3, label: 'X' },
      { start: 7, end: 11, label: 'X' },
    ]);
    expect((await mark()).annotation.spans).toEqual([]);
    expect(await project.summary()).toMatchObject({ labeled: 1 });
    expect((await project.undo()).example?.annotation.spans).toHaveLength(2);
    await expect(project.annotate(label(1, 'X'))).rejects.toMatchObject({ code: 'wrong_format' });
  });

  test('undo and redo go on after a restart', async () => {
    const first = await newProject();
    await first.importFile({ file: temporaryFile('a.csv', 'text,label\none,a\ntwo,b\n') });
    await first.annotate(label(1, 'b'));
    await first.annotate(label(2, 'a'));
    await first.annotate({ ...label(1, null), skipped: true });
    expect(await first.undo()).toMatchObject({ example: { id: 1, annotation: { label: 'b' }, skipped: false } });
    await first.close();

    const second = await open(first.folder);
    expect(await second.undo()).toMatchObject({ example: { id: 2, annotation: { label: 'b' } } });
    expect(await second.undo()).toMatchObject({ example: { id: 1, annotation: { label: 'a' } } });
    expect(await second.undo()).toMatchObject({ title: null, example: null });
    expect(await second.redo()).toMatchObject({ example: { id: 1, annotation: { label: 'b' } } });
    await second.close();

    const third = await open(first.folder);
    expect(await third.redo()).toMatchObject({ example: { id: 2, annotation: { label: 'a' } } });
    await third.annotate(label(2, 'b'));
    expect(await third.redo()).toMatchObject({ title: null, example: null });
    expect(await third.undo()).toMatchObject({ example: { id: 2, annotation: { label: 'a' } } });
  });
});

describe('snapshots', () => {
  test('have the hash of their content, which comes back with it', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', 'text,label\none,a\ntwo,b\nthree,\n') });
    const before = await project.snapshot();
    expect(createHash('sha256').update(readFileSync(before.file)).digest('hex')).toBe(before.hash);
    expect(JSON.parse(readFileSync(before.file, 'utf8'))).toEqual({
      task: 'classification',
      labels: ['a', 'b'],
      examples: before.examples,
    });
    expect(before.examples.map(({ id }) => id)).toEqual([1, 2]);
    await project.annotate(label(1, 'b'));
    const changed = await project.snapshot();
    expect(changed.hash).not.toBe(before.hash);
    await project.undo();
    expect((await project.snapshot()).hash).toBe(before.hash);
    expect(readdirSync(join(project.folder, 'snapshots')).sort()).toEqual([`${before.hash}.json`, `${changed.hash}.json`].sort());
  });
});

describe('runs', () => {
  const metrics: Metrics = { examples: 2, accuracy: 0.5, perLabel: [{ label: 'no', precision: 1, recall: 0.5, f1: 2 / 3, support: 2 }] };
  const configuration = runConfigurationSchema.parse({ freeze: ['embeddings', '0'], seed: 7 });

  test('keep all that was said of them, over a restart', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(10)) });
    const { hash, labels } = await project.snapshot();
    const { run } = await project.createRun({ name: 'first', configuration, snapshot: hash, labels });
    const predictions: Prediction[] = [
      { exampleId: 2, label: 'yes', scores: [0.25, 0.75], spans: null },
      { exampleId: 5, label: null, scores: [], spans: [{ start: 0, end: 4, label: 'X', score: 0.5 }] },
    ];
    await project.updateRun(run, { status: 'running' });
    await project.addEpoch(run, { epoch: 1, step: 3, trainLoss: 0.7, validationLoss: 0.6, validation: metrics });
    await project.savePredictions(run, 'test', predictions);
    const finished = await project.updateRun(run, { status: 'finished', validation: metrics, test: metrics });
    expect([await project.countTestOpening(run), await project.countTestOpening(run)]).toEqual([1, 2]);
    await project.close();

    const again = await open(project.folder);
    expect(await again.runs()).toEqual([finished]);
    expect(await again.run(run)).toMatchObject({
      configuration,
      snapshot: hash,
      labels,
      status: 'finished',
      epochs: [{ trainLoss: 0.7 }],
      test: metrics,
    });
    expect(await again.predictions(run, 'test')).toEqual(predictions);
    expect(await again.predictions(run, 'validation')).toEqual([]);
    expect(await again.summary()).toMatchObject({ runs: 1 });
  });

  test('are removed with their files; a number is never used twice', async () => {
    const project = await newProject();
    const { hash } = await project.snapshot();
    const { run } = await project.createRun({ name: 'a', configuration, snapshot: hash, labels: [] });
    await expect(project.removeRun(run)).rejects.toMatchObject({ code: 'unavailable' });
    await project.updateRun(run, { status: 'failed', error: 'It failed.' });
    mkdirSync(project.runDirectory(run));
    writeFileSync(join(project.runDirectory(run), 'best.safetensors'), 'x');
    await project.removeRun(run);
    expect(existsSync(project.runDirectory(run))).toBe(false);
    await expect(project.run(run)).rejects.toMatchObject({ code: 'unknown_run' });
    expect((await project.createRun({ name: 'b', configuration, snapshot: hash, labels: [] })).run).not.toBe(run);
  });
});

describe('opening', () => {
  test('a folder without a project, a missing one, one with other files', async () => {
    const folder = temporaryFolder();
    await expect(open(folder)).rejects.toMatchObject({ code: 'unknown_project' });
    await expect(open(join(folder, 'none'))).rejects.toMatchObject({ code: 'unknown_project' });
    writeFileSync(join(folder, 'letter.txt'), 'dear');
    await expect(open(folder, { create: { task: 'ner', name: 'x' } })).rejects.toMatchObject({ code: 'unknown_project' });
    expect(readdirSync(folder)).toEqual(['letter.txt']);
    expect(await (await open(join(folder, 'made', 'here'), { create: { task: 'ner', name: 'x' } })).summary()).toMatchObject({
      name: 'x',
      task: 'ner',
    });
  });

  test('one that is there keeps its task and name', async () => {
    const project = await newProject();
    await project.close();
    expect(await (await open(project.folder, { create: { task: 'ner', name: 'other' } })).summary()).toMatchObject({
      name: 'Test',
      task: 'classification',
    });
  });
});
