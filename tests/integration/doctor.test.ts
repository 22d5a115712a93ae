import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openTokenizer } from '../../src/engine/text/index.ts';
import { openDoctor } from '../../src/main/doctor/index.ts';
import type { Doctor } from '../../src/main/doctor/index.ts';
import type { DoctorEvent, Evidence, FindingKind } from '../../src/shared/doctor.ts';
import type { Task } from '../../src/shared/domain.ts';
import { newProject, rows, temporaryFile } from './data-places.ts';
import { fixture, thaw, thawJson } from './thaw.ts';

const base = fixture('bert');

interface Given {
  content: string;
  name?: string;
  task?: Task;
  project?: string | null;
  split?: string;
  maxLength?: number;
  base?: string;
}

async function examine<T>(given: Given, look: (doctor: Doctor, events: DoctorEvent[]) => Promise<T>): Promise<T> {
  const events: DoctorEvent[] = [];
  const { content, name = 'a.csv', task = 'classification', project = null, split, maxLength = 64 } = given;
  const file = { file: temporaryFile(name, content), split };
  const doctor = await openDoctor({ file, task, project, base: given.base ?? base, maxLength }, (event) => events.push(event));
  try {
    return await look(doctor, events);
  } finally {
    await doctor.close();
  }
}

/** The finding with the lines behind it, or undefined. */
async function finding(doctor: Doctor, kind: FindingKind) {
  const found = (await doctor.report).findings.find((each) => each.kind === kind);
  if (!found) return undefined;
  const { evidence } = await doctor.evidence({ finding: kind, offset: 0, limit: 100 });
  return { ...found, evidence, lines: evidence.map((each) => each.places.map(({ line }) => line)) };
}

const parcel = 'Where is my parcel? It was due on Monday and it never came.';

