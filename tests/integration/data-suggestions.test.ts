/** What runs say of texts that wait to be labeled: kept, found, looked over, approved many at once, taken back. */
import SqliteDatabase from 'better-sqlite3';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Reviews } from '../../src/main/services/reviews.ts';
import { open } from './data-places.ts';
import { addRun, addTexts, idsOf, labeledProject, listed, upTo, yes } from './suggestion-places.ts';

const byHand = (id: number, label: string) => ({ id, annotation: { label, spans: null }, skipped: false });

describe('texts a run has not spoken of', () => {
  test('are those that wait: not labeled, not skipped, and never of the test split', async () => {
    const project = await labeledProject();
    await addTexts(project, 6, 'train');
    await addTexts(project, 2, 'validation');
    await addTexts(project, 2, 'test');
    await project.annotate(byHand(1, 'yes'));
    await project.annotate({ ...byHand(2, 'yes'), annotation: { label: null, spans: null }, skipped: true });
    await project.changeMany({ ids: [3] }, { kind: 'delete' });
    const run = await addRun(project);
    const { texts, last } = await project.unpredictedAfter(run, 0, 3);
    expect({ ids: texts.map(({ id }) => id), last }).toEqual({ ids: [4, 5, 6], last: 6 });
    expect(texts[0]).toEqual({ id: 4, text: 'text 4 of the file', split: 'train' });
    expect((await project.unpredictedAfter(run, 6, 3)).texts).toMatchObject([
      { id: 7, split: 'validation' },
      { id: 8, split: 'validation' },
    ]);
    await project.addPredictions(run, 'train', [yes(4, 0.9), yes(5, 0.8)]);
    expect(await project.countUnpredicted(run, 0)).toEqual({ count: 3, last: null });
    await expect(project.countUnpredicted('r9', 0)).rejects.toMatchObject({ code: 'unknown_run' });
    await expect(project.addPredictions('r9', 'train', [])).rejects.toMatchObject({ code: 'unknown_run' });
  });

  test('keep what was said of them when they are labeled, and lose it with the run', async () => {
    const project = await labeledProject();
    await addTexts(project, 1200, 'train');
    await addTexts(project, 1, 'validation');
    await project.annotate(byHand(1, 'no'));
    const run = await addRun(project);
    await project.addPredictions(
      run,
      'train',
      upTo(1200).map((id) => yes(id, 0.9)),
    );
    await project.addPredictions(run, 'validation', [yes(1201, 0.9)]);
    expect(await project.suggestion(1)).toMatchObject({ labels: ['yes'] });
    expect(await idsOf(project, { differs: 'label' })).toEqual([1]);
    await project.removeRun(run);
    expect(await project.suggestion(1)).toBeNull();
    const database = new SqliteDatabase(join(project.folder, 'project.db'), { readonly: true });
    expect(database.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(0);
    database.close();
  });
});

describe('the filters', () => {
  test('find predictions of training texts by label, probability and another run, and of none that became a test text', async () => {
    const project = await labeledProject();
    await addTexts(project, 4, 'train');
    const [first, second] = [await addRun(project, 'first'), await addRun(project, 'second')];
    await project.addPredictions(first, 'train', [yes(1, 0.6), yes(2, 0.9), yes(3, 0.95), yes(4, 0.99)]);
    const no = { exampleId: 2, label: 'no', scores: [0.7, 0.3], spans: null };
    await project.addPredictions(second, 'train', [yes(1, 0.7), no, yes(3, 0.8), yes(4, 0.8)]);
    expect(await idsOf(project, { run: first, minProbability: 0.9 })).toEqual([2, 3, 4]);
    expect(await idsOf(project, { predicted: 'no' })).toEqual([2]);
    expect(await idsOf(project, { run: first, differs: second })).toEqual([2]);
    expect(await idsOf(project, { run: first, sort: { by: 'probability', descending: true } })).toEqual([4, 3, 2, 1]);
    await project.changeMany({ ids: [4] }, { kind: 'split', split: 'test' });
    expect(await idsOf(project, { run: first, minProbability: 0.9 })).toEqual([2, 3]);
    expect((await project.page({ ...listed, run: first, split: 'test' })).predictions).toMatchObject([{ sealed: true, label: null }]);
    expect(await project.suggestion(4)).toBeNull();
    // Moved between training and validation, and predicted again, it is listed once.
    await project.changeMany({ ids: [3] }, { kind: 'split', split: 'validation' });
    await project.addPredictions(first, 'validation', [yes(3, 0.5)]);
    expect(await idsOf(project, { run: first, predicted: 'yes' })).toEqual([1, 2, 3]);
  });
});

describe('approving', () => {
  test('2,000 suggestions is one step, taken back and done again across restarts', async () => {
    const project = await labeledProject();
    await addTexts(project, 2000, 'train');
    await addTexts(project, 3, 'test');
    const run = await addRun(project, 'Head');
    await project.addPredictions(
      run,
      'train',
      upTo(2000).map((id) => yes(id, 0.9)),
    );
    await project.annotate(byHand(5, 'no'));
    const before = await project.summary();
    const told: number[] = [];
    const changed = await project.approve(run, Uint32Array.from(upTo(2003)), { progress: ({ done }) => told.push(done) });
    expect(changed).toBe(1999);
    expect(told.at(-1)).toBe(2003);
    expect(await project.summary()).toMatchObject({ labeled: 2000, labels: [{ count: 1 }, { count: 1999 }], splits: { test: 3 } });
    expect(await project.example(2001)).toMatchObject({ split: 'test', annotation: { label: null } });
    expect(await project.example(7)).toMatchObject({ annotation: { label: 'yes' }, approvedFrom: run });
    expect(await project.example(5)).not.toHaveProperty('approvedFrom');
    expect((await project.snapshot()).approvedLabels).toBe(1999);
    await project.close();

    const again = await open(project.folder);
    expect(await again.undo()).toMatchObject({ title: 'approval of 2,003 suggestions of “Head”', examples: 1999 });
    expect({ ...(await again.summary()), openedAt: '' }).toEqual({ ...before, openedAt: '' });
    expect(await again.example(7)).not.toHaveProperty('approvedFrom');
    await again.close();
    const last = await open(project.folder);
    expect(await last.redo()).toMatchObject({ examples: 1999 });
    expect(await last.example(7)).toMatchObject({ annotation: { label: 'yes' }, approvedFrom: run });
  });

  test('is told from labels given by hand, which it becomes when it is given again', async () => {
    const project = await labeledProject();
    await addTexts(project, 4, 'train');
    const run = await addRun(project);
    await project.addPredictions(
      run,
      'train',
      upTo(3).map((id) => yes(id, 0.9)),
    );
    await project.annotate(byHand(4, 'yes'));
    await project.approve(run, Uint32Array.of(1, 2, 3));
    expect(await idsOf(project, { source: 'approved' })).toEqual([1, 2, 3]);
    expect(await idsOf(project, { source: 'given' })).toEqual([4]);
    await project.annotate(byHand(1, 'yes'));
    await project.changeMany({ ids: [2] }, { kind: 'label', label: 'no' });
    expect(await idsOf(project, { source: 'approved' })).toEqual([3]);
    await project.undo();
    await project.undo();
    expect(await idsOf(project, { source: 'approved' })).toEqual([1, 2, 3]);
    const { run: next } = await project.createRun({
      name: 'next',
      configuration: (await project.run(run)).configuration,
      ...(({ hash, approvedLabels }) => ({ snapshot: hash, approvedLabels }))(await project.snapshot()),
      labels: ['yes'],
    });
    expect((await project.run(next)).approvedLabels).toBe(3);
  });

  test('follows labels that were renamed or merged, and leaves out those that were deleted', async () => {
    const project = await labeledProject('classification', ['no', 'yes', 'maybe', 'gone']);
    await addTexts(project, 4, 'train');
    const run = await addRun(project, 'R', ['no', 'yes', 'maybe', 'gone']);
    const said = (exampleId: number, label: string) => ({ exampleId, label, scores: [0.1, 0.1, 0.1, 0.7], spans: null });
    await project.addPredictions(run, 'train', [said(1, 'no'), said(2, 'yes'), said(3, 'maybe'), said(4, 'gone')]);
    const idOf = async (name: string) => (await project.summary()).labels.find((label) => label.name === name)?.id ?? 0;
    await project.updateLabel({ id: await idOf('no'), patch: { name: 'never' } });
    await project.mergeLabel({ id: await idOf('maybe'), into: await idOf('yes') });
    await project.deleteLabel(await idOf('gone'));
    const review = await new Reviews().begin(project, { run });
    expect(review.labels.map(({ label }) => label)).toEqual(['never', 'yes']);
    expect(await project.approve(run, Uint32Array.from(upTo(4)))).toBe(3);
    const labels = async () => (await project.page(listed)).examples.map(({ annotation }) => annotation.label);
    expect(await labels()).toEqual(['never', 'yes', 'yes', null]);
    // A merge later on leaves an approved suggestion one.
    await project.mergeLabel({ id: await idOf('yes'), into: await idOf('never') });
    expect(await idsOf(project, { source: 'approved', label: 'never' })).toEqual([1, 2, 3]);
  });

  test('cancelled, labels none', async () => {
    const project = await labeledProject();
    await addTexts(project, 1000, 'train');
    const run = await addRun(project);
    await project.addPredictions(
      run,
      'train',
      upTo(1000).map((id) => yes(id, 0.9)),
    );
    const stop = new AbortController();
    const approving = project.approve(run, Uint32Array.from(upTo(1000)), { signal: stop.signal, progress: () => stop.abort() });
    await expect(approving).rejects.toMatchObject({ code: 'cancelled' });
    expect((await project.summary()).labeled).toBe(0);
    expect(await project.undo()).toMatchObject({ title: 'new label “yes”' });
  });

  test('several labels and spans are approved whole', async () => {
    const several = await labeledProject('multilabel');
    await addTexts(several, 3, 'train');
    const ofSeveral = await addRun(several);
    const said = (exampleId: number, labels: string[], scores: number[]) => ({ exampleId, label: null, labels, scores, spans: null });
    await several.addPredictions(ofSeveral, 'train', [
      said(1, ['no', 'yes'], [0.8, 0.9]),
      said(2, [], [0.3, 0.2]),
      said(3, ['yes'], [0.45, 0.9]),
    ]);
    const reviews = new Reviews();
    const { review, counts, labels } = await reviews.begin(several, { run: ofSeveral });
    // As sure as of the least sure answer, that a label does not apply being one.
    expect([55, 70, 80].map((percent) => counts[percent])).toEqual([1, 1, 1]);
    expect(labels.map(({ label, counts: own }) => [label, own[55], own[80]])).toEqual([
      ['no', 0, 1],
      ['yes', 1, 1],
    ]);
    expect(await reviews.approve(several, { review, percent: 70, except: [] })).toBe(2);
    expect((await several.page(listed)).examples.map(({ annotation }) => annotation.labels)).toEqual([['no', 'yes'], [], undefined]);

    const entities = await labeledProject('ner');
    await addTexts(entities, 3, 'train');
    const ofSpans = await addRun(entities);
    const span = (start: number, end: number, label: string, score: number) => ({ start, end, label, score });
    const found = (exampleId: number, ...spans: ReturnType<typeof span>[]) => ({ exampleId, label: null, scores: [], spans });
    await entities.addPredictions(ofSpans, 'train', [
      found(1, span(0, 4, 'yes', 0.9), span(5, 6, 'no', 0.6)),
      found(2),
      found(3, span(0, 900, 'no', 0.9)),
    ]);
    const ofEntities = await reviews.begin(entities, { run: ofSpans });
    expect(ofEntities).toMatchObject({ withoutEntity: 1 });
    expect([60, 90].map((percent) => ofEntities.counts[percent])).toEqual([1, 1]);
    // A span beyond the text's end, which was longer once, is left out.
    expect(await reviews.approve(entities, { review: ofEntities.review, percent: 0, except: [] })).toBe(1);
    expect((await entities.example(1)).annotation.spans).toEqual([
      { start: 0, end: 4, label: 'yes' },
      { start: 5, end: 6, label: 'no' },
    ]);
    expect(await entities.suggestion(1)).toMatchObject({ spans: [span(0, 4, 'yes', 0.9), span(5, 6, 'no', 0.6)] });
  });
});

describe('a review', () => {
  test('counts by certainty, samples in proportion to labels, and approves but for what was found wrong', async () => {
    const project = await labeledProject();
    await addTexts(project, 200, 'train');
    const run = await addRun(project);
    const no = (exampleId: number, probability: number) => ({ ...yes(exampleId, 1 - probability), label: 'no' });
    await project.addPredictions(run, 'train', [
      ...upTo(150).map((id) => yes(id, 0.9)),
      ...upTo(190, 151).map((id) => no(id, 0.8)),
      ...upTo(200, 191).map((id) => no(id, 0.55)),
    ]);
    const reviews = new Reviews();
    const { review, counts, labels } = await reviews.begin(project, { run });
    expect(counts.reduce((sum, count) => sum + count)).toBe(200);
    expect([55, 80, 90].map((percent) => counts[percent])).toEqual([10, 40, 150]);
    expect(labels.map(({ label, counts: own }) => [label, own[90], own[80]])).toEqual([
      ['yes', 150, 0],
      ['no', 0, 40],
    ]);
    const asked = { review, percent: 80, size: 19, seed: 1 };
    const { above, texts } = await reviews.sample(project, asked);
    expect({ above, drawn: texts.length }).toEqual({ above: 190, drawn: 19 });
    expect(texts.filter((text) => text.labels[0] === 'no')).toHaveLength(4);
    expect(new Set(texts.map(({ example }) => example.id)).size).toBe(19);
    expect(await reviews.sample(project, asked)).toEqual({ above, texts });
    expect((await reviews.sample(project, { ...asked, seed: 2 })).texts).not.toEqual(texts);
    expect((await reviews.sample(project, { ...asked, size: 200 })).texts).toHaveLength(190);
    const wrong = texts.slice(0, 2).map(({ example }) => example.id);
    expect(await reviews.approve(project, { review, percent: 80, except: wrong })).toBe(188);
    expect(await idsOf(project, { labeled: false })).toEqual([...wrong, ...upTo(200, 191)].sort((a, b) => a - b));
    // Of some texts only: chosen one by one, or all of a listing but some.
    const some = await reviews.begin(project, { run, target: { ids: [191, 192] } });
    expect(some.counts[55]).toBe(2);
    const { listing } = await project.page({ ...listed, maxProbability: 0.6 });
    expect((await reviews.begin(project, { run, target: { listing, except: [191] } })).counts[55]).toBe(9);
    await expect(reviews.sample(project, { ...asked, review: 'another' })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
