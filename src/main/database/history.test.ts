import SqliteDatabase from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Task } from '../../shared/domain.ts';
import { annotate, remark } from './annotate.ts';
import { change, redo, undo } from './history.ts';
import { createLabel, deleteLabel, mergeLabel, moveLabel, updateLabel } from './labels.ts';
import { migrate } from './migrations/index.ts';
import { formerNames, listLabels, publishLabels, pendingLabelId } from './tables/labels.ts';
import { insertProject } from './tables/project.ts';

const examples = 4;
const text = 'Ann of York in Bonn';

function newDatabase(task: Task): Database {
  const database = new SqliteDatabase(':memory:');
  database.pragma('foreign_keys = ON');
  migrate(database, 'project.db');
  insertProject(database, { name: 'Test', task });
  database.exec(`UPDATE project SET visible_examples = ${examples}`);
  const insert = database.prepare("INSERT INTO example (id, text, text_hash, split, source_row) VALUES (?, ?, x'00', 'train', 1)");
  for (let id = 1; id <= examples; id++) insert.run(id, text);
  for (const name of ['a', 'b', 'c']) createLabel(database, 'me', name);
  return database;
}

const idOf = (database: Database, name: string) => database.prepare('SELECT id FROM label WHERE name = ?').pluck().get(name) as number;

/** All that a person sees of the project. */
const content = (database: Database) =>
  JSON.stringify(
    ['label', 'example', 'text_label', 'span', 'remark'].map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()),
  );

const annotations = (task: Task, labels: string[]) =>
  ({
    classification: { label: labels[0] ?? null, spans: null },
    multilabel: { label: null, labels, spans: null },
    ner: { label: null, spans: labels.map((label, at) => ({ start: at, end: 6 + 3 * at, label })) },
  })[task];

type Step = (database: Database, task: Task) => void;

/** Names are drawn from those there are, so that every step is one a person can take. */
const step: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constantFrom('annotate', 'skip', 'remark', 'split', 'create', 'rename', 'colour', 'move', 'delete', 'merge', 'guideline'),
    id: fc.integer({ min: 1, max: examples }),
    picks: fc.array(fc.nat(20), { minLength: 2, maxLength: 3 }),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  })
  .map(({ kind, id, picks, name }): Step => {
    return (database, task) => {
      const labels = listLabels(database, task);
      const at = (pick: number) => labels[pick % labels.length];
      if (kind === 'create') return createLabel(database, 'me', name);
      if (labels.length === 0) return;
      const [one, other] = [at(picks[0]), at(picks[1])];
      if (kind === 'annotate') {
        const given = [...new Set(picks.map((pick) => at(pick).name))];
        annotate(database, 'me', { id, annotation: annotations(task, given), skipped: false });
      }
      if (kind === 'skip') annotate(database, 'me', { id, annotation: { label: null, spans: null }, skipped: true });
      if (kind === 'remark') remark(database, 'me', { id, remark: { note: name === 'a' ? '' : name, unsure: picks[0] > 10 } });
      if (kind === 'split')
        change(database, 'me', 'split', (changes) => {
          for (let example = id; example <= examples; example++) changes.example(example, { split: picks[0] > 10 ? 'test' : 'validation' });
        });
      if (kind === 'rename' && labels.every((label) => label.name !== name)) updateLabel(database, 'me', { id: one.id, patch: { name } });
      if (kind === 'colour') updateLabel(database, 'me', { id: one.id, patch: { category: picks[1] } });
      if (kind === 'guideline') updateLabel(database, 'me', { id: one.id, patch: { guideline: name, examples: [name] } });
      if (kind === 'move') moveLabel(database, 'me', { id: one.id, position: picks[1] % labels.length });
      if (kind === 'delete') deleteLabel(database, 'me', one.id);
      if (kind === 'merge' && one !== other) mergeLabel(database, 'me', { id: one.id, into: other.id });
    };
  });

