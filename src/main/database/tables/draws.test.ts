import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { annotate } from '../annotate.ts';
import { createLabel, updateLabel } from '../labels.ts';
import { migrate } from '../migrations/index.ts';
import { addDraws, answerDraws, listDraws } from './draws.ts';
import { insertProject, showExamples } from './project.ts';

function database(): SqliteDatabase.Database {
  const made = new SqliteDatabase(':memory:');
  migrate(made, 'project.db');
  insertProject(made, { name: 'Test', task: 'classification' });
  for (let id = 1; id <= 4; id++)
    made.prepare("INSERT INTO example (id, text, text_hash, split, source_row) VALUES (?, 'a', x'00', 'train', 1)").run(id);
  showExamples(made, 4, []);
  for (const name of ['no', 'yes']) createLabel(made, 'me', name);
  return made;
}
const label = (of: SqliteDatabase.Database, id: number, name: string | null) =>
  annotate(of, 'me', { id, annotation: { label: name, spans: null }, skipped: false });

test('a text is drawn once, and keeps the first answer', () => {
  const of = database();
  addDraws(of, [1, 3]);
  of.exec("UPDATE random_draw SET drawn_at = '2026-01-01'");
  addDraws(of, [3, 2]);
  answerDraws(of, [{ example: 3, answer: ['yes'], labels: 12 }]);
  answerDraws(of, [{ example: 3, answer: ['no'], labels: 20 }]);
  label(of, 3, 'no');
  expect(listDraws(of)).toEqual([
    { example: 1, answer: null, labels: 0, given: null },
    { example: 3, answer: ['yes'], labels: 12, given: ['no'] },
    { example: 2, answer: null, labels: 0, given: null },
  ]);
});

test('an answer is by the present name, and texts that are no longer there or in training are not listed', () => {
  const of = database();
  addDraws(of, [1, 2, 3]);
  answerDraws(of, [{ example: 1, answer: ['yes'], labels: 12 }]);
  label(of, 1, 'yes');
  updateLabel(of, 'me', { id: 2, patch: { name: 'of course' } });
  of.exec("UPDATE example SET deleted = 1 WHERE id = 2; UPDATE example SET split = 'test' WHERE id = 3");
  expect(listDraws(of)).toEqual([{ example: 1, answer: ['of course'], labels: 12, given: ['of course'] }]);
});

test('an approved suggestion is no test of a head, until a person says so too', () => {
  const of = database();
  addDraws(of, [1]);
  answerDraws(of, [{ example: 1, answer: ['yes'], labels: 12 }]);
  label(of, 1, 'no');
  of.exec("INSERT INTO approval (example, run) VALUES (1, 'r1')");
  expect(listDraws(of)).toMatchObject([{ answer: ['yes'], given: null }]);
  label(of, 1, 'yes');
  expect(listDraws(of)).toMatchObject([{ answer: ['yes'], given: ['yes'] }]);
});
