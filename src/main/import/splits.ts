/** Draws splits: stratified, seeded, identical texts together. */
import { mulberry32, shuffle } from '../../engine/text/random.ts';
import type { Split } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';

export type Shares = Record<Split, number>;

export const splits: Split[] = ['train', 'validation', 'test'];

/** Examples of one text, which go to one split together. */
export interface TextGroup {
  /** Each once: the example's label, or those of its entities. The draw keeps each set of them in proportion. */
  labels: readonly string[];
  size: number;
}

/** `train:validation:test` shares, in any unit. Throws wrong_format. */
export function parseShares(text: string): Shares {
  const parts = text.split(':').map(Number);
  const total = parts.reduce((sum, part) => sum + part, 0);
  if (!/^[\d.]+(:[\d.]+){2}$/.test(text) || !Number.isFinite(total) || total <= 0)
    throw new ThawError({
      code: 'wrong_format',
      message: `'${text}' is no split.`,
      remedy: 'Give train, validation, test, auto, or three shares such as 80:10:10.',
      place: { field: 'split' },
    });
  return { train: parts[0] / total, validation: parts[1] / total, test: parts[2] / total };
}

function membersOfStratum(strata: Map<string, number[]>, labels: readonly string[]): number[] {
  const stratum = labels.toSorted().join(' ');
  const members = strata.get(stratum) ?? [];
  strata.set(stratum, members);
  return members;
}

/**
 * One split a group. No label is drawn out of the training split altogether: the first group with it goes there. Beyond that, within a stratum every
 * group goes where most is missing of that split's share; what is then over or under is carried to the next stratum, so that the
 * totals are right as well.
 */
export function drawSplits(groups: TextGroup[], shares: Shares, seed: number): Split[] {
  const random = mulberry32(seed);
  const strata = new Map<string, number[]>();
  // Lists of labels come again and again; each is looked at once.
  const membersOf = new Map<readonly string[], number[]>();
  for (const [index, { labels }] of groups.entries()) {
    const members = membersOf.get(labels) ?? membersOfStratum(strata, labels);
    membersOf.set(labels, members);
    members.push(index);
  }
  const drawn: Split[] = new Array<Split>(groups.length);
  const open = splits.filter((split) => shares[split] > 0);
  const missing: Shares = { train: 0, validation: 0, test: 0 };
  const trained = new Set<string>();
  for (const stratum of [...strata.keys()].sort()) {
    const members = shuffle(strata.get(stratum) as number[], random).sort((a, b) => groups[b].size - groups[a].size);
    const total = members.reduce((sum, index) => sum + groups[index].size, 0);
    for (const split of splits) missing[split] += shares[split] * total;
    for (const index of members) {
      const { labels } = groups[index];
      const unlearnt = shares.train > 0 && labels.some((label) => !trained.has(label));
      const split = unlearnt ? 'train' : open.reduce((best, candidate) => (missing[candidate] > missing[best] + 1e-9 ? candidate : best));
      if (split === 'train') for (const label of labels) trained.add(label);
      drawn[index] = split;
      missing[split] -= groups[index].size;
    }
  }
  return drawn;
}
