/**
 * Diversity: k-center greedy (Sener and Savarese 2018, Active Learning for Convolutional Neural Networks: A Core-Set Approach, algorithm 1). Each
 * text that is chosen is the one furthest from all that are labeled or were chosen before it.
 */
export interface Points {
  /** [any, width], row-major. */
  values: Float32Array;
  width: number;
  /** Which rows of `values` are meant. */
  rows: Uint32Array;
}
export interface Chosen {
  /** Index into `rows`. */
  index: number;
  /** From the nearest centre, when it was chosen. */
  distance: number;
}

/**
 * The first `count` of the points. `nearest`: distance of each to the nearest centre there is already [rows]; it is brought up to date. Equally
 * far ones: the first.
 */
export function kCenterGreedy(points: Points, nearest: Float32Array, count: number): Chosen[] {
  const chosen: Chosen[] = [];
  const taken = new Uint8Array(nearest.length);
  while (chosen.length < Math.min(count, nearest.length)) {
    const index = furthest(nearest, taken);
    chosen.push({ index, distance: nearest[index] });
    taken[index] = 1;
    for (let other = 0; other < nearest.length; other++) {
      if (taken[other]) continue;
      const least = nearest[other] ** 2;
      const squared = squaredDistance(points, index, other, least);
      if (squared < least) nearest[other] = Math.sqrt(squared);
    }
  }
  return chosen;
}

function furthest(nearest: Float32Array, taken: Uint8Array): number {
  let best = -1;
  for (let at = 0; at < nearest.length; at++) if (!taken[at] && (best < 0 || nearest[at] > nearest[best])) best = at;
  return best;
}

/** Between two points; given up once it is known to be no less than `most`. */
function squaredDistance({ values, width, rows }: Points, first: number, second: number, most: number): number {
  const [a, b] = [rows[first] * width, rows[second] * width];
  let sum = 0;
  for (let from = 0; from < width && sum < most; from += 32)
    for (let j = from; j < Math.min(width, from + 32); j++) sum += (values[a + j] - values[b + j]) ** 2;
  return sum;
}

/** Index of the point nearest to the mean of all: where to begin when nothing is labeled. −1 where there is none. */
export function centralPoint({ values, width, rows }: Points): number {
  const mean = new Float64Array(width);
  for (const row of rows) for (let j = 0; j < width; j++) mean[j] += values[row * width + j] / rows.length;
  let [best, least] = [-1, Infinity];
  rows.forEach((row, index) => {
    let squared = 0;
    for (let j = 0; j < width; j++) squared += (values[row * width + j] - mean[j]) ** 2;
    if (squared < least) [best, least] = [index, squared];
  });
  return best;
}
