import { describe, expect, test } from 'vitest';
import { redraw } from '../../src/main/splits/index.ts';
import { redrawOptionsSchema } from '../../src/shared/splits.ts';
import type { Example } from '../../src/shared/domain.ts';
import type { Project } from '../../src/main/database/index.ts';
import { newProject, rows, temporaryFile } from './data-places.ts';
import { thaw, thawJson } from './thaw.ts';

const everything = { offset: 0, limit: 500, search: '', split: null, label: null, labeled: null };
const examples = async (project: Project): Promise<Example[]> => (await project.page(everything)).examples;

/** Texts of families of near-duplicates, each of an author. */
function families(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const family = `The parcel number ${7919 * (index + 1)} of customer ${104729 * (index + 3)} never came to the house`;
    return [`${family},a,u${index % 9}`, `${family}!,a,u${index % 9}`, `${family.toUpperCase()}?,b,u${index % 9}`];
  });
  return `text,label,author\n${lines.flat().join('\n')}\n`;
}

const splitsBy = (all: Example[], keyOf: (example: Example) => string): Set<string>[] =>
  [...Map.groupBy(all, keyOf).values()].map((each) => new Set(each.map(({ split }) => split)));

const numberOf = ({ text }: Example) => /\d+/.exec(text)![0];

describe('splits drawn at import', () => {
  test('keep near-duplicates together, in one file and over files', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', families(40)) });
    const first = await examples(project);
    expect(new Set(first.map(({ split }) => split)).size).toBe(3);
    for (const splits of splitsBy(first, numberOf)) expect(splits.size).toBe(1);
    await project.importFile({ file: temporaryFile('b.csv', families(40).replaceAll('came to the house', 'came to the houses')) });
    for (const splits of splitsBy(await examples(project), numberOf)) expect(splits.size).toBe(1);
  });

  test('keep them together in files of more texts than are compared on the spot', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', families(150)) });
    for (const splits of splitsBy(await examples(project), numberOf)) expect(splits.size).toBe(1);
  });

  test('keep the rows of a group together, also with those that are there already', async () => {
    const project = await newProject();
    const content = rows(90)
      .replace('text,label', 'text,label,author')
      .replace(/,(no|yes)$/gm, (_, label: string) => `,${label},u0`);
    const authored = content.split('\n').map((line, index) => (index === 0 ? line : line.replace('u0', `u${index % 12}`)));
    await project.importFile({ file: temporaryFile('a.csv', authored.slice(0, 60).join('\n')), group: 'author' });
    await project.importFile({ file: temporaryFile('b.csv', [authored[0], ...authored.slice(60)].join('\n')), group: 'author' });
    const all = await examples(project);
    expect(new Set(all.map(({ split }) => split)).size).toBeGreaterThan(1);
    for (const splits of splitsBy(all, ({ extra }) => extra.author)) expect(splits.size).toBe(1);
  });
});

describe('rows of a group', () => {
  const shares = '60:20:20';
  const authored = (from: number) =>
    Array.from({ length: 36 }, (_, at) => ({
      text: `Message ${7919 * (from + at + 1)} about order ${104729 * (from + at + 3)}`,
      author: `u${at % 12}`,
    }));
  const written = (all: object[]) => all.map((each) => JSON.stringify(each)).join('\n');

  test('go where those of earlier files are, whatever the format', async () => {
    const project = await newProject();
    const csv = authored(0).map(({ text, author }) => `${text},yes,${author}`);
    await project.importFile({ file: temporaryFile('a.csv', ['text,label,author', ...csv].join('\n')), group: 'author', split: shares });
    const objects = authored(100).map((each) => ({ ...each, label: 'yes' }));
    await project.importFile({ file: temporaryFile('b.jsonl', written(objects)), group: 'author', split: shares });
    const tasks = authored(200).map((each) => ({ ...each, label: ['yes'] }));
    await project.importFile({ file: temporaryFile('c.jsonl', written(tasks)), format: 'doccano', group: 'author', split: shares });
    const all = await examples(project);
    expect(all).toHaveLength(108);
    expect(new Set(all.map(({ split }) => split)).size).toBe(3);
    for (const splits of splitsBy(all, ({ extra }) => extra.author)) expect(splits.size).toBe(1);
  });

  test('that no row names are told of', async () => {
    const project = await newProject();
    const file = temporaryFile('a.jsonl', written([{ text: 'one', label: ['yes'], author: 'x' }]));
    const { notes } = await project.importFile({ file, format: 'doccano', group: 'writer' });
    expect(notes).toContain("No row has a column 'writer', so none were kept together by it.");
  });

  test('of tokens are kept together as well', async () => {
    const project = await newProject('ner');
    const tokens = authored(0).map(({ text, author }) => ({ tokens: text.split(' '), ner_tags: text.split(' ').map(() => 'O'), author }));
    await project.importFile({ file: temporaryFile('a.jsonl', written(tokens)), group: 'author', split: shares });
    const all = await examples(project);
    expect(new Set(all.map(({ split }) => split)).size).toBe(3);
    for (const splits of splitsBy(all, ({ extra }) => extra.author)) expect(splits.size).toBe(1);
  });
});