describe('undo and redo', () => {
  test.each<Task>(['classification', 'multilabel', 'ner'])('of any sequence of changes go through the same states (%s)', (task) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), (steps, back) => {
        const database = newDatabase(task);
        const states = [content(database)];
        for (const take of steps) {
          take(database, task);
          // What changed nothing is no step of its own.
          if (content(database) !== states.at(-1)) states.push(content(database));
        }
        const some = back % states.length;
        for (const state of states.slice(0, -1).toReversed().slice(0, some)) {
          expect(undo(database, 'me').title).not.toBeNull();
          expect(content(database)).toBe(state);
        }
        for (const state of states.slice(states.length - some)) {
          redo(database, 'me');
          expect(content(database)).toBe(state);
        }
        expect(redo(database, 'me').title).toBeNull();
        for (const state of states.slice(0, -1).toReversed()) {
          undo(database, 'me');
          expect(content(database)).toBe(state);
        }
        expect(database.pragma('foreign_key_check')).toEqual([]);
        database.close();
      }),
      { numRuns: 40 },
    );
  });

  test('a change after an undo cuts off what could be redone; the log keeps it', () => {
    const database = newDatabase('classification');
    for (const label of ['a', 'b']) annotate(database, 'me', { id: 1, annotation: { label, spans: null }, skipped: false });
    expect(undo(database, 'you')).toMatchObject({ title: 'label “b” for text 1', example: { id: 1, annotation: { label: 'a' } } });
    annotate(database, 'me', { id: 2, annotation: { label: 'c', spans: null }, skipped: false });
    expect(redo(database, 'me')).toEqual({ title: null, example: null, examples: 0, labels: false });
    expect(undo(database, 'me').example?.id).toBe(2);
    expect(undo(database, 'me')).toMatchObject({ title: 'label “a” for text 1', example: { id: 1, annotation: { label: null } } });
    const log = database.prepare(
      "SELECT kind, annotator, title FROM action JOIN batch ON batch.id = batch WHERE title LIKE 'label%' ORDER BY action.id",
    );
    expect(log.all()).toMatchObject([
      { kind: 'do', title: 'label “a” for text 1' },
      { kind: 'do', title: 'label “b” for text 1' },
      { kind: 'undo', annotator: 'you', title: 'label “b” for text 1' },
      { kind: 'do', title: 'label “c” for text 2' },
      { kind: 'undo', title: 'label “c” for text 2' },
      { kind: 'undo', title: 'label “a” for text 1' },
    ]);
  });

  test('what changes nothing is no step', () => {
    const database = newDatabase('multilabel');
    const give = (...labels: string[]) =>
      annotate(database, 'me', { id: 1, annotation: { label: null, labels, spans: null }, skipped: false });
    give('a', 'b');
    give('b', 'a');
    remark(database, 'me', { id: 1, remark: { note: '', unsure: false } });
    expect(undo(database, 'me').title).toBe('labels “a”, “b” for text 1');
    expect(undo(database, 'me')).toMatchObject({ title: 'new label “c”', example: null, labels: true });
  });

  test('of very many examples is one step', () => {
    const database = newDatabase('classification');
    database.exec(`
      WITH RECURSIVE number(n) AS (SELECT ${examples + 1} UNION ALL SELECT n + 1 FROM number WHERE n < 2500)
        INSERT INTO example (id, text, text_hash, split, source_row) SELECT n, 't', x'00', 'train', n FROM number;
      UPDATE project SET visible_examples = 2500`);
    const a = idOf(database, 'a');
    change(database, 'me', 'label “a” for 2,500 texts', (changes) => {
      for (let id = 1; id <= 2500; id++) changes.example(id, { annotation: { label: a, labels: null, spans: null } });
    });
    const labeled = () => database.prepare('SELECT count(*) FROM example WHERE label = ?').pluck().get(a);
    expect(labeled()).toBe(2500);
    expect(undo(database, 'me')).toMatchObject({ examples: 2500, example: { id: 1 } });
    expect(labeled()).toBe(0);
    redo(database, 'me');
    expect(labeled()).toBe(2500);
  });

  test('a name that an import took meanwhile does not stop it', () => {
    const database = newDatabase('classification');
    annotate(database, 'me', { id: 1, annotation: { label: 'a', spans: null }, skipped: false });
    updateLabel(database, 'me', { id: idOf(database, 'a'), patch: { name: 'z' } });
    pendingLabelId(database, 'a');
    publishLabels(database);
    expect(undo(database, 'me')).toMatchObject({ title: 'renaming “a” to “z”', labels: true });
    expect(listLabels(database, 'classification').map(({ name, count }) => [name, count])).toEqual([
      ['a (2)', 1],
      ['b', 0],
      ['c', 0],
      ['a', 0],
    ]);
    expect(undo(database, 'me').example?.annotation.label).toBeNull();
  });
});

