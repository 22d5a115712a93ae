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
