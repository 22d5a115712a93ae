/** Two annotators: texts go out, are labeled elsewhere, and the answers come in. */
import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkHasTexts, fillFromExchange, readExchange, takeExchange, writeExchange } from '../../src/main/exchange/index.ts';
import type { Project } from '../../src/main/database/index.ts';
import type { Annotation, Task } from '../../src/shared/domain.ts';
import { newProject, open, temporaryFile, temporaryFolder } from './data-places.ts';
import { thaw, thawJson } from './thaw.ts';

const all = { offset: 0, limit: 100 };
const examplesOf = async (project: Project) => (await project.page(all)).examples;
const one = (label: string): Annotation => ({ label, spans: null });

/** Four texts labeled by Ana, one not labeled. */
async function ofAna(): Promise<Project> {
  const project = await newProject();
  await project.signAs('Ana');
  await project.importFile({ file: temporaryFile('a.csv', 'text\none\ntwo\nthree\nfour\nfive\n') });
  for (const label of ['x', 'y']) await project.createLabel(label);
  for (const [index, label] of ['x', 'y', 'x', 'y'].entries())
    await project.annotate({ id: index + 1, annotation: one(label), skipped: false });
  return project;
}

/** The file of `from`, opened as a project of its own by `name`. */
async function openedBy(name: string, from: Project, options: { share?: number; seed?: number } = {}): Promise<Project> {
  const output = join(temporaryFolder(), 'out.jsonl');
  await writeExchange(from, { output, ...options });
  const file = await readExchange(output, 'out.jsonl');
  checkHasTexts(file, 'out.jsonl');
  const project = await open(temporaryFolder(), { create: { task: file.header.task, name: file.header.name } });
  await project.signAs(name);
  await fillFromExchange(project, { file, fileName: 'out.jsonl' });
  return project;
}

async function sendBack(from: Project, to: Project, as: string | null = null) {
  const output = join(temporaryFolder(), 'back.jsonl');
  await writeExchange(from, { output, withLabels: true });
  return takeExchange(to, { file: await readExchange(output, 'back.jsonl'), fileName: 'back.jsonl', as });
}

test('out, labeled elsewhere, in: the answers stand beside the labels, agreement is known, and nothing is overwritten', async () => {
  const ana = await ofAna();
  await ana.updateLabel({ id: (await ana.summary()).labels[0].id, patch: { guideline: 'When in doubt.', examples: ['one'] } });
  const ben = await openedBy('Ben', ana);
  expect(await ben.summary()).toMatchObject({
    examples: 5,
    labeled: 0,
    labels: [
      { name: 'x', guideline: 'When in doubt.', examples: ['one'] },
      { name: 'y', guideline: '' },
    ],
  });
  expect((await examplesOf(ben)).map(({ split }) => split)).toEqual((await examplesOf(ana)).map(({ split }) => split));
  for (const [index, label] of ['x', 'y', 'y', 'y', 'x'].entries())
    await ben.annotate({ id: index + 1, annotation: one(label), skipped: false });
  const before = await examplesOf(ana);
  expect(await sendBack(ben, ana)).toEqual({
    texts: 0,
    answers: 5,
    annotators: ['Ben'],
    added: 5,
    changed: 0,
    known: 0,
    unknown: 0,
    textChanged: 0,
    unknownLabels: [],
  });
  expect(await examplesOf(ana)).toEqual(before);
  expect(await sendBack(ben, ana)).toMatchObject({ added: 0, changed: 0, known: 5 });
  expect(await ana.agreement()).toMatchObject({
    annotators: [
      { name: 'Ana', texts: 4 },
      { name: 'Ben', texts: 5 },
    ],
    brought: ['Ben'],
    texts: 4,
    same: 3,
    pairs: [
      {
        measure: 'kappa',
        value: 0.5,
        confusion: [
          [1, 1],
          [0, 2],
        ],
      },
    ],
  });
  expect(await ana.disagreements()).toEqual([{ id: 3, settled: false }]);
  await ben.annotate({ id: 3, annotation: one('x'), skipped: false });
  expect(await sendBack(ben, ana)).toMatchObject({ added: 0, changed: 1, known: 4 });
  expect(await ana.disagreements()).toEqual([]);
});

test('a settled disagreement is an ordinary label that undo takes back; agreement stays what it was', async () => {
  const ana = await ofAna();
  const ben = await openedBy('Ben', ana);
  for (const id of [1, 2, 3]) await ben.annotate({ id, annotation: one('y'), skipped: false });
  await sendBack(ben, ana);
  const { pairs } = await ana.agreement();
  expect((await ana.disagreements()).map(({ id }) => id)).toEqual([1, 3]);
  await ana.signAs('Cleo');
  await ana.settle({ id: 1, annotation: one('y') });
  // As it was already: that too is a decision, and a step of its own.
  await ana.settle({ id: 3, annotation: one('x') });
  expect((await ana.example(1)).annotation.label).toBe('y');
  expect(await ana.disagreements()).toEqual([
    { id: 1, settled: true },
    { id: 3, settled: true },
  ]);
  expect((await ana.disagreement(1)).answers.map(({ annotator, annotation }) => [annotator, annotation.label])).toEqual([
    ['Ana', 'x'],
    ['Ben', 'y'],
  ]);
  expect((await ana.agreement()).pairs).toEqual(pairs);
  expect(await ana.undo()).toMatchObject({ title: 'settling of text 3: label “x”' });
  expect(await ana.disagreements()).toEqual([
    { id: 1, settled: true },
    { id: 3, settled: false },
  ]);
  await ana.undo();
  expect((await ana.example(1)).annotation.label).toBe('x');
  expect((await ana.redo()).title).toBe('settling of text 1: label “y”');
  expect((await ana.agreement()).pairs).toEqual(pairs);
});

