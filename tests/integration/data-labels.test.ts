/** Projects whose texts carry several labels: what is imported, labeled, taken back, found and kept in snapshots. */
import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import { newProject, open, temporaryFile } from './data-places.ts';

const all = { offset: 0, limit: 10, search: '', split: null, label: null, labeled: null };
const file = () => temporaryFile('a.csv', "text,labels\none,x|y\ntwo,[]\nthree,\nfour,y\none,x\nfive,\"['x'\n");

test('counts add up, and no label at all is not the same as unlabeled', async () => {
  const project = await newProject('multilabel');
  const report = await project.importFile({ file: file() });
  expect(report).toMatchObject({ read: 6, imported: 5, rejected: [{ line: 7 }], duplicates: 1, labels: ['x', 'y'] });
  expect(report.notes).toEqual([expect.stringContaining('“|”'), expect.stringContaining('1 rows without a label')]);
  expect(Object.values(report.splits).reduce((a, b) => a + b)).toBe(5);
  expect(await project.summary()).toMatchObject({ examples: 5, labeled: 4, labels: [{ count: 2 }, { count: 2 }] });
  const { examples } = await project.page(all);
  expect(examples.map(({ annotation }) => annotation)).toEqual([
    { label: null, labels: ['x', 'y'], spans: null },
    { label: null, labels: [], spans: null },
    { label: null, spans: null },
    { label: null, labels: ['y'], spans: null },
    { label: null, labels: ['x'], spans: null },
  ]);
  expect(examples[0].split).toBe(examples[4].split);
  const texts = async (filter: object) => (await project.page({ ...all, ...filter })).examples.map(({ text }) => text);
  expect(await texts({ label: 'y' })).toEqual(['one', 'four']);
  expect(await texts({ labeled: false })).toEqual(['three']);
});

test('labeling is on disk, in the project’s order, and can be taken back', async () => {
  const project = await newProject('multilabel');
  await project.importFile({ file: file() });
  const give = (...labels: string[]) => project.annotate({ id: 3, annotation: { label: null, labels, spans: null }, skipped: false });
  expect((await give('y', 'x')).annotation.labels).toEqual(['x', 'y']);
  expect((await give()).annotation.labels).toEqual([]);
  expect((await project.summary()).labeled).toBe(5);
  await project.close();
  const again = await open(project.folder);
  expect((await again.undo()).example?.annotation.labels).toEqual(['x', 'y']);
  expect((await again.undo()).example?.annotation.labels).toBeUndefined();
  expect((await again.summary()).labeled).toBe(4);
  expect((await again.redo()).example?.annotation.labels).toEqual(['x', 'y']);
  await expect(again.annotate({ id: 3, annotation: { label: null, labels: ['z'], spans: null }, skipped: false })).rejects.toMatchObject({
    code: 'unknown_label',
  });
  await expect(again.annotate({ id: 3, annotation: { label: 'x', spans: null }, skipped: false })).rejects.toMatchObject({
    code: 'wrong_format',
  });
});

test('a snapshot has the labels; those of other tasks are written as before', async () => {
  const project = await newProject('multilabel');
  await project.importFile({ file: file() });
  const snapshot = await project.snapshot();
  expect(snapshot.examples.map(({ labels }) => labels)).toEqual([['x', 'y'], [], ['y'], ['x']]);
  const single = await newProject();
  await single.importFile({ file: temporaryFile('b.csv', 'text,label\none,x\ntwo,y\n') });
  expect(readFileSync((await single.snapshot()).file, 'utf8')).not.toContain('"labels":null');
});

test('predictions keep their labels', async () => {
  const project = await newProject('multilabel');
  await project.importFile({ file: file() });
  const { hash } = await project.snapshot();
  await project.createRun({ name: 'R', configuration: runConfigurationSchema.parse({}), snapshot: hash, labels: ['x', 'y'] });
  const predictions = [
    { exampleId: 1, label: null, labels: ['x'], scores: [0.9, 0.1], spans: null },
    { exampleId: 2, label: null, labels: [], scores: [0.2, 0.1], spans: null },
  ];
  await project.savePredictions('r1', 'test', predictions);
  expect(await project.predictions('r1', 'test')).toEqual(predictions);
});

test('a run says what it thinks of a validation text, by present names, and never of a test text', async () => {
  const project = await newProject('multilabel');
  await project.importFile({ file: file(), split: 'validation' });
  await project.importFile({ file: temporaryFile('t.csv', 'text,labels\nsix,x\n'), split: 'test' });
  const { hash } = await project.snapshot();
  const run = { name: 'R', configuration: runConfigurationSchema.parse({}), snapshot: hash, labels: ['x', 'y'] };
  await project.createRun({ ...run, name: 'older' });
  await project.createRun(run);
  const said = (exampleId: number, scores: number[]) => ({ exampleId, label: null, labels: ['x'], scores, spans: null });
  await project.savePredictions('r1', 'validation', [said(1, [0.6, 0.2]), said(2, [0.7, 0.3])]);
  await project.savePredictions('r2', 'validation', [said(1, [0.9, 0.1])]);
  await project.savePredictions('r2', 'test', [said(6, [0.9, 0.1])]);
  const { labels } = await project.summary();
  await project.updateLabel({ id: labels[0].id, patch: { name: 'z' } });
  expect(await project.suggestion(1)).toEqual({
    source: 'run',
    run: 'r2',
    name: 'R',
    labels: ['z'],
    scores: [
      { label: 'z', score: 0.9 },
      { label: 'y', score: 0.1 },
    ],
    spans: null,
  });
  expect(await project.suggestion(2)).toMatchObject({ run: 'r1', name: 'older', labels: ['z'] });
  expect(await project.suggestion(3)).toBeNull();
  expect(await project.suggestion(6)).toBeNull();
  expect((await project.predictions('r2', 'validation'))[0].labels).toEqual(['z']);
});

test('spans that overlap are read, written and counted', async () => {
  const project = await newProject('ner');
  const spans = [
    { start: 0, end: 8, label: 'B' },
    { start: 0, end: 3, label: 'A' },
    { start: 7, end: 11, label: 'A' },
  ];
  const lines = [
    { text: 'Ann of York', spans },
    { text: 'Bonn', spans: [{ start: 0, end: 4, label: 'A' }] },
  ];
  const content = lines.map((line) => JSON.stringify(line)).join('\n');
  expect(await project.importFile({ file: temporaryFile('a.jsonl', content), split: 'train' })).toMatchObject({
    imported: 2,
    rejected: [],
  });
  expect((await project.example(1)).annotation.spans).toEqual(spans);
  expect(await project.overlaps()).toEqual({ spans: 4, leftOut: 2 });
});
