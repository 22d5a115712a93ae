import fc from 'fast-check';
import { expect, test } from 'vitest';
import { everything, exampleFilterSchema } from './filter.ts';
import { formatQuery, liftParts, parseQuery, queryParts, searchedIn } from './query.ts';

test('parts and words, in any order', () => {
  expect(parseQuery('refund label:"Account access" late is:unlabeled split:Training length:6..20')).toEqual({
    ...everything,
    search: 'refund late',
    label: 'Account access',
    labeled: false,
    split: 'train',
    minLength: 6,
    maxLength: 20,
  });
  expect(parseQuery('/^the .*\\/$/ probability:<60% predicted:Billing differs:r2 run:r3')).toMatchObject({
    pattern: '^the .*\\/$',
    maxProbability: 0.6,
    predicted: 'Billing',
    differs: 'r2',
    run: 'r3',
  });
  expect(parseQuery('"charged twice" 10:30 http://x')).toEqual({ ...everything, search: '"charged twice" 10:30 http://x' });
  expect(parseQuery('')).toEqual(everything);
});

test('what cannot be read is refused with what can', () => {
  for (const [text, remedy] of [
    ['split:dev', 'train, validation and test'],
    ['is:odd', 'unsure'],
    ['length:long', '>6'],
    ['probability:>2', 'at most 1'],
    ['label:', 'without a space'],
  ])
    expect(() => parseQuery(text)).toThrow(
      expect.objectContaining({ code: 'wrong_format', message: expect.stringContaining(text), remedy: expect.stringContaining(remedy) }),
    );
});

test('a filter is written as it is read', () => {
  const flag = fc.constantFrom(null, true, false);
  const name = fc.constantFrom(null, 'Billing', 'Account access', 'r2');
  const bound = fc.constantFrom(null, 0, 0.25, 1);
  const filter = fc.record({
    search: fc.constantFrom('', 'refund', '"charged twice" late'),
    pattern: fc.constantFrom('', '^a', 'a b\\/c'),
    split: fc.constantFrom(null, 'train' as const, 'test' as const),
    label: name,
    labeled: flag,
    skipped: flag,
    unsure: flag,
    noted: flag,
    minLength: fc.constantFrom(null, 3, 4),
    maxLength: fc.constantFrom(null, 4, 20),
    run: fc.constantFrom(null, 'r1'),
    predicted: name,
    minProbability: bound,
    maxProbability: bound,
    differs: fc.constantFrom(null, 'label', 'r1'),
  });
  fc.assert(
    fc.property(filter, (given) => {
      const whole = exampleFilterSchema.parse(given);
      expect(parseQuery(formatQuery(whole))).toEqual(whole);
      const cleared = queryParts(whole).reduce((left, part) => part.without(left), whole);
      expect(cleared).toEqual({ ...everything, search: whole.search });
    }),
  );
});

test('a search field lifts what is finished, and searches for the rest', () => {
  expect(liftParts('late label:Bil', false)).toEqual({ lifted: {}, left: 'late label:Bil' });
  expect(searchedIn('late label:Bil')).toBe('late');
  expect(liftParts('late label:Billing ', false)).toEqual({ lifted: { label: 'Billing' }, left: 'late ' });
  expect(liftParts('is:unsure late', true)).toEqual({ lifted: { unsure: true }, left: 'late' });
  expect(liftParts('/a b/', true)).toEqual({ lifted: { pattern: 'a b' }, left: '' });
  expect(searchedIn('/a b')).toBe('b');
});
