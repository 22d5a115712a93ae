/** Numbers of things, as sentences have them. */
const counts = new Intl.NumberFormat('en');

/** `2,000`. */
export function count(value: number): string {
  return counts.format(value);
}

/** `1 text`, `2,000 texts`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
