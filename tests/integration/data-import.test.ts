import { describe, expect, test } from 'vitest';
import { newProject, rows, temporaryFile, temporaryFolder } from './data-places.ts';

const all = { offset: 0, limit: 500, search: '', split: null, label: null, labeled: null };

describe('import', () => {
  test('counts add up, and every rejection has its line and reason', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'text,label,stars\nfine,good,5\n,bad,1\nodd,bad\nawful,bad,1\nfine,good,4\nno label here,,3\n');
    const report = await project.importFile({ file });
    expect(report).toMatchObject({ read: 6, imported: 4, duplicates: 1, labels: ['bad', 'good'] });
    expect(report.rejected).toEqual([
      { line: 3, reason: 'the text is empty' },
      { line: 4, reason: 'has 2 columns instead of 3' },
    ]);
    const { examples } = await project.page(all);
    expect(examples.map(({ text, annotation, sourceRow, extra }) => [text, annotation.label, sourceRow, extra.stars])).toEqual([
      ['fine', 'good', 2, '5'],
      ['awful', 'bad', 5, '1'],
      ['fine', 'good', 6, '4'],
      ['no label here', null, 7, '3'],
    ]);
    expect(await project.summary()).toMatchObject({ examples: 4, labeled: 3 });
  });

  test('strict imports nothing when a row is rejected, and names it', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'text,label\nfine,good\n,bad\n');
    await expect(project.importFile({ file, strict: true })).rejects.toMatchObject({
      code: 'wrong_format',
      message: expect.stringContaining('line 3: the text is empty'),
      place: { line: 3 },
    });
    expect(await project.summary()).toMatchObject({ examples: 0, labels: [] });
    expect(await project.importFile({ file })).toMatchObject({ imported: 1 });
  });

  test('a missing file, a folder, and an empty file', async () => {
    const project = await newProject();
    await expect(project.importFile({ file: '/nowhere/at-all.csv' })).rejects.toMatchObject({
      code: 'file_not_found',
      place: { file: '/nowhere/at-all.csv' },
    });
    await expect(project.importFile({ file: temporaryFolder(), format: 'csv' })).rejects.toMatchObject({ code: 'file_unreadable' });
    await expect(project.importFile({ file: temporaryFile('a.csv', 'text,label\n') })).rejects.toMatchObject({ code: 'wrong_format' });
  });

  test('a wrong encoding names the byte and leaves nothing', async () => {
    const project = await newProject();
    const good = Buffer.from(rows(3000));
    const file = temporaryFile('a.csv', Buffer.concat([good, Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x2c, 0x79])]));
    await expect(project.importFile({ file })).rejects.toMatchObject({ code: 'wrong_encoding', place: { file, byte: good.length + 3 } });
    expect(await project.summary()).toMatchObject({ examples: 0, labels: [] });
  });

  test('an unknown column names those there are', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'review,stars\nfine,5\n');
    await expect(project.importFile({ file, text: 'body' })).rejects.toMatchObject({
      code: 'unknown_column',
      remedy: expect.stringContaining('review, stars'),
    });
  });

  test('one class only is imported all the same', async () => {
    const project = await newProject();
    expect(await project.importFile({ file: temporaryFile('a.csv', rows(20, ['only'])) })).toMatchObject({
      imported: 20,
      labels: ['only'],
    });
  });

  test('the task of the project stays what it is', async () => {
    const classification = await newProject();
    await expect(classification.importFile({ file: temporaryFile('a.conll', 'Ann B-PER\n') })).rejects.toMatchObject({
      code: 'wrong_format',
    });
    await expect(classification.importFile({ file: temporaryFile('a.csv', rows(2)), task: 'ner' })).rejects.toMatchObject({
      code: 'wrong_format',
    });
  });

  test('columns by number without a header, joined with a newline', async () => {
    const project = await newProject();
    const file = temporaryFile('news.csv', '"3","A title","Its ""body"""\n"1","Other","More"\n');
    const report = await project.importFile({ file, header: false, text: '2,3', label: '1' });
    expect(report).toMatchObject({ imported: 2, labels: ['1', '3'] });
    expect((await project.example(1)).text).toBe('A title\nIts "body"');
  });

  test('a stray text in another language is named, and no other base model proposed for it', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', `${rows(150)}Это не по-английски,yes\n`);
    const { notes } = await project.importFile({ file });
    expect(notes).toEqual([expect.stringMatching(/^Line 152 of .*Latin letters, the only one of 151 texts that does not look English\.$/)]);
  });

  test('texts that are not English are named once, with the base model they do not fit', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'text,label\nThis is fine,a\nЭто не по-английски,b\nИ это тоже,b\n');
    const { notes } = await project.importFile({ file });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^Line 3 .*one of 2 among 3 texts that do not look English\. .*take a multilingual base/);
  });

  test('labeling goes on while a file is imported, and sees nothing of it', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(2)) });
    const order: string[] = [];
    const importing = project.importFile({ file: temporaryFile('b.csv', rows(20_000, ['new'])) }).then(() => order.push('import'));
    await project.annotate({ id: 1, annotation: { label: 'yes', spans: null }, skipped: false });
    expect(await project.summary()).toMatchObject({ examples: 2, labels: [{ name: 'no' }, { name: 'yes' }] });
    order.push('annotation');
    await importing;
    expect(order).toEqual(['annotation', 'import']);
    expect(await project.summary()).toMatchObject({ examples: 20_002 });
  });

  test('a cancelled import leaves nothing', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(10)) });
    const before = await project.summary();
    const stop = new AbortController();
    const importing = project.importFile({ file: temporaryFile('b.csv', rows(20_000, ['new'])) }, { signal: stop.signal });
    await project.summary();
    stop.abort();
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
    expect(await project.summary()).toEqual(before);
    expect(await project.importFile({ file: temporaryFile('c.csv', 'text,label\nlast,yes\n') })).toMatchObject({ imported: 1 });
    expect((await project.example(11)).text).toBe('last');
  });
});

