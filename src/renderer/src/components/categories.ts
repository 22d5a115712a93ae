/** The look of a label by its category: eight hues, each tied to a shape; from the ninth on the hues repeat with the next shape. */
const shapes = [
  'M5 .5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z',
  'M1.8.8h6.4a1 1 0 0 1 1 1v6.4a1 1 0 0 1-1 1H1.8a1 1 0 0 1-1-1V1.8a1 1 0 0 1 1-1z',
  'M5 .6 9.8 9.2H.2z',
  'M5 0l5 5-5 5-5-5z',
  'M2.6.8h4.8L9.8 5 7.4 9.2H2.6L.2 5z',
  'M3.4.4h3.2v3h3v3.2h-3v3H3.4v-3h-3V3.4h3z',
  'M5 .2l1.4 3.2 3.4.3-2.6 2.3.8 3.4L5 7.6 2 9.4l.8-3.4L.2 3.7l3.4-.3z',
  'M5 .5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zm0 2.6a1.9 1.9 0 1 0 0 3.8 1.9 1.9 0 0 0 0-3.8z',
];

/** Looks until a hue comes again. */
export const LOOKS = shapes.length;

const hueNames = ['violet', 'teal', 'crimson', 'olive', 'slate', 'plum', 'moss', 'ink'];
const shapeNames = ['circle', 'square', 'triangle', 'diamond', 'hexagon', 'plus', 'star', 'ring'];

/** `violet circle`. */
export function categoryName(category: number): string {
  const round = Math.floor(category / LOOKS);
  return `${hueNames[category % LOOKS]} ${shapeNames[(category + round) % LOOKS]}`;
}

/** `hue`: the class that colours it; `shape`: an SVG path in a 10 × 10 box. */
export function categoryOf(position: number): { hue: string; shape: string } {
  const index = Math.max(0, position);
  const round = Math.floor(index / shapes.length);
  return { hue: `cat-${(index % shapes.length) + 1}`, shape: shapes[(index + round) % shapes.length] };
}
