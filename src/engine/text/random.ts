/** The one source of randomness in the engine: small, seeded, and the same on every machine. */

/** Returns the next number, uniform in [0, 1). */
export type Random = () => number;

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, period 2³². `skip`: how many numbers to pass over. */
export function mulberry32(seed: number, skip = 0): Random {
  let state = (seed + Math.imul(skip, 0x6d2b79f5)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher–Yates, in place; returns its argument. */
export function shuffle<T>(values: T[], random: Random): T[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [values[last], values[other]] = [values[other], values[last]];
  }
  return values;
}
