/** Splits of texts that carry several labels: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, algorithm 1). */
import { mulberry32, shuffle } from '../../engine/text/random.ts';
import type { Split } from '../../shared/domain.ts';
import { splits, type Shares, type TextGroup } from './splits.ts';

/** How many examples a split still wants: in all, and of each label. */
interface Wanted {
  split: Split;
  all: number;
  byLabel: Map<string, number>;
}

function wantedBy(split: Split, share: number, groups: TextGroup[]): Wanted {
  const wanted: Wanted = { split, all: 0, byLabel: new Map() };
  for (const { labels, size } of groups) {
    wanted.all += share * size;
    for (const label of labels) wanted.byLabel.set(label, (wanted.byLabel.get(label) ?? 0) + share * size);
  }
  return wanted;
}

/**
 * One split a group. Always the label with the fewest groups left is dealt out next: each of its groups goes to the split that wants most
 * of that label, of equals to the one that wants most examples, of equals to the first. Groups without a label come last. The order of
 * the groups is drawn from the seed.
 */
export function stratifyLabels(groups: TextGroup[], shares: Shares, seed: number): Split[] {
  const indexes = groups.map((_, index) => index);
  const order = shuffle(indexes, mulberry32(seed));
  const open = splits.filter((split) => shares[split] > 0).map((split) => wantedBy(split, shares[split], groups));
  const drawn: (Split | undefined)[] = groups.map(() => undefined);
  const left = new Map<string, number>();
  const having = new Map<string, number[]>();
  for (const index of order)
    for (const label of groups[index].labels) {
      left.set(label, (left.get(label) ?? 0) + 1);
      const members = having.get(label);
      if (members) members.push(index);
      else having.set(label, [index]);
    }
  const place = (index: number, wish: (wanted: Wanted) => number) => {
    const best = open.reduce((a, b) => (wish(b) > wish(a) + 1e-9 || (wish(b) > wish(a) - 1e-9 && b.all > a.all + 1e-9) ? b : a));
    const { labels, size } = groups[index];
    drawn[index] = best.split;
    best.all -= size;
    for (const label of labels) {
      best.byLabel.set(label, (best.byLabel.get(label) ?? 0) - size);
      left.set(label, (left.get(label) ?? 0) - 1);
    }
  };
  while (left.size > 0) {
    const rarest = [...left].reduce((a, b) => (b[1] < a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a))[0];
    for (const index of having.get(rarest) ?? []) if (drawn[index] === undefined) place(index, ({ byLabel }) => byLabel.get(rarest) ?? 0);
    for (const [label, count] of left) if (count <= 0) left.delete(label);
  }
  for (const index of order) if (drawn[index] === undefined) place(index, ({ all }) => all);
  return drawn as Split[];
}
