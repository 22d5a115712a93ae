/** Finds which examples have to stay in one split: near-duplicates, and those of one value of a column. */
import { Growing, NearDuplicates, TextIndex } from '../duplicates/index.ts';
import { rowsTogether } from '../import/index.ts';

/** Where texts are kept until they are compared. */
export interface TextStore {
  append(text: string): void;
  text(index: number): string;
}

export interface Together {
  /** Of the examples, in order. */
  ids: Float64Array;
  /** By example, the place of the first one that it stays with: its own where it stands alone. */
  together: Uint32Array;
  /** Texts so many of which are near-duplicates that they are drawn one by one. */
  alike: number;
}

/**
 * Near-duplicates stay together in groups up to this size: more of them are made from one pattern (log lines, "text number 17"), and as one group they
 * would leave a split without examples.
 */
export const largestNearGroup = (texts: number): number => Math.max(8, Math.floor(texts / 20));

export class Gathering {
  private readonly ids = new Growing(new Float64Array(0));
  private readonly values: (string | null)[] = [];
  private readonly near = new NearDuplicates();
  private readonly same = new TextIndex();
  private readonly firsts = new Growing(new Uint32Array(0));
  private readonly texts: TextStore;

  constructor(texts: TextStore) {
    this.texts = texts;
  }

  /** `value`: what the column says; null or empty: nothing. */
  add(id: number, text: string, value: string | null): void {
    this.ids.push(id);
    this.values.push(value);
    this.firsts.push(this.same.add(text));
    this.near.add(text);
    this.texts.append(text);
  }

  finish(): Together {
    const { groups, alike } = this.groups();
    return { ids: this.ids.all().slice(), together: rowsTogether(groups, this.values), alike };
  }

  /** Near-duplicates, or where there are too many of a kind, equal texts. */
  private groups(): { groups: Uint32Array; alike: number } {
    const same = this.firsts.all();
    const { groups } = this.near.groups((index) => this.texts.text(index));
    const sizes = new Uint32Array(groups.length);
    for (const [index, group] of groups.entries()) if (same[index] === index) sizes[group]++;
    const most = largestNearGroup(groups.length);
    const kept = groups.map((group, index) => (sizes[group] > most ? same[index] : group));
    return { groups: kept, alike: groups.reduce((count, group) => count + (sizes[group] > most ? 1 : 0), 0) };
  }
}

/** Texts in memory, for few of them. */
export function textsInMemory(): TextStore {
  const texts: string[] = [];
  return { append: (text) => void texts.push(text), text: (index) => texts[index] };
}
