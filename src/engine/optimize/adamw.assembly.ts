// @ts-nocheck: AssemblyScript, compiled by scripts/build-wasm.ts; its types (usize, f32, v128) are not TypeScript's.
// The memory is the caller's: p, g, m, v are byte addresses, multiples of 16; count is the number of floats, a multiple of 4.

/** torch.optim.AdamW, one step of one parameter. rate = lr / (1 − β1^t), root = √(1 − β2^t), decay = 1 − lr · weightDecay. */
export function adamw(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  count: usize,
  scale: f32,
  decay: f32,
  rate: f32,
  root: f32,
  epsilon: f32,
  beta1: f32,
  beta2: f32,
): void {
  const scales = f32x4.splat(scale),
    decays = f32x4.splat(decay),
    rates = f32x4.splat(rate),
    roots = f32x4.splat(root);
  const epsilons = f32x4.splat(epsilon),
    fresh1 = f32x4.splat(1 - beta1),
    kept2 = f32x4.splat(beta2),
    fresh2 = f32x4.splat(1 - beta2);
  const bytes = count * 4;
  for (let i: usize = 0; i < bytes; i += 16) {
    const gradient = f32x4.mul(v128.load(g + i), scales);
    const oldMean = v128.load(m + i);
    const mean = f32x4.add(oldMean, f32x4.mul(f32x4.sub(gradient, oldMean), fresh1));
    const square = f32x4.add(f32x4.mul(v128.load(v + i), kept2), f32x4.mul(f32x4.mul(gradient, gradient), fresh2));
    const divisor = f32x4.add(f32x4.div(f32x4.sqrt(square), roots), epsilons);
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(p + i, f32x4.sub(f32x4.mul(v128.load(p + i), decays), f32x4.mul(f32x4.div(mean, divisor), rates)));
  }
}

/** The same for some rows of a table: `rows` is the address of their numbers (u32), `width` the floats of a row. */
export function adamwRows(
  rows: usize,
  rowCount: u32,
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  width: usize,
  scale: f32,
  decay: f32,
  rate: f32,
  root: f32,
  epsilon: f32,
  beta1: f32,
  beta2: f32,
): void {
  for (let i: u32 = 0; i < rowCount; i++) {
    const at = <usize>load<u32>(rows + (i << 2)) * width * 4;
    adamw(p + at, g + at, m + at, v + at, width, scale, decay, rate, root, epsilon, beta1, beta2);
  }
}

/** What AdamW does, over some steps, to numbers whose gradient and moments are 0: `factors` is the address of each step's decay (f32). */
export function decayed(p: usize, count: usize, factors: usize, steps: u32): void {
  const bytes = count * 4;
  for (let i: usize = 0; i < bytes; i += 16) {
    let value = v128.load(p + i);
    for (let step: u32 = 0; step < steps; step++) value = f32x4.mul(value, f32x4.splat(load<f32>(factors + (step << 2))));
    v128.store(p + i, value);
  }
}

/** target += values. */
export function add(target: usize, values: usize, count: usize): void {
  const bytes = count * 4;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(values + i)));
}

/** target += values, and values = 0. Gives the sum of the target's squares, in double precision. */
export function take(target: usize, values: usize, count: usize): f64 {
  const bytes = count * 4;
  let squares = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const sum = f32x4.add(v128.load(target + i), v128.load(values + i));
    v128.store(target + i, sum);
    v128.store(values + i, f32x4.splat(0));
    const low = f64x2.promote_low_f32x4(sum);
    const high = f64x2.promote_low_f32x4(v128.shuffle<u32>(sum, sum, 2, 3, 2, 3));
    squares = f64x2.add(squares, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
  }
  return f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
}
