import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { annotate } from '../annotate.ts';
import { LongChange, redo, undo } from '../history.ts';
import { createLabel } from '../labels.ts';
import { migrate } from '../migrations/index.ts';
import { changedSince, learningExamples, readMark, suggestionFacts, trainingIds } from './learning.ts';
import { insertProject, showExamples } from './project.ts';

function database(): SqliteDatabase.Database {
  const made = new SqliteDatabase(':memory:');
  migrate(made, 'project.db');
  insertProject(made, { name: 'Test', task: 'classification' });
  const insert = made.prepare("INSERT INTO example (id, text, text_hash, split, source_row) VALUES (?, 'a', x'00', ?, 1)");
  for (let id = 1; id <= 6; id++) insert.run(id, id === 6 ? 'test' : 'train');
  showExamples(made, 6, []);
  createLabel(made, 'me', 'yes');
  return made;
}
const label = (of: SqliteDatabase.Database, id: number) =>
  annotate(of, 'me', { id, annotation: { label: 'yes', spans: null }, skipped: false });

test('what was labeled, undone and done again since is told', () => {
  const of = database();
  label(of, 1);
  let mark = readMark(of);
  expect(changedSince(of, mark)).toEqual({ mark, ids: [] });
  label(of, 2);
  label(of, 3);
  const changed = changedSince(of, mark);
  expect(changed.ids.sort()).toEqual([2, 3]);
  mark = changed.mark;
  undo(of, 'me');
  expect(changedSince(of, mark).ids).toEqual([3]);
  mark = readMark(of);
  redo(of, 'me');
  expect(changedSince(of, mark).ids).toEqual([3]);
});

test('each piece of a long change is told, and that it was taken back', async () => {
  const of = database();
  let mark = readMark(of);
  const long = new LongChange(of, 'me', 'skip of texts');
  const next = () => {
    const { mark: now, ids } = changedSince(of, mark);
    mark = now;
    return ids.sort();
  };
  for (const id of [1, 2]) {
    long.piece((changes) => changes.example(id, { skipped: true }));
    expect(next()).toEqual([id]);
  }
  await long.takeBack();
  expect(next()).toEqual([1, 2]);
});

test('imported texts are told by what is seen, not one by one', () => {
  const of = database();
  const mark = readMark(of);
  of.exec("INSERT INTO example (id, text, text_hash, split, source_row) VALUES (7, 'a', x'00', 'train', 1)");
  showExamples(of, 7, []);
  expect(changedSince(of, mark)).toEqual({ mark: { ...mark, visible: 7 }, ids: [] });
});

test('training texts are told apart, and read as learning sees them', () => {
  const of = database();
  label(of, 1);
  annotate(of, 'me', { id: 2, annotation: { label: null, spans: null }, skipped: true });
  of.exec('UPDATE example SET deleted = 1 WHERE id = 3');
  expect(trainingIds(of, 0, 6)).toEqual({ labeled: [1], open: [4, 5] });
  expect(trainingIds(of, 4, 6)).toEqual({ labeled: [], open: [5] });
  expect(learningExamples(of, [2, 3, 1, 6])).toEqual([
    { id: 2, text: 'a', textHash: '00', split: 'train', labels: null, spans: null, pretokenized: false, skipped: true },
    { id: 1, text: 'a', textHash: '00', split: 'train', labels: [1], spans: null, pretokenized: false, skipped: false },
    { id: 6, text: 'a', textHash: '00', split: 'test', labels: null, spans: null, pretokenized: false, skipped: false },
  ]);
});

test('whether a run knows less is told by the labels of today and of the run', () => {
  const of = database();
  for (const id of [1, 2, 3, 6]) label(of, id);
  of.exec(`UPDATE example SET deleted = 1 WHERE id = 3; INSERT INTO snapshot (hash, examples, created_at) VALUES ('h', 2, '');
    INSERT INTO run (name, status, base, snapshot, configuration, labels, created_at) VALUES ('R', 'finished', 'b', 'h', '{}', '[]', '')`);
  expect(suggestionFacts(of, 4, 'r1')).toEqual({
    text: 'a',
    pretokenized: false,
    split: 'train',
    isLabeled: false,
    labeled: 3,
    labeledForRun: 2,
  });
  expect(suggestionFacts(of, 6, null)).toEqual({
    text: 'a',
    pretokenized: false,
    split: 'test',
    isLabeled: true,
    labeled: 3,
    labeledForRun: 0,
  });
  expect(suggestionFacts(of, 3, null)).toBeNull();
});
