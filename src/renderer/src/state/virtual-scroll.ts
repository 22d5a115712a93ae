/**
 * Scrolls any number of rows of one height in an element of bounded height: browsers draw nothing beyond some 16 to 33 million pixels, which
 * is half a million rows. While the element can be as high as the rows, this does nothing. Beyond that, small steps (a wheel, a key) move the
 * rows by as much as they move the element, and large ones (a dragged scrollbar) by the share of it.
 */

export const LARGEST_HEIGHT = 8_000_000;

export interface Place {
  /** Of the element, in its pixels. */
  scrollTop: number;
  /** Of the rows: pixels above the first one in sight. */
  top: number;
}

export interface Extent {
  /** Height of all rows, in pixels. */
  rows: number;
  /** Height of what is in sight of them. */
  view: number;
}

/** Height the rows are given in the element. */
export const heightOf = ({ rows }: Extent): number => Math.min(rows, LARGEST_HEIGHT);

/** Pixels the element keeps from its ends while the rows are not at theirs: room for rows half in sight, and for a way on. */
const LEAD = 60;

/** How far the rows, and the element, can be scrolled. */
const reach = (extent: Extent) => ({
  rows: Math.max(0, extent.rows - extent.view),
  element: Math.max(0, heightOf(extent) - extent.view),
});

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

/** The element was scrolled to `scrollTop`. */
export function scrolled(place: Place, scrollTop: number, extent: Extent): Place {
  const { rows, element } = reach(extent);
  if (rows === element) return { scrollTop, top: scrollTop };
  if (scrollTop <= 0) return { scrollTop, top: 0 };
  if (scrollTop >= element - 1) return { scrollTop, top: rows };
  const step = scrollTop - place.scrollTop;
  if (Math.abs(step) <= 2 * extent.view) return { scrollTop, top: clamp(place.top + step, rows) };
  return { scrollTop, top: clamp((scrollTop / element) * rows, rows) };
}

/** Where the element has to be for the rows to be at `top`. */
export function placeOf(top: number, extent: Extent): Place {
  const { rows, element } = reach(extent);
  const to = clamp(top, rows);
  if (rows === element) return { scrollTop: to, top: to };
  if (to === 0) return { scrollTop: 0, top: 0 };
  if (to === rows) return { scrollTop: element, top: rows };
  return { scrollTop: Math.max(LEAD, Math.min(element - LEAD, Math.round((to / rows) * element))), top: to };
}

/** Whether many small steps have taken the rows far from where the element says they are. */
export const isAstray = (place: Place, extent: Extent): boolean =>
  Math.abs(placeOf(place.top, extent).scrollTop - place.scrollTop) > extent.view / 2;

/** The rows to draw, some more on either side, and the pixels of the element above and below them. */
export function drawnRows(place: Place, extent: Extent, { rowHeight, spare }: { rowHeight: number; spare: number }) {
  const total = Math.round(extent.rows / rowHeight);
  const shift = place.top - place.scrollTop;
  const first = Math.max(0, Math.ceil(shift / rowHeight), Math.min(total, Math.floor(place.top / rowHeight)) - spare);
  const room = Math.floor((heightOf(extent) + shift) / rowHeight) - 1;
  const last = Math.min(total - 1, room, Math.ceil((place.top + extent.view) / rowHeight) + spare);
  return { first, last, above: first * rowHeight - shift, below: heightOf(extent) - ((last + 1) * rowHeight - shift) };
}
