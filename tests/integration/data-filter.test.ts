/** Whatever is asked for, the database lists what a plain look at every example would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLabeled, labelsNamed, runConfigurationSchema } from '../../src/shared/domain.ts';
import type { Example, Prediction, Span } from '../../src/shared/domain.ts';
import { exampleFilterSchema } from '../../src/shared/filter.ts';
import type { ExampleFilter, ExampleSort } from '../../src/shared/filter.ts';
import { fold, hasTerms, searchTerms } from '../../src/shared/search.ts';
import type { Project } from '../../src/main/database/index.ts';
import { newProject, temporaryFile } from './data-places.ts';

const words = [
  'charged',
  'Charge',
  'café',
  'CAFE',
  'naïve',
  'don’t',
  'x-ray',
  '50%',
  'a_b',
  'Ünïted',
  'привет',
  '中国人',
  '😀',
  'the',
  'be',
  '(see)',
];
const text = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' '));
const parts = [
  'charge',
  'harg',
  'cafe',
  'é',
  'n',
  't',
  '"the"',
  '"charged charge"',
  'charged the',
  '%',
  '_',
  '"be"',
  'при',
  '国',
  '😀',
  'ü',
  '(see)',
  'x-r',
];
const flag = fc.constantFrom(null, null, true, false);
const labels = ['no', 'yes'];
const probability = fc.constantFrom(null, null, 0.25, 0.5, 0.75);

const filter = fc.record({
  search: fc.oneof(
    fc.constant(''),
    fc.array(fc.constantFrom(...parts), { maxLength: 2 }).map((some) => some.join(' ')),
  ),
  pattern: fc.constantFrom('', '', 'charged?$', '^the', '\\bbe\\b', '[^a-z ]'),
  split: fc.constantFrom(null, null, 'train' as const, 'validation' as const, 'test' as const),
  label: fc.constantFrom(null, null, 'yes', 'no', 'there is none'),
  labeled: flag,
  skipped: flag,
  unsure: flag,
  noted: flag,
  minLength: fc.constantFrom(null, null, 5, 12),
  maxLength: fc.constantFrom(null, null, 10, 25),
  run: fc.constantFrom(null, 'r1', 'r2'),
  predicted: fc.constantFrom(null, null, null, 'yes', 'no'),
  minProbability: probability,
  maxProbability: probability,
  differs: fc.constantFrom(null, null, null, 'label', 'r1'),
});
const sort = fc.record({ by: fc.constantFrom('row' as const, 'length' as const, 'probability' as const), descending: fc.boolean() });

const lengthOf = (example: Example) => [...example.text].length;
const probabilityOf = ({ scores, spans }: Prediction): number | null =>
  scores.length > 0 ? Math.max(...scores) : spans?.length ? Math.min(...spans.map(({ score }) => score)) : null;
const saidBy = ({ label, labels: several, spans }: { label: string | null; labels?: string[]; spans: Span[] | null }) =>
  JSON.stringify([label, several?.toSorted(), spans?.map(({ start, end, label: name }) => [start, end, name])]);

/** What a person who reads every example would list. `runs`: predictions by run and example; those of the test split are closed. */
function plainly(examples: Example[], runs: Map<string, Map<number, Prediction>>, given: ExampleFilter, order: ExampleSort): number[] {
  const own = runs.get(given.run ?? 'r2') as Map<number, Prediction>;
  const of = (run: Map<number, Prediction>, example: Example) => (example.split === 'test' ? undefined : run.get(example.id));
  const about = ({ predicted, minProbability, maxProbability, differs }: ExampleFilter, example: Example): boolean => {
    if (predicted === null && minProbability === null && maxProbability === null && differs === null) return true;
    const prediction = of(own, example);
    if (!prediction) return false;
    const sure = probabilityOf(prediction);
    const other = differs === null || differs === 'label' ? undefined : of(runs.get(differs) as Map<number, Prediction>, example);
    return (
      (predicted === null || labelsNamed(prediction).includes(predicted)) &&
      (minProbability === null || (sure !== null && sure >= minProbability)) &&
      (maxProbability === null || (sure !== null && sure <= maxProbability)) &&
      (differs !== 'label' || (isLabeled(example.annotation) && saidBy(prediction) !== saidBy(example.annotation))) &&
      (differs === null || differs === 'label' || (other !== undefined && saidBy(other) !== saidBy(prediction)))
    );
  };
  const agrees = (wanted: boolean | null, is: boolean) => wanted === null || wanted === is;
  const listed = examples.filter(
    (example) =>
      hasTerms(fold(example.text), searchTerms(given.search)) &&
      (given.pattern === '' || new RegExp(given.pattern, 'iu').test(example.text)) &&
      (given.split === null || example.split === given.split) &&
      (given.label === null || labelsNamed(example.annotation).includes(given.label)) &&
      agrees(given.labeled, isLabeled(example.annotation)) &&
      agrees(given.skipped, example.skipped) &&
      agrees(given.unsure, example.remark?.unsure ?? false) &&
      agrees(given.noted, (example.remark?.note ?? '') !== '') &&
      (given.minLength === null || lengthOf(example) >= given.minLength) &&
      (given.maxLength === null || lengthOf(example) <= given.maxLength) &&
      about(given, example),
  );
  const sign = order.descending ? -1 : 1;
  const key = (example: Example): number | null => {
    if (order.by === 'length') return lengthOf(example);
    if (order.by === 'row') return example.id;
    const prediction = of(own, example);
    return prediction ? probabilityOf(prediction) : null;
  };
  const compare = (a: Example, b: Example) => {
    const [first, second] = [key(a), key(b)];
    if (first === null || second === null) return first === second ? a.id - b.id : first === null ? 1 : -1;
    return sign * (first - second) || a.id - b.id;
  };
  return listed.sort(compare).map(({ id }) => id);
}