describe('splits drawn anew', () => {
  test('show what changes, change that in one step, and can be taken back', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', families(40)), split: 'train' });
    const { preview, moves } = await redraw(project.folder, redrawOptionsSchema.parse({ shares: '60:20:20', group: 'author' }));
    expect(preview.before).toEqual({ train: 120, validation: 0, test: 0 });
    expect(preview).toMatchObject({ moved: moves.ids.length, groups: 9, columns: ['author'], leaveTest: 0, joinTest: preview.after.test });
    expect(Object.values(preview.after).reduce((sum, count) => sum + count)).toBe(120);
    expect(Math.abs(preview.after.test - 24)).toBeLessThan(2 * preview.largestGroup);
    expect((await examples(project)).every(({ split }) => split === 'train')).toBe(true);
    expect((await project.applySplits(moves)).splits).toEqual(preview.after);
    for (const splits of splitsBy(await examples(project), ({ extra }) => extra.author)) expect(splits.size).toBe(1);
    expect((await project.undo()).title).toBe(`new splits of ${preview.moved} texts`);
    expect((await project.summary()).splits).toEqual(preview.before);
  });

  test('are the same for a seed, and name the columns where there is none of that name', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', families(20)), split: 'train' });
    const draw = async (seed: number) => (await redraw(project.folder, redrawOptionsSchema.parse({ seed }))).moves;
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
    await expect(redraw(project.folder, redrawOptionsSchema.parse({ group: 'writer' }))).rejects.toMatchObject({
      code: 'unknown_column',
      remedy: 'Columns there are: author.',
    });
  });
});

describe('a test set that has been used', () => {
  async function used(): Promise<Project> {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(40)) });
    const { hash } = await project.snapshot();
    const { run } = await project.createRun({ name: 'one', configuration: { base: 'x' } as never, snapshot: hash, labels: ['no', 'yes'] });
    expect((await project.summary()).testLocked).toBe(false);
    expect(await project.countTestOpening(run)).toBe(1);
    expect((await project.summary()).testLocked).toBe(true);
    return project;
  }

  test('is changed by nothing that nobody confirmed', async () => {
    const project = await used();
    const { examples: inTest } = await project.page({ ...everything, split: 'test' });
    const { examples: inTraining } = await project.page({ ...everything, split: 'train' });
    const locked = expect.objectContaining({ code: 'test_locked' });
    const annotation = { label: 'yes', spans: null };
    const other = { label: inTest[0].annotation.label === 'yes' ? 'no' : 'yes', spans: null };
    await expect(project.annotate({ id: inTest[0].id, annotation: other, skipped: false })).rejects.toEqual(locked);
    await expect(project.applySplits({ ids: Float64Array.of(inTest[0].id), splits: ['train'] })).rejects.toEqual(locked);
    await expect(project.applySplits({ ids: Float64Array.of(inTraining[0].id), splits: ['test'] })).rejects.toEqual(locked);
    await expect(project.importFile({ file: temporaryFile('b.csv', 'text,label\nnew,yes\n'), split: 'test' })).rejects.toEqual(locked);
    await expect(project.importFile({ file: temporaryFile('b.csv', 'text,label,split\nnew,yes,test\n') })).rejects.toEqual(locked);
    expect((await project.page({ ...everything, split: 'test' })).examples).toEqual(inTest);
    await project.annotate({ id: inTraining[0].id, annotation, skipped: false });
    const { splits } = await project.importFile({
      file: temporaryFile(
        'b.csv',
        rows(30)
          .replaceAll('number', 'of another kind, no.')
          .replaceAll(/^(.*, no\. \d+),/gm, '"$1",'),
      ),
    });
    expect(splits).toMatchObject({ test: 0 });
  });

  test('takes in no imported text that is in it already', async () => {
    const project = await used();
    const [{ text }] = (await project.page({ ...everything, split: 'test' })).examples;
    const before = (await project.summary()).splits;
    const same = temporaryFile('same.csv', `text,label\n"${text}",yes\nnothing of the kind,no\n`);
    const report = await project.importFile({ file: same });
    expect(report).toMatchObject({ read: 2, imported: 1, rejected: [{ line: 2, reason: expect.stringContaining('test set') }] });
    expect((await project.summary()).splits).toEqual({ ...before, train: before.train + 1 });
    await project.unlockTest();
    expect(await project.importFile({ file: same })).toMatchObject({ imported: 2, rejected: [] });
    expect((await project.summary()).splits.test).toBe(before.test + 1);
  });

  test('takes in no near-duplicate either, and says what to do', async () => {
    const project = await newProject();
    const long = 'the parcel that I had ordered for my sister came two weeks late and the box was torn open at one of its corners';
    await project.importFile({ file: temporaryFile('a.csv', rows(20)), split: 'train' });
    await project.importFile({ file: temporaryFile('t.csv', `text,label\n${long},yes\n`), split: 'test' });
    const { hash } = await project.snapshot();
    const { run } = await project.createRun({ name: 'one', configuration: { base: 'x' } as never, snapshot: hash, labels: ['no', 'yes'] });
    await project.countTestOpening(run);
    const near = temporaryFile('near.csv', `text,label\n${long} again,yes\n`);
    await expect(project.importFile({ file: near })).rejects.toMatchObject({
      code: 'test_locked',
      message: expect.stringContaining('near-duplicates'),
    });
    expect((await project.summary()).splits).toEqual({ train: 20, validation: 0, test: 1 });
    await project.unlockTest();
    await project.importFile({ file: near });
    expect((await project.summary()).splits).toEqual({ train: 20, validation: 0, test: 2 });
  });

  test('may change once that was confirmed, until its figures are opened again', async () => {
    const project = await used();
    const [{ id, annotation }] = (await project.page({ ...everything, split: 'test' })).examples;
    expect((await project.unlockTest()).testLocked).toBe(false);
    const other = { label: annotation.label === 'yes' ? 'no' : 'yes', spans: null };
    await project.annotate({ id, annotation: other, skipped: false });
    await project.countTestOpening('r1');
    await expect(project.undo()).rejects.toMatchObject({ code: 'test_locked' });
    expect((await project.example(id)).annotation.label).toBe(other.label);
  });

  test('keeps a long change from being taken back by half', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(701)), split: 'train' });
    const ids = Float64Array.from({ length: 701 }, (_, index) => index + 1);
    await project.applySplits({ ids, splits: Array.from(ids, (id) => (id === 1 ? 'test' : 'validation')) });
    const { hash } = await project.snapshot();
    const { run } = await project.createRun({ name: 'one', configuration: { base: 'x' } as never, snapshot: hash, labels: ['no', 'yes'] });
    await project.countTestOpening(run);
    await expect(project.undo()).rejects.toMatchObject({ code: 'test_locked' });
    expect((await project.summary()).splits).toEqual({ train: 0, validation: 700, test: 1 });
    await project.unlockTest();
    await project.undo();
    expect((await project.summary()).splits).toEqual({ train: 701, validation: 0, test: 0 });
  });

  test('is not changed by the command line without --change-test', async () => {
    const project = await used();
    const { folder } = project;
    await project.close();
    const refused = await thaw(['split', '--project', folder, '--seed', '9']);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('--change-test') });
    const shown = await thawJson<{ moved: number; after: object; applied: boolean }>(
      'split',
      '--project',
      folder,
      '--seed',
      '9',
      '--dry-run',
    );
    expect(shown).toMatchObject({ applied: false });
    const done = await thawJson<{ after: object; applied: boolean }>('split', '--project', folder, '--seed', '9', '--change-test');
    expect(done).toEqual({ ...shown, applied: true });
  });

  test('is changed by thaw data only with --change-test', async () => {
    const project = await used();
    const { folder } = project;
    const { test: inTest } = (await project.summary()).splits;
    await project.close();
    const asked = ['data', 'split:test', '--set-split', 'train', '--project', folder];
    expect(await thaw(asked)).toMatchObject({ code: 1, errors: expect.stringContaining('--change-test') });
    expect(await thawJson<{ changed: number }>(...asked, '--change-test')).toEqual({ changed: inTest });
  });
});