describe('labels', () => {
  test('one that imported texts carry outlives what made it', () => {
    const database = newDatabase('classification');
    const c = idOf(database, 'c');
    database.exec(`UPDATE example SET label = ${c}, annotated = 1 WHERE id = 1`);
    expect(undo(database, 'me')).toMatchObject({ title: 'new label “c”', labels: true });
    expect(listLabels(database, 'classification').map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(undo(database, 'me')).toMatchObject({ title: 'new label “b”' });
    redo(database, 'me');
    redo(database, 'me');
    expect(listLabels(database, 'classification').map(({ name, count }) => [name, count])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 1],
    ]);
  });

  test('a renamed or merged label is the same to what runs said of it', () => {
    const database = newDatabase('classification');
    updateLabel(database, 'me', { id: idOf(database, 'a'), patch: { name: 'x' } });
    mergeLabel(database, 'me', { id: idOf(database, 'b'), into: idOf(database, 'x') });
    updateLabel(database, 'me', { id: idOf(database, 'x'), patch: { name: 'y' } });
    expect(Object.fromEntries(formerNames(database))).toEqual({ a: 'y', b: 'y', x: 'y' });
    undo(database, 'me');
    undo(database, 'me');
    expect(Object.fromEntries(formerNames(database))).toEqual({ a: 'x' });
  });

  test('a taken name is refused, a taken look exchanged', () => {
    const database = newDatabase('classification');
    expect(() => updateLabel(database, 'me', { id: idOf(database, 'a'), patch: { name: 'b' } })).toThrow(
      expect.objectContaining({ code: 'wrong_format', message: expect.stringContaining('“b”') }),
    );
    updateLabel(database, 'me', { id: idOf(database, 'a'), patch: { category: 2 } });
    expect(listLabels(database, 'classification').map(({ category }) => category)).toEqual([2, 1, 0]);
    createLabel(database, 'me', 'd');
    expect(listLabels(database, 'classification').at(-1)).toMatchObject({ name: 'd', category: 3, position: 3 });
  });

  test('merging and deleting say what they do to annotations', () => {
    const database = newDatabase('multilabel');
    const give = (id: number, ...labels: string[]) =>
      annotate(database, 'me', { id, annotation: { label: null, labels, spans: null }, skipped: false });
    give(1, 'a', 'b');
    give(2, 'a');
    mergeLabel(database, 'me', { id: idOf(database, 'a'), into: idOf(database, 'b') });
    expect(listLabels(database, 'multilabel').map(({ name, count }) => [name, count])).toEqual([
      ['b', 2],
      ['c', 0],
    ]);
    deleteLabel(database, 'me', idOf(database, 'b'));
    expect(undo(database, 'me')).toMatchObject({ title: 'deletion of “b”', examples: 2, labels: true });
    expect(undo(database, 'me').example?.annotation.labels).toEqual(['a', 'b']);
  });
});
