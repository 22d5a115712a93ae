/** Label names that a person reads as one: they differ by case, white space, hyphens or underscores. */

const read = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

/** New names by old ones: of names that read the same, the most frequent stays (of equals the first in the alphabet). */
export function sameNames(counts: ReadonlyMap<string, { examples: number }>): Record<string, string> {
  const groups = Map.groupBy([...counts.keys()].sort(), read);
  const renamed: Record<string, string> = {};
  for (const names of groups.values()) {
    const kept = names.reduce((best, name) => (counts.get(name)!.examples > counts.get(best)!.examples ? name : best));
    for (const name of names) if (name !== kept) renamed[name] = kept;
  }
  return renamed;
}
