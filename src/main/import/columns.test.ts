import { expect, test } from 'vitest';
import { chooseColumns } from './columns.ts';

const choose = (names: string[], asked: { text?: string; label?: string }, lastIsLabel = true) =>
  chooseColumns(names, { ...asked, file: 'texts.csv' }, lastIsLabel);

test('the label is the last column unless said, and an empty name says there is none', () => {
  expect(choose(['id', 'text', 'mood'], {})).toEqual({ text: [1], label: 2, split: null, group: null });
  expect(choose(['id', 'text'], { label: '' })).toEqual({ text: [1], label: null, split: null, group: null });
  expect(choose(['label', 'text'], { label: '' })).toEqual({ text: [1], label: null, split: null, group: null });
});

test('an unknown column is refused with the names there are', () => {
  expect(() => choose(['id', 'text'], { label: 'mood' })).toThrow("There is no column 'mood' in texts.csv.");
});

test('a comma in what was asked parts columns, unless it is in the name of one', () => {
  expect(choose(['title', 'body', 'mood'], { text: 'title, body' })).toEqual({ text: [0, 1], label: 2, split: null, group: null });
  expect(choose(['title', 'title, body', 'mood'], { text: ' title, body' })).toEqual({ text: [1], label: 2, split: null, group: null });
});