test('answers follow labels that are renamed and merged; those of texts that changed, are gone or of unknown labels are counted', async () => {
  const ana = await ofAna();
  const ben = await openedBy('Ben', ana);
  for (const id of [1, 2, 3, 4]) await ben.annotate({ id, annotation: one('y'), skipped: false });
  await ben.createLabel('new');
  await ben.annotate({ id: 5, annotation: one('new'), skipped: false });
  const [x, y] = (await ana.summary()).labels;
  await ana.updateLabel({ id: y.id, patch: { name: 'yes' } });
  await ana.changeMany({ ids: [2] }, { kind: 'delete' });
  expect(await sendBack(ben, ana)).toMatchObject({ added: 3, unknown: 1, unknownLabels: [{ label: 'new', answers: 1 }] });
  expect((await ana.disagreement(1)).answers.at(-1)).toMatchObject({ annotator: 'Ben', annotation: { label: 'yes' } });
  await ana.mergeLabel({ id: y.id, into: x.id });
  expect((await ana.disagreement(1)).answers.map(({ annotation }) => annotation.label)).toEqual(['x', 'x']);
  await ana.undo();
  await ana.deleteLabel(y.id);
  expect((await ana.disagreement(1)).answers).toHaveLength(1);
});

test('two people of one name are told apart, and a second share joins the first', async () => {
  const ana = await ofAna();
  const ben = await openedBy('Ana', ana, { share: 2 });
  const first = await examplesOf(ben);
  expect(first).toHaveLength(2);
  const output = join(temporaryFolder(), 'all.jsonl');
  await writeExchange(ana, { output });
  const more = await takeExchange(ben, { file: await readExchange(output, 'all.jsonl'), fileName: 'all.jsonl' });
  expect(more).toMatchObject({ texts: 3, answers: 0 });
  expect((await examplesOf(ben)).map(({ text }) => text).sort()).toEqual(['five', 'four', 'one', 'three', 'two']);
  for (const { id } of await examplesOf(ben)) await ben.annotate({ id, annotation: one('x'), skipped: false });
  await expect(sendBack(ben, ana)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('“Ana”') as string });
  expect(await sendBack(ben, ana, 'Ben')).toMatchObject({ added: 5, annotators: ['Ben'] });
  const again = await openedBy('Cleo', ana, { share: 2 });
  expect((await examplesOf(again)).map(({ text }) => text)).toEqual(first.map(({ text }) => text));
});

test.each([
  ['is no exchange file', 'wrong_format', 1, (lines: string[]) => ['{"text":"a"}', ...lines.slice(1)]],
  [
    'was written by a later Thaw',
    'wrong_format',
    1,
    (lines: string[]) => [lines[0].replace('"version":1', '"version":2'), ...lines.slice(1)],
  ],
  ['is cut short', 'damaged_file', 3, (lines: string[]) => lines.slice(0, 3)],
  ['is damaged in line 3', 'damaged_file', 3, (lines: string[]) => [...lines.slice(0, 2), lines[2].slice(0, 20), ...lines.slice(3)]],
  ['text 1 is not as it was sent', 'damaged_file', 2, (lines: string[]) => [lines[0], lines[1].replace('one', 'One'), ...lines.slice(2)]],
  ['text 1 is there twice', 'damaged_file', 3, (lines: string[]) => [lines[0], lines[1], lines[1], ...lines.slice(3)]],
])('a file of which is said “%s” is refused with its place', async (message, code, line, change) => {
  const ana = await ofAna();
  const output = join(temporaryFolder(), 'out.jsonl');
  await writeExchange(ana, { output });
  writeFileSync(output, change(readFileSync(output, 'utf8').trimEnd().split('\n')).join('\n'));
  await expect(readExchange(output, 'sent.jsonl')).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
    place: { file: 'sent.jsonl', line },
  });
});

