/** How far embeddings are from the nearest of some others: one matrix product, by ONNX Runtime. */
import type { Points } from '../active/index.ts';
import { input, trace } from '../graph/index.ts';
import { linear } from '../models/blocks.ts';
import { float32, openSession } from '../runtimes/onnx.ts';

/** Cells of a product at a time: 16 MB. */
const CELLS = 2 ** 22;
/** Larger than a processor needs at once, and few megabytes of rows. */
const MOST_ROWS = 4096;
const SIZES = { batch: 101, length: 103 };

/**
 * Distance of each point to the nearest row of `centres` [m, width], all of length 1, so that it is in [0, 2]: [points]. Without centres:
 * Infinity. `threads`: 0 for the physical cores.
 */
export async function nearestCentres({ values, width, rows }: Points, centres: Float32Array, threads: number): Promise<Float32Array> {
  const m = centres.length / width;
  const nearest = new Float32Array(rows.length).fill(Infinity);
  if (rows.length === 0 || m === 0) return nearest;
  const { graph, outputs } = trace(SIZES, 'fused', () => ({
    cosines: linear(input('points', [SIZES.batch, width]), input('centres', [SIZES.length, width]), null),
  }));
  const session = await openSession(graph.encode(outputs), { device: 'cpu', threads });
  try {
    const all = float32(centres, [m, width]);
    const piece = Math.min(MOST_ROWS, Math.max(1, Math.floor(CELLS / m)));
    for (let from = 0; from < rows.length; from += piece) {
      const some = rows.subarray(from, from + piece);
      const feeds = { points: float32(rowsOf(values, width, some), [some.length, width]), centres: all };
      const cosines = (await session.run(feeds)).cosines.data as Float32Array;
      for (let at = 0; at < some.length; at++) nearest[from + at] = distanceOf(largest(cosines, at * m, m));
    }
  } finally {
    await session.release();
  }
  return nearest;
}

/** Some rows of `values` [any, width], copied: [rows, width]. */
export function rowsOf(values: Float32Array, width: number, rows: Uint32Array): Float32Array {
  const copied = new Float32Array(rows.length * width);
  rows.forEach((row, at) => copied.set(values.subarray(row * width, (row + 1) * width), at * width));
  return copied;
}

/** Of two vectors of length 1 by their cosine. */
const distanceOf = (cosine: number): number => Math.sqrt(Math.max(0, 2 - 2 * cosine));

function largest(values: Float32Array, from: number, count: number): number {
  let most = values[from];
  for (let at = from + 1; at < from + count; at++) if (values[at] > most) most = values[at];
  return most;
}