describe('the doctor finds in a file', () => {
  test('exact and near-duplicates across splits, and says how many test texts they concern', async () => {
    const content = `text,label,split\n${parcel},a,train\n${parcel},a,test\n${parcel}!,a,test\nAnother text altogether,b,test\nA last one,b,validation\n`;
    await examine({ content }, async (doctor) => {
      const exact = await finding(doctor, 'split_leak');
      expect(exact).toMatchObject({ severity: 'must', count: 2, groups: 1, lines: [[2, 3]] });
      expect(exact?.sentence).toMatch(/^1 test text of 3 is also in training: up to 33.3 points/);
      const near = await finding(doctor, 'near_leak');
      expect(near).toMatchObject({ count: 3, groups: 1, lines: [[2, 3], [4]] });
      expect(near?.sentence).toMatch(/^1 test text of 3 is nearly the same/);
    });
  });

  test('nothing to leak where the splits are still to be drawn', async () => {
    await examine({ content: `text,label\n${parcel},a\n${parcel},a\n${parcel}!,a\n` }, async (doctor) => {
      expect((await doctor.report).findings.map(({ kind }) => kind)).toEqual(['exact_duplicates', 'near_duplicates', 'rare_labels']);
    });
  });

  test('conflicting labels, exactly and nearly, and leaves such texts out of the duplicates', async () => {
    const content = `text,label\n${parcel},a\n${parcel},b\n${parcel}!,b\nsame,a\nsame,a\nsame,\n`;
    await examine({ content }, async (doctor) => {
      expect(await finding(doctor, 'conflicting_labels')).toMatchObject({ count: 2, lines: [[2, 3]] });
      expect(await finding(doctor, 'near_conflicts')).toMatchObject({ count: 3, lines: [[2, 3], [4]] });
      expect(await finding(doctor, 'exact_duplicates')).toMatchObject({ count: 3, lines: [[5, 6, 7]] });
    });
  });

  test('rows that cannot be read, with their lines and reasons', async () => {
    await examine({ content: 'text,label\nfine,a\n,a\nx,y,z\n' }, async (doctor) => {
      expect(await doctor.report).toMatchObject({ rows: 3, usable: 1 });
      const broken = await finding(doctor, 'broken_rows');
      expect(broken?.evidence.map(({ places, detail }: Evidence) => [places[0].line, detail])).toEqual([
        [3, 'the text is empty'],
        [4, 'has 3 columns instead of 2'],
      ]);
    });
  });

  test('texts longer than the model reads, with exactly the tokens that its tokenizer makes', async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `${'a cold day in the north – '.repeat(index)}end ${index}`);
    const tokenizer = await openTokenizer(base);
    const lengths = (await tokenizer.encode(texts)).map(({ ids }) => ids.length);
    const expected = lengths.flatMap((length, index) => (length > 64 ? [[index + 2, `${length} tokens`]] : []));
    expect(expected.length).toBeGreaterThan(10);
    await examine({ content: `text,label\n${texts.map((text) => `${text},a`).join('\n')}\n` }, async (doctor) => {
      const long = await finding(doctor, 'too_long');
      expect(long?.evidence.map(({ places, detail }) => [places[0].line, detail])).toEqual(expected);
      expect(long?.sentence).toContain(`The longest has ${Math.max(...lengths)}`);
    });
  });

  test('wrong encodings, lost characters, other scripts, texts without words, label spellings, rare labels', async () => {
    const lines = [
      'cafÃ© is closed,Open',
      'caf\ufffd is closed,Open',
      'The p\u0430rcel never came,open',
      '…!,Open',
      'Das ist nicht sehr gut und ich bin auch nicht zufrieden,Open',
      'plain and fine,Open',
    ];
    await examine({ content: `text,label\n${lines.join('\n')}\n` }, async (doctor) => {
      expect(await finding(doctor, 'mojibake')).toMatchObject({ lines: [[2]], evidence: [{ detail: 'meant: café is closed' }] });
      expect(await finding(doctor, 'lost_characters')).toMatchObject({ lines: [[3]] });
      expect(await finding(doctor, 'mixed_script')).toMatchObject({ lines: [[4]] });
      expect(await finding(doctor, 'label_spelling')).toMatchObject({
        lines: [[4]],
        sentence: expect.stringContaining('“open” and “Open”'),
      });
      expect(await finding(doctor, 'empty_text')).toMatchObject({ lines: [[5]] });
      expect(await finding(doctor, 'not_english')).toMatchObject({ lines: [[6]], evidence: [{ detail: 'looks German' }] });
      expect(await finding(doctor, 'rare_labels')).toMatchObject({ count: 6 });
      expect(await doctor.report).toMatchObject({ usable: 6, withFinding: 5 });
    });
  });

  test('entities that cut words', async () => {
    const line = (start: number, end: number) => JSON.stringify({ text: 'Ann lives in Oslo now', spans: [{ start, end, label: 'PLACE' }] });
    const content = [line(13, 17), line(13, 18), line(14, 17)].join('\n');
    await examine({ content, name: 'a.jsonl', task: 'ner' }, async (doctor) => {
      const edges = await finding(doctor, 'span_edges');
      expect(edges?.lines).toEqual([[2], [3]]);
      expect(edges?.evidence[1].detail).toBe('“slo” (PLACE) is read as “Oslo”');
    });
  });

  test('nothing, and names what it looked for', async () => {
    const kinds = ['one', 'two'].flatMap((label) =>
      Array.from({ length: 10 }, (_, index) => `${label} number ${index} of its kind,${label}`),
    );
    await examine({ content: `text,label\n${kinds.join('\n')}\n` }, async (doctor) => {
      const report = await doctor.report;
      expect(report).toMatchObject({ findings: [], withFinding: 0, usable: 20 });
      expect(report.passed).toContain('encoding');
      expect(report.skipped).toEqual([]);
    });
  });
});

