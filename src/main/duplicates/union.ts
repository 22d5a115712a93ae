/** Disjoint sets of the numbers 0 … count − 1 (union-find with path halving); a set's name is its lowest member. */
export class DisjointSets {
  private readonly parents: Uint32Array;

  constructor(count: number) {
    this.parents = Uint32Array.from({ length: count }, (_, index) => index);
  }

  find(member: number): number {
    const { parents } = this;
    while (parents[member] !== member) member = parents[member] = parents[parents[member]];
    return member;
  }

  /** Joins the sets of both. */
  join(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].sort((x, y) => x - y);
    this.parents[high] = low;
  }
}