type Task = 'classification' | 'multilabel' | 'ner';

const random = (seed: number) => () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;

function predictionOf(task: Task, exampleId: number, draw: () => number): Prediction {
  const score = Math.round(draw() * 20) / 20;
  const label = draw() < 0.5 ? 'no' : 'yes';
  if (task === 'ner') {
    const spans = draw() < 0.3 ? [] : [{ start: 0, end: 2, label, score }];
    return { exampleId, label: null, scores: [], spans };
  }
  const scores = label === 'no' ? [1 - score, score] : [score, 1 - score];
  if (task === 'multilabel') return { exampleId, label: null, labels: draw() < 0.3 ? [] : ['yes', 'no'], scores, spans: null };
  return { exampleId, label, scores, spans: null };
}

/** A project whose examples are labeled, skipped and remarked on at random, with two runs. */
async function randomProject(
  task: Task,
  texts: string[],
  seed: number,
): Promise<{ project: Project; runs: Map<string, Map<number, Prediction>> }> {
  const project = await newProject(task);
  const draw = random(seed);
  await project.importFile({
    file: temporaryFile('a.jsonl', texts.map((one) => `${JSON.stringify({ text: one })}\n`).join('')),
    split: '2:1:1',
  });
  for (const name of labels) await project.createLabel(name);
  for (let id = 1; id <= texts.length; id++) {
    const label = draw() < 0.5 ? 'no' : 'yes';
    const annotation = {
      classification: { label, spans: null },
      multilabel: { label: null, labels: draw() < 0.5 ? [label] : ['no', 'yes'], spans: null },
      ner: { label: null, spans: draw() < 0.5 ? [{ start: 0, end: 2, label }] : [] },
    }[task];
    if (draw() < 0.6) await project.annotate({ id, annotation, skipped: false });
    else if (draw() < 0.5) await project.annotate({ id, annotation: { label: null, spans: null }, skipped: true });
    if (draw() < 0.3) await project.remark({ id, remark: { note: draw() < 0.5 ? 'odd' : '', unsure: draw() < 0.5 } });
  }
  const { hash } = await project.snapshot();
  const { examples } = await project.page({ offset: 0, limit: 500 });
  const runs = new Map<string, Map<number, Prediction>>();
  for (const run of ['r1', 'r2']) {
    await project.createRun({ name: run, configuration: runConfigurationSchema.parse({}), snapshot: hash, labels });
    const said = new Map(examples.filter(() => draw() < 0.8).map(({ id }) => [id, predictionOf(task, id, draw)]));
    for (const split of ['train', 'validation', 'test'] as const)
      await project.savePredictions(
        run,
        split,
        examples.filter((example) => example.split === split && said.has(example.id)).map(({ id }) => said.get(id) as Prediction),
      );
    runs.set(run, said);
  }
  return { project, runs };
}

async function idsOf(project: Project, given: Partial<ExampleFilter>, order?: ExampleSort): Promise<number[]> {
  const { listing } = await project.page({ ...given, sort: order, offset: 0, limit: 1 });
  return [...(await project.listed(listing))];
}