describe('mends of a project', () => {
  test('change texts, labels, splits and entities in one step that can be taken back', async () => {
    const project = await newProject();
    const content = 'text,label\ncafÃ© one,Open\nsecond,open\nthird,Open\nfourth,Open\n';
    await project.importFile({ file: temporaryFile('a.csv', content), split: 'test' });
    const before = await examples(project);
    const plan = {
      rows: new Map([
        [1, { text: 'café one' }],
        [2, { split: 'train' as const }],
        [3, { unlabel: true as const }],
      ]),
      labels: { open: 'Open' },
    };
    expect(await project.mend(plan)).toBe(3);
    const after = await examples(project);
    expect(after.map(({ text, split, annotation }) => [text, split, annotation.label])).toEqual([
      ['café one', 'test', 'Open'],
      ['second', 'train', 'Open'],
      ['third', 'test', null],
      ['fourth', 'test', 'Open'],
    ]);
    expect((await project.summary()).labels.map(({ name }) => name)).toEqual(['Open']);
    expect((await project.undo()).title).toBe('mending of 3 texts');
    expect(await examples(project)).toEqual(before);
  });

  test('of a file are done while it is imported', async () => {
    const project = await newProject();
    const content = 'text,label\ncafÃ© one,Open\nsecond,open\ntwice,Open\ntwice,Open\n';
    const plan = {
      rows: new Map([
        [0, { text: 'café one', split: 'test' as const }],
        [3, { leaveOut: true as const }],
      ]),
      labels: { open: 'Open' },
    };
    const report = await project.importFile({ file: temporaryFile('a.csv', content), mends: plan });
    expect(report).toMatchObject({ read: 4, imported: 3, duplicates: 0, labels: ['Open'] });
    expect(report.notes).toContain('1 row was left out, as the doctor was told.');
    expect((await examples(project)).map(({ text, annotation }) => [text, annotation.label])).toEqual([
      ['café one', 'Open'],
      ['second', 'Open'],
      ['twice', 'Open'],
    ]);
  });
});