describe('splits', () => {
  test('drawn in proportion, the same each time', async () => {
    const file = temporaryFile('a.csv', rows(1000, ['a', 'a', 'a', 'b']));
    const first = await newProject();
    const second = await newProject();
    expect((await first.importFile({ file })).splits).toEqual({ train: 800, validation: 100, test: 100 });
    await second.importFile({ file });
    const test = { ...all, split: 'test' as const };
    expect((await first.page(test)).examples).toEqual((await second.page(test)).examples);
    expect((await first.page({ ...test, label: 'b' })).total).toBe(25);
  });

  test('given ones are kept, and auto leaves them alone', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(50, ['x', 'y'])), split: 'test' });
    const other = rows(100).replaceAll('number', 'of another kind');
    expect((await project.importFile({ file: temporaryFile('b.csv', other) })).splits).toEqual({ train: 90, validation: 10, test: 0 });
    expect((await project.summary()).splits).toEqual({ train: 90, validation: 10, test: 50 });
  });

  test('an explicit train split draws none', async () => {
    const project = await newProject();
    expect((await project.importFile({ file: temporaryFile('a.csv', rows(50)), split: 'train' })).splits).toEqual({
      train: 50,
      validation: 0,
      test: 0,
    });
  });

  test('shares, a split column, and what is neither', async () => {
    const project = await newProject();
    expect((await project.importFile({ file: temporaryFile('a.csv', rows(40)), split: '50:25:25' })).splits).toEqual({
      train: 20,
      validation: 10,
      test: 10,
    });
    const withColumn = temporaryFile('b.csv', 'text,label,split\none,a,dev\ntwo,a,test\nthree,b,train\n');
    expect((await (await newProject()).importFile({ file: withColumn })).splits).toEqual({ train: 1, validation: 1, test: 1 });
    await expect(project.importFile({ file: withColumn, split: 'half' })).rejects.toMatchObject({ code: 'wrong_format' });
  });

  test('a later row that names a split takes earlier ones of its text along', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'text,label,split\nsame,a,\nother,b,train\nsame,a,\nsame,a,test\nsame,a,\n');
    expect(await project.importFile({ file })).toMatchObject({ duplicates: 3, splits: { train: 1, validation: 0, test: 4 } });
  });

  test('a file that names its own test rows gets none drawn', async () => {
    const project = await newProject();
    const unnamed = Array.from({ length: 100 }, (_, index) => `text ${index},a,\n`).join('');
    const file = temporaryFile('a.csv', `text,label,split\n${unnamed}last,a,test\n`);
    expect((await project.importFile({ file })).splits).toEqual({ train: 90, validation: 10, test: 1 });
    const shares = await newProject();
    expect((await shares.importFile({ file, split: '80:10:10' })).splits).toEqual({ train: 80, validation: 10, test: 11 });
  });

  test('a text that is there already brings its twins to its split', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', rows(10)), split: 'validation' });
    expect(await project.importFile({ file: temporaryFile('b.csv', rows(10)), split: '1:0:1' })).toMatchObject({
      duplicates: 10,
      splits: { validation: 10 },
    });
  });
});