describe('filters', () => {
  for (const task of ['classification', 'multilabel', 'ner'] as const)
    test(`${task}: list what a plain look at every example lists, whether the search index has them or not`, async () => {
      const [texts] = fc.sample(fc.array(text, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 7 });
      const { project, runs } = await randomProject(task, texts, 5);
      const { examples } = await project.page({ offset: 0, limit: 500 });
      const check = () =>
        fc.assert(
          fc.asyncProperty(filter, sort, async (given, order) => {
            expect(await idsOf(project, given, order)).toEqual(plainly(examples, runs, exampleFilterSchema.parse(given), order));
          }),
          { numRuns: 150, seed: 3 },
        );
      await project.indexed();
      await check();
    });

  test('a text too long for the index is found in its place, and so is what the index does not have yet', async () => {
    const project = await newProject();
    const long = `${'word '.repeat(40_000)}needle`;
    const file = temporaryFile('a.csv', `text\nneedle one\n"${long}"\nno such thing\na needle too\n`);
    await project.importFile({ file });
    await project.indexed();
    expect(await idsOf(project, { search: 'needle' })).toEqual([1, 2, 4]);
    await project.importFile({ file: temporaryFile('b.csv', 'text\nanother needle\n') });
    expect(await idsOf(project, { search: 'needle' })).toEqual([1, 2, 4, 5]);
    expect(await idsOf(project, { search: 'eedl' }, { by: 'length', descending: true })).toEqual([2, 5, 4, 1]);
  });
});

describe('searches', () => {
  test('words are found anywhere and in any order, quoted ones as they are written', async () => {
    const project = await newProject();
    await project.importFile({
      file: temporaryFile('a.csv', 'text\nCharged twice for one order\nOne order was overcharged\nthe category\na cat\n'),
    });
    await project.indexed();
    expect(await idsOf(project, { search: 'order charged' })).toEqual([1, 2]);
    expect(await idsOf(project, { search: '"charged"' })).toEqual([1]);
    expect(await idsOf(project, { search: '"one order"' })).toEqual([1, 2]);
    expect(await idsOf(project, { search: '"order one"' })).toEqual([]);
    expect(await idsOf(project, { search: 'cat' })).toEqual([3, 4]);
    expect(await idsOf(project, { search: '"cat"' })).toEqual([4]);
    expect(await idsOf(project, { search: '   ' })).toEqual([1, 2, 3, 4]);
  });

  test('an expression that is none, or that never ends, is refused with the reason', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', `text\n${'a'.repeat(60)}!\n`) });
    await expect(project.page({ pattern: 'a(', offset: 0, limit: 1 })).rejects.toMatchObject({
      code: 'wrong_format',
      message: expect.stringContaining('Unterminated group'),
      place: { field: 'pattern' },
    });
    await expect(project.page({ pattern: '^(a+)+$', offset: 0, limit: 1 })).rejects.toMatchObject({
      code: 'wrong_format',
      message: expect.stringContaining('takes too long'),
    });
    expect(await idsOf(project, { pattern: 'A{60}' })).toEqual([1]);
  });

  test('rows of a listing stay where they are while texts are labeled', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', 'text,label\none,\ntwo,\nthree,x\n') });
    const { listing, total } = await project.page({ labeled: false, offset: 0, limit: 10 });
    expect(total).toBe(2);
    await project.annotate({ id: 1, annotation: { label: 'x', spans: null }, skipped: false });
    const again = await project.page({ labeled: false, offset: 0, limit: 10, listing });
    expect(again).toMatchObject({ total: 2, examples: [{ id: 1, annotation: { label: 'x' } }, { id: 2 }] });
    expect(await project.page({ labeled: false, offset: 0, limit: 10 })).toMatchObject({ total: 1, examples: [{ id: 2 }] });
    await expect(project.count(99)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('predictions of the test split stay closed until it is opened', async () => {
    const project = await newProject();
    await project.importFile({ file: temporaryFile('a.csv', 'text,label\none,x\ntwo,y\n'), split: 'test' });
    const { hash } = await project.snapshot();
    const { run } = await project.createRun({
      name: 'R',
      configuration: runConfigurationSchema.parse({}),
      snapshot: hash,
      labels: ['x', 'y'],
    });
    await project.savePredictions(run, 'test', [{ exampleId: 1, label: 'y', scores: [0.2, 0.8], spans: null }]);
    expect(await idsOf(project, { differs: 'label' })).toEqual([]);
    expect((await project.page({ offset: 0, limit: 2 })).predictions).toMatchObject([
      { sealed: true, label: null, probability: null },
      null,
    ]);
    await project.countTestOpening(run);
    expect(await idsOf(project, { differs: 'label' })).toEqual([1]);
    expect((await project.page({ offset: 0, limit: 2 })).predictions).toMatchObject([
      { sealed: false, label: 'y', probability: 0.8 },
      null,
    ]);
    await expect(project.page({ run: 'r9', offset: 0, limit: 1 })).rejects.toMatchObject({ code: 'unknown_run' });
  });
});