describe('the doctor', () => {
  test('compares a file with the project that it is for, and says nothing of what is only there', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('old.csv', `text,label\n${parcel},a\ntwice,a\ntwice,b\n`), split: 'test' });
    const content = `text,label\n${parcel},a\nnew,a\n`;
    await examine({ content, project: project.folder, split: 'train' }, async (doctor) => {
      expect(await doctor.report).toMatchObject({ rows: 2, usable: 2 });
      const leak = await finding(doctor, 'split_leak');
      expect(leak?.evidence[0].places).toEqual([
        { line: null, example: 1, split: 'test', label: 'a' },
        { line: 2, example: null, split: 'train', label: 'a' },
      ]);
      expect(await finding(doctor, 'conflicting_labels')).toBeUndefined();
      const plan = await doctor.plan([{ finding: 'split_leak', mend: 'one_split' }]);
      expect([...plan.rows]).toEqual([[0, { split: 'test' }]]);
    });
  });

  test('plans mends without doing them, one after another on the same row', async () => {
    const text = 'The cafÃ© in MÃ¼nchen';
    const spans = [
      { start: 0, end: 3, label: 'X' },
      { start: 13, end: 19, label: 'PLACE' },
    ];
    const content = `${JSON.stringify({ text, spans })}\n${JSON.stringify({ text: 'same', spans: [] })}\n${JSON.stringify({ text: 'same', spans: [] })}\n`;
    await examine({ content, name: 'a.jsonl', task: 'ner' }, async (doctor) => {
      const plan = await doctor.plan([
        { finding: 'span_edges', mend: 'trim_spans' },
        { finding: 'mojibake', mend: 'repair_text' },
        { finding: 'exact_duplicates', mend: 'keep_first' },
      ]);
      const repaired = 'The café in München';
      const place = repaired.indexOf('München');
      expect(Object.fromEntries(plan.rows)).toEqual({
        0: {
          text: repaired,
          spans: [
            { start: 0, end: 3, label: 'X' },
            { start: place, end: place + 7, label: 'PLACE' },
          ],
        },
        2: { leaveOut: true },
      });
    });
  });

  test('names a check that could not run, and does the others', async () => {
    await examine({ content: rows(4), base: '/nowhere' }, async (doctor) => {
      expect(await doctor.report).toMatchObject({ skipped: [{ check: 'length', reason: expect.stringContaining('tokenizer.json') }] });
    });
  });

  test('reports the first 10,000 rows before the rest, and shows a page of rows at a time', async () => {
    const content = `text,label\n${Array.from({ length: 12_000 }, () => 'again,a').join('\n')}\n`;
    await examine({ content }, async (doctor, events) => {
      const { findings } = await doctor.report;
      const reports = events.flatMap((event) => (event.type === 'report' ? [event.report] : []));
      expect(reports.map(({ sample, rows: read }) => [sample, read])).toEqual([
        [true, 10_000],
        [false, 12_000],
      ]);
      expect(findings).toMatchObject([{ kind: 'exact_duplicates', count: 12_000, groups: 1 }]);
      const { total, evidence } = await doctor.evidence({ finding: 'exact_duplicates', offset: 0, limit: 10 });
      expect([total, evidence[0].places.length, evidence[0].more]).toEqual([1, 20, 11_980]);
    });
  });

  test('ends at once when it is closed', async () => {
    const content = `text,label\n${Array.from({ length: 20_000 }, (_, index) => `text ${index} of many,a`).join('\n')}\n`;
    const report = await examine({ content }, (doctor) => doctor.report);
    expect(report.rows).toBe(20_000);
    const early = await examine({ content }, async (doctor) => ({ report: doctor.report }));
    await expect(early.report).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('fails as the import would', async () => {
    await expect(examine({ content: 'text,label\n' }, (doctor) => doctor.report)).rejects.toMatchObject({ code: 'wrong_format' });
  });
});

describe('thaw check', () => {
  test('prints findings with their lines and imports nothing', async () => {
    const file = temporaryFile('a.csv', `text,label,split\n${parcel},a,train\n${parcel},a,test\n`);
    const { code, output } = await thaw(['check', file]);
    expect(code).toBe(0);
    expect(output).toContain('must  Same text in more than one split: 2 in 1 group.');
    expect(output).toContain('line 2 train a, line 3 test a: Where is my parcel?');
    const { findings } = await thawJson<{ findings: { kind: string; evidence: Evidence[] }[] }>('check', file, '--rows', '1');
    expect(findings.map(({ kind }) => kind)).toEqual(['split_leak', 'exact_duplicates', 'rare_labels']);
    expect(findings[2].evidence).toHaveLength(1);
  });

  test('checks a project, beside the one who has it open', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', `text,label\n${parcel},a\n${parcel},b\n`), split: 'train' });
    const { findings } = await thawJson<{ findings: { kind: string; evidence: Evidence[] }[] }>('check', '--project', project.folder);
    expect(findings[0]).toMatchObject({ kind: 'conflicting_labels', evidence: [{ places: [{ example: 1 }, { example: 2 }] }] });
    expect(existsSync(project.folder)).toBe(true);
  });

  test('asks for a file or a project', async () => {
    expect((await thaw(['check'])).code).toBe(2);
  });
});
