import { expect, it } from 'vitest';
import type { Annotation, Span } from '../../../shared/domain.ts';
import { choicesOf, commonOf, spansOf } from './answers.ts';

const said = (annotator: string, annotation: Annotation) => ({ annotator, at: null, annotation });
const marked = (...spans: Span[]): Annotation => ({ label: null, spans });
const some = (...labels: string[]): Annotation => ({ label: null, labels, spans: null });

const long: Span = { start: 0, end: 9, label: 'ORG' };
const short: Span = { start: 0, end: 4, label: 'ORG' };
const place: Span = { start: 5, end: 9, label: 'LOC' };

it('equal answers are one choice, whatever the order of their labels or spans', () => {
  const answers = [said('Ana', some('a', 'b')), said('Ben', some('b')), said('Cleo', some('b', 'a'))];
  expect(choicesOf(answers).map(({ annotators }) => annotators)).toEqual([['Ana', 'Cleo'], ['Ben']]);
  expect(choicesOf([said('Ana', marked(short, place)), said('Ben', marked(place, short))])).toHaveLength(1);
});

it('what all have in common is where putting together begins; none marked is an answer too', () => {
  expect(commonOf([said('Ana', some('a', 'b')), said('Ben', some('b', 'c'))])).toEqual(some('b'));
  expect(commonOf([said('Ana', marked(long, place)), said('Ben', marked(short, place))])).toEqual(marked(place));
  expect(commonOf([said('Ana', marked(long)), said('Ben', marked())])).toEqual(marked());
});

it('spans of all answers come once each, by place, the longer first', () => {
  expect(spansOf([said('Ana', marked(place, short)), said('Ben', marked(long, place))])).toEqual([long, short, place]);
});