describe('groups', () => {
  test('rows of one group go to one split, and so do equal texts of several', async () => {
    const project = await newProject();
    const authors = Array.from({ length: 300 }, (_, index) => `text ${index},${index % 2 ? 'a' : 'b'},author ${index % 60}\n`).join('');
    const file = temporaryFile('a.csv', `text,label,by\n${authors}text 0,a,author 1\nlast,a,\n`);
    const { splits } = await project.importFile({ file, group: 'by', split: '60:20:20' });
    expect(splits.validation).toBeGreaterThan(30);
    expect(splits.test).toBeGreaterThan(30);
    const { examples } = await project.page({ ...all, limit: 500 });
    const places = new Map<string, Set<string>>();
    for (const { split, extra, text } of examples)
      for (const key of [`by ${extra.by}`, `text ${text}`]) places.set(key, (places.get(key) ?? new Set()).add(split));
    expect([...places].filter(([, found]) => found.size > 1)).toEqual([]);
    // Text 0 is by both of them.
    expect(places.get('by author 0')).toEqual(places.get('by author 1'));
  });

  test('a group with a row whose split is named goes there, its earlier rows too', async () => {
    const project = await newProject();
    const file = temporaryFile('a.csv', 'text,label,by,split\none,a,x,\ntwo,a,x,test\nthree,a,x,\nfour,b,y,train\n');
    expect((await project.importFile({ file, group: 'by' })).splits).toEqual({ train: 1, validation: 0, test: 3 });
    await expect(project.importFile({ file, group: 'author' })).rejects.toMatchObject({ code: 'unknown_column' });
  });
});

describe('CoNLL', () => {
  test('tagged tokens become spans, and the token boundaries are kept', async () => {
    const project = await newProject('ner');
    const sentence = 'Ann B-PER\nRuiz I-PER\nin O\nNew B-LOC\nYork I-LOC\n';
    const file = temporaryFile('a.conll', `-DOCSTART- O\n\n${sentence}\n${sentence}`);
    expect(await project.importFile({ file })).toMatchObject({ read: 2, imported: 2, rejected: [], duplicates: 1, labels: ['LOC', 'PER'] });
    const spans = [
      { start: 0, end: 8, label: 'PER' },
      { start: 12, end: 20, label: 'LOC' },
    ];
    expect(await project.example(1)).toMatchObject({ text: 'Ann Ruiz in New York', sourceRow: 3, annotation: { label: null, spans } });
    expect((await project.snapshot()).examples[0]).toMatchObject({ pretokenized: true, spans });
    expect((await project.summary()).labels.map(({ name, count }) => [name, count])).toEqual([
      ['LOC', 2],
      ['PER', 2],
    ]);
  });

  test('a sentence with a bad line is rejected at that line', async () => {
    const project = await newProject('ner');
    const report = await project.importFile({ file: temporaryFile('a.conll', 'Ann B-PER\n\nBert\nRuiz O\n\nin X\n\nYork I-LOC\n') });
    expect(report).toMatchObject({ read: 4, imported: 2 });
    expect(report.rejected).toEqual([
      { line: 3, reason: 'has a token and no tag' },
      { line: 6, reason: "'X' is no tag (O, or B-, I-, E-, S- and a label)" },
    ]);
  });
});