test('a file of another project is refused by that project’s name, and a span beyond its text by its line', async () => {
  const [ana, other] = [await ofAna(), await ofAna()];
  await expect(sendBack(other, ana)).rejects.toMatchObject({
    code: 'unknown_project',
    message: expect.stringContaining('“Test”') as string,
  });
  const ner = await newProject('ner');
  await ner.importFile({ file: temporaryFile('a.jsonl', '{"text":"Bonn","spans":[{"start":0,"end":4,"label":"Place"}]}\n') });
  const ben = await openedBy('Ben', ner);
  await ben.annotate({ id: 1, annotation: { label: null, spans: [{ start: 0, end: 4, label: 'Place' }] }, skipped: false });
  const output = join(temporaryFolder(), 'back.jsonl');
  await writeExchange(ben, { output, withLabels: true });
  writeFileSync(output, readFileSync(output, 'utf8').replace('"end":4', '"end":40'));
  // Ends beyond the text are cut at its end only where the text has surrogates: this one has none.
  const file = await readExchange(output, 'back.jsonl');
  await expect(takeExchange(ner, { file, fileName: 'back.jsonl' })).rejects.toMatchObject({ code: 'wrong_format', place: { line: 2 } });
});

const said: Record<Task, (text: string, pick: number) => Annotation> = {
  classification: (_, pick) => one(pick % 2 ? 'x y' : '“z”'),
  multilabel: (_, pick) => ({ label: null, labels: ['x y', '“z”'].slice(0, pick % 3), spans: null }),
  ner: (text, pick) => {
    const characters = [...text];
    const from = pick % characters.length;
    const start = characters.slice(0, from).join('').length;
    const spans = [
      { start, end: start + characters[from].length, label: 'x y' },
      { start: 0, end: text.length, label: '“z”' },
    ];
    return { label: null, spans: pick % 3 === 0 ? [] : spans };
  },
};

test.each(['classification', 'multilabel', 'ner'] as const)('what goes out comes back as it was: %s, with any text', async (task) => {
  const piece = fc.oneof(
    fc.constantFrom('🙂', 'שלום', 'مرحبا', '\r\n', '\u2028', '"', '\\', 'e\u0301', '👩‍👩‍👧', ' '),
    fc.string({ unit: 'grapheme' }),
  );
  const texts = fc.array(
    fc.array(piece, { minLength: 1 }).map((parts) => parts.join('')).filter((text) => text.trim() !== ''), // prettier-ignore
    { minLength: 1, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), async (some, picks) => {
      const ana = await newProject(task);
      await ana.signAs('Ana');
      const rows = some.map((text) => JSON.stringify({ text })).join('\n');
      await ana.importFile({ file: temporaryFile('a.jsonl', rows), text: 'text' });
      for (const label of ['x y', '“z”']) await ana.createLabel(label);
      const ben = await openedBy('Ben', ana);
      const sent = await examplesOf(ana);
      expect((await examplesOf(ben)).map(({ text }) => text)).toEqual(sent.map(({ text }) => text));
      const labeled = sent.filter((_, index) => picks[index] % 5 !== 0);
      for (const { id, text } of labeled) await ben.annotate({ id, annotation: said[task](text, picks[id - 1]), skipped: false });
      if (labeled.length === 0) return;
      expect(await sendBack(ben, ana)).toMatchObject({ added: labeled.length, unknown: 0, textChanged: 0, unknownLabels: [] });
      for (const { id } of labeled) expect((await ana.disagreement(id)).answers[0].annotation).toEqual((await ben.example(id)).annotation);
      await Promise.all([ana.close(), ben.close()]);
    }),
    { numRuns: 3 },
  );
});

test('`thaw exchange` and `thaw agreement` do it from the command line', async () => {
  const ana = await ofAna();
  await ana.close();
  const [out, back] = [join(temporaryFolder(), 'out.jsonl'), join(temporaryFolder(), 'back.jsonl')];
  const elsewhere = join(temporaryFolder(), 'ben');
  expect(await thawJson('exchange', 'out', 'label:x', '--project', ana.folder, '--output', out)).toMatchObject({ texts: 2, answers: 0 });
  expect(await thawJson('exchange', 'in', out, '--project', elsewhere)).toMatchObject({ texts: 2, answers: 0 });
  await thaw(['data', '--project', elsewhere, '--set-label', 'y']);
  expect(await thawJson('exchange', 'out', '--with-labels', '--project', elsewhere, '--output', back)).toMatchObject({
    texts: 0,
    answers: 2,
  });
  expect(readFileSync(back, 'utf8')).not.toContain('"text":');
  const toAna = await thaw(['exchange', 'in', back, '--project', join(temporaryFolder(), 'new')]);
  expect([toAna.code, toAna.errors]).toEqual([1, expect.stringContaining('has answers and no texts')]);
  expect(await thawJson('exchange', 'in', back, '--project', ana.folder, '--as', 'Ben')).toMatchObject({ added: 2 });
  expect(await thawJson('agreement', '--project', ana.folder)).toMatchObject({ texts: 2, same: 0, disagreements: { open: 2, settled: 0 } });
  expect((await thaw(['agreement', '--project', ana.folder])).output).toContain('Ana and Ben agree on 0 of 2 texts: κ 0.00');
  expect(await thawJson('exchange', 'remove', 'Ben', '--project', ana.folder)).toEqual({ annotator: 'Ben', removed: 2 });
  expect(await thawJson('agreement', '--project', ana.folder)).toMatchObject({ texts: 0, brought: [], annotators: [] });
});
