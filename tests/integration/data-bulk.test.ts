/** Changes of many examples at once: one step of the history, in pieces. */
import { describe, expect, test } from 'vitest';
import type { BulkChange } from '../../src/shared/filter.ts';
import { newProject, open, rows, temporaryFile } from './data-places.ts';

const all = { offset: 0, limit: 500 };

async function filled(count: number) {
  const project = await newProject();
  await project.importFile({ file: temporaryFile('a.csv', rows(count)), split: 'train' });
  return project;
}

describe('a change of many examples', () => {
  test('sets labels, splits and skips, deletes, and each is taken back in one step, across a restart', async () => {
    const project = await filled(900);
    const listing = async (filter: object) => (await project.page({ ...all, ...filter })).listing;
    const before = await project.summary();
    const steps: [BulkChange, object][] = [
      [{ kind: 'label', label: 'yes' }, { labels: [{ count: 0 }, { count: 900 }] }],
      [{ kind: 'label', label: null }, { labeled: 0 }],
      [{ kind: 'split', split: 'test' }, { splits: { train: 0, test: 900 } }],
      [{ kind: 'delete' }, { examples: 0, labeled: 0, labels: [{ count: 0 }, { count: 0 }] }],
    ];
    for (const [change, after] of steps) {
      await project.changeMany({ listing: await listing({}), except: [] }, change);
      expect(await project.summary()).toMatchObject(after);
    }
    expect(await project.next(null)).toBeNull();
    await project.close();
    const again = await open(project.folder);
    for (const title of ['deletion of 900 texts', 'split of 900 texts', 'no label for 900 texts', 'label “yes” for 900 texts'])
      expect(await again.undo()).toMatchObject({ title });
    expect({ ...(await again.summary()), openedAt: '' }).toEqual({ ...before, openedAt: '' });
    expect((await again.redo()).examples).toBe(450);
    expect((await again.summary()).labels.map(({ count }) => count)).toEqual([0, 900]);
  });

  test('is of a listing as it was seen, but for some, and counts what it changed', async () => {
    const project = await filled(40);
    const { listing } = await project.page({ ...all, label: 'no' });
    expect(await project.changeMany({ listing, except: [1, 3] }, { kind: 'label', label: 'yes' })).toBe(18);
    expect(await project.changeMany({ listing, except: [] }, { kind: 'label', label: 'yes' })).toBe(2);
    expect(await project.changeMany({ ids: [1, 999] }, { kind: 'skip', skipped: true })).toBe(1);
    await expect(project.changeMany({ ids: [1] }, { kind: 'give', label: 'yes' })).rejects.toMatchObject({ code: 'wrong_format' });
    await expect(project.changeMany({ ids: [1] }, { kind: 'label', label: 'maybe' })).rejects.toMatchObject({ code: 'unknown_label' });
    await expect(project.changeMany({ listing: 99, except: [] }, { kind: 'delete' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('gives and takes one of several labels', async () => {
    const project = await newProject('multilabel');
    await project.importFile({ file: temporaryFile('a.csv', 'text,labels\none,x|y\ntwo,[]\nthree,\n') });
    const labels = async () => (await project.page(all)).examples.map(({ annotation }) => annotation.labels);
    await project.changeMany({ ids: [1, 2, 3] }, { kind: 'take', label: 'y' });
    expect(await labels()).toEqual([['x'], [], undefined]);
    await project.changeMany({ ids: [1, 2, 3] }, { kind: 'give', label: 'y' });
    expect(await labels()).toEqual([['x', 'y'], ['y'], ['y']]);
    await project.undo();
    await project.undo();
    expect(await labels()).toEqual([['x', 'y'], [], undefined]);
  });

  test('cancelled, it changes nothing; who labels meanwhile is served after it', async () => {
    const project = await filled(3000);
    const before = await project.summary();
    const stop = new AbortController();
    const { listing } = await project.page(all);
    let done = 0;
    const changing = project.changeMany(
      { listing, except: [] },
      { kind: 'label', label: 'yes' },
      {
        signal: stop.signal,
        progress: (now) => {
          done = now.done;
          stop.abort();
        },
      },
    );
    await expect(changing).rejects.toMatchObject({ code: 'cancelled' });
    expect(done).toBeLessThan(3000);
    expect(await project.summary()).toEqual(before);
    expect(await project.undo()).toMatchObject({ title: null });
    const order: string[] = [];
    await Promise.all([
      project.changeMany({ ids: [1, 2] }, { kind: 'label', label: 'yes' }).then(() => order.push('many')),
      project.annotate({ id: 1, annotation: { label: 'no', spans: null }, skipped: false }).then(() => order.push('one')),
    ]);
    expect(order).toEqual(['many', 'one']);
    expect((await project.example(1)).annotation.label).toBe('no');
  });

  test('a deleted text is nowhere to be found, and may be imported again', async () => {
    const project = await filled(10);
    await project.changeMany({ ids: [4] }, { kind: 'delete' });
    expect((await project.page({ ...all, search: 'number 3' })).examples).toEqual([]);
    expect(await project.beside(3, 'later')).toMatchObject({ id: 5 });
    await expect(project.example(4)).rejects.toMatchObject({ code: 'internal' });
    expect((await project.snapshot()).examples.map(({ id }) => id)).not.toContain(4);
    expect(await project.importFile({ file: temporaryFile('b.csv', rows(10)) })).toMatchObject({ imported: 10, duplicates: 9 });
  });
});
