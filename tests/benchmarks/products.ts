/**
 * How quickly ONNX Runtime multiplies the matrices of a step at 16 × 128 tokens (2048 rows; 384 and 1536 columns), as the engine asks it to: the work
 * of hf_products.py. Usage: node products.ts [ROUNDS THREADS] → {forward, inputs, weights}: GFLOP/s at best, of x·Wᵀ, dy·W and dyᵀ·x.
 */
import { input, operator, trace } from '../../src/engine/graph/index.ts';
import { mulberry32 } from '../../src/engine/text/index.ts';
import { float32, openSession } from '../../src/engine/runtimes/onnx.ts';

const [rounds = 12, threads = 2] = process.argv.slice(2).map(Number);
const ROWS = 2048;
/** [out, in] of a layer's matrices, and how many of each it has. */
const MATRICES = [
  { out: 384, inner: 384, count: 4 },
  { out: 1536, inner: 384, count: 1 },
  { out: 384, inner: 1536, count: 1 },
];
type Kind = 'forward' | 'inputs' | 'weights';

const random = mulberry32(1);
const matrix = ([rows, columns]: number[]) =>
  float32(
    Float32Array.from({ length: rows * columns }, () => random() - 0.5),
    [rows, columns],
  );

/** Shortest time in ms of one product. */
async function shortest(kind: Kind, out: number, inner: number): Promise<number> {
  const shapes = { forward: [[ROWS, inner], [out, inner], [ROWS, out]], inputs: [[ROWS, out], [out, inner], [ROWS, inner]], weights: [[ROWS, out], [ROWS, inner], [out, inner]] }[kind]; // prettier-ignore
  const attributes = { transA: { int: +(kind === 'weights') }, transB: { int: +(kind === 'forward') } };
  const { graph, outputs } = trace({ batch: 13, length: 17 }, 'fused', () => ({
    y: operator('Gemm', [input('a', shapes[0]), input('b', shapes[1])], shapes[2], attributes),
  }));
  const session = await openSession(graph.encode(outputs), { device: 'cpu', threads });
  const [feeds, fetches] = [{ a: matrix(shapes[0]), b: matrix(shapes[1]) }, { y: matrix(shapes[2]) }];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await session.run(feeds, fetches);
    times.push(performance.now() - started);
  }
  await session.release();
  return Math.min(...times);
}

async function rate(kind: Kind): Promise<number> {
  let [operations, milliseconds] = [0, 0];
  for (const { out, inner, count } of MATRICES) {
    operations += count * 2 * ROWS * out * inner;
    milliseconds += count * (await shortest(kind, out, inner));
  }
  return Math.round(operations / milliseconds / 1e6);
}

console.log(JSON.stringify({ forward: await rate('forward'), inputs: await rate('inputs'), weights: await rate('weights') }));
