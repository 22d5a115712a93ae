/**
 * An informative queue with texts drawn at random among it. Texts that a measure chooses are harder than the rest, so that how often a model is
 * right about them says nothing of the rest; a part that is drawn evenly does.
 */
export interface Mixed {
  id: number;
  drawnAtRandom: boolean;
}

/**
 * The first `count` places, from the one numbered `place` on: at every `every`-th the next of `drawn`, at the others the next of `ranked`. Where
 * one is at its end, the other goes on. No id comes twice: one that was drawn is left out of the ranked.
 */
export function mixAtRandom(ranked: readonly number[], drawn: readonly number[], count: number, place: number, every: number): Mixed[] {
  const places = Array.from({ length: count }, (_, at) => (place + at + 1) % every === 0);
  const used = new Set(drawn.slice(0, places.filter(Boolean).length));
  const chosen = ranked.filter((id) => !used.has(id));
  const random = [...used];
  const mixed: Mixed[] = [];
  for (const isRandom of places) {
    const takeRandom = random.length > 0 && (isRandom || chosen.length === 0);
    const id = takeRandom ? random.shift() : chosen.shift();
    if (id !== undefined) mixed.push({ id, drawnAtRandom: takeRandom });
  }
  return mixed;
}
