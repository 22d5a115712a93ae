import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawnRows, heightOf, isAstray, LARGEST_HEIGHT, placeOf, scrolled, type Place } from './virtual-scroll.ts';

const million = { rows: 36_000_000, view: 600 };
const start: Place = { scrollTop: 0, top: 0 };

test('rows that fit are scrolled as they are', () => {
  const few = { rows: 3600, view: 600 };
  expect(heightOf(few)).toBe(3600);
  expect(scrolled(start, 1234, few)).toEqual({ scrollTop: 1234, top: 1234 });
  expect(placeOf(9999, few)).toEqual({ scrollTop: 3000, top: 3000 });
});

test('a million rows: a wheel moves by its step, a dragged bar by its share, and both ends are reached', () => {
  expect(heightOf(million)).toBe(LARGEST_HEIGHT);
  const dragged = scrolled(start, 4_000_000 - 300, million);
  expect(dragged.top).toBeCloseTo(18_000_000 - 300, 0);
  expect(scrolled(dragged, dragged.scrollTop + 120, million).top - dragged.top).toBeCloseTo(120, 6);
  expect(scrolled(dragged, LARGEST_HEIGHT - 600, million).top).toBe(36_000_000 - 600);
  expect(scrolled(dragged, 0, million).top).toBe(0);
});

test('the last row of a million is drawn at the end, and no gap is negative anywhere', () => {
  const end = drawnRows(scrolled(start, LARGEST_HEIGHT - 600, million), million, { rowHeight: 36, spare: 6 });
  expect(end).toMatchObject({ last: 999_999, below: 0 });
  expect(drawnRows(start, million, { rowHeight: 36, spare: 6 })).toMatchObject({ first: 0, above: 0 });
  fc.assert(
    fc.property(fc.double({ min: 0, max: 36_000_000 - 600, noNaN: true }), (top) => {
      const { first, last, above, below } = drawnRows(placeOf(top, million), million, { rowHeight: 36, spare: 6 });
      expect(Math.min(above, below)).toBeGreaterThanOrEqual(0);
      expect(first * 36).toBeLessThanOrEqual(top);
      expect((last + 1) * 36).toBeGreaterThanOrEqual(Math.min(36_000_000, top + 600));
    }),
  );
});

test('many small steps are noticed', () => {
  let place = placeOf(18_000_000, million);
  expect(isAstray(place, million)).toBe(false);
  for (let step = 0; step < 10; step++) place = scrolled(place, place.scrollTop + 100, million);
  expect(isAstray(place, million)).toBe(true);
  expect(isAstray(placeOf(place.top, million), million)).toBe(false);
});

test('whatever is scrolled, the rows stay within their ends, and a place leads back to itself', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -8_000_000, max: 8_000_000 })));
  const extent = fc.record({ rows: fc.integer({ min: 1, max: 50_000_000 }), view: fc.integer({ min: 100, max: 1200 }) });
  fc.assert(
    fc.property(extent, steps, (given, moves) => {
      let place = start;
      for (const move of moves) {
        const scrollTop = Math.max(0, Math.min(Math.max(0, heightOf(given) - given.view), place.scrollTop + move));
        place = scrolled(place, scrollTop, given);
        expect(place.top).toBeGreaterThanOrEqual(0);
        expect(place.top).toBeLessThanOrEqual(Math.max(0, given.rows - given.view));
        const settled = placeOf(place.top, given);
        expect(settled.top).toBe(place.top);
        expect(scrolled(settled, settled.scrollTop, given).top).toBe(place.top);
      }
    }),
  );
});
