/**
 * AdamW (Loshchilov and Hutter 2019; the arithmetic of torch.optim.AdamW) in one pass of WebAssembly SIMD over memory. Parameter, gradient
 * and both moments lie in WebAssembly memories, of which ONNX Runtime's tensors are views.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ThawError } from '../../shared/errors.ts';
import { product } from '../graph/graph.ts';

export interface AdamWOptions {
  learningRate: number;
  weightDecay: number;
  betas: [number, number];
  epsilon: number;
  /** Count of this step, from 1. */
  step: number;
  /** Factor of the gradient: below 1 where its norm is clipped. */
  scale: number;
}
type Part = 'p' | 'g' | 'm' | 'v';
const PARTS: Part[] = ['p', 'g', 'm', 'v'];
type Kernel = (p: number, g: number, m: number, v: number, count: number, ...scalars: number[]) => void;

interface Arena {
  buffer: ArrayBuffer;
  kernel: Kernel;
  /** Floats of each part. */
  size: number;
}
interface Slot {
  arena: Arena;
  at: number;
  shape: number[];
}
/** Floats a part may have: four parts and a page in the 4 GB that a WebAssembly memory can hold. */
const LARGEST = 2 ** 28 - 2 ** 14;
/** The lowest page is left to the module. */
const START = 65536;
const rounded = (count: number) => Math.ceil(count / 4) * 4;

/** resources/wasm, in a checkout (src/engine/optimize) and bundled (out/main). */
function wasmFile(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'resources', 'wasm', 'adamw.wasm');
    if (fs.existsSync(file)) return file;
    if (folder === path.dirname(folder)) break;
  }
  throw new ThawError({ code: 'file_not_found', message: 'resources/wasm/adamw.wasm is missing.', remedy: 'Run `npm run prepare`.' });
}
async function openArena(size: number): Promise<Arena> {
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((START + size * 16) / 65536), maximum: 65536 });
    const { instance } = await WebAssembly.instantiate(fs.readFileSync(wasmFile()), { env: { memory } });
    return { buffer: memory.buffer, kernel: instance.exports.adamw as Kernel, size };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `There is not enough memory for ${(size * 16) / 1e9} GB of parameters, gradients and optimizer state.`;
    throw new ThawError({ code: 'out_of_memory', message, remedy: 'Freeze more layers, or choose a smaller base model.' }, { cause });
  }
}

/** The trained tensors with their gradients and moments. */
export class AdamW {
  private readonly slots: Map<string, Slot>;

  private constructor(slots: Map<string, Slot>) {
    this.slots = slots;
  }
  static async open(shapes: Map<string, number[]>): Promise<AdamW> {
    const groups: Map<string, number[]>[] = [];
    let filled = Infinity;
    for (const [name, shape] of shapes) {
      const count = rounded(product(shape));
      if (count > LARGEST)
        throw new ThawError({
          code: 'out_of_memory',
          message: `${name} is too large to be trained (${count} numbers).`,
          remedy: 'Freeze its layer.',
        });
      if (filled + count > LARGEST) {
        groups.push(new Map());
        filled = 0;
      }
      groups.at(-1)!.set(name, shape);
      filled += count;
    }
    const slots = new Map<string, Slot>();
    for (const group of groups) {
      const arena = await openArena([...group.values()].reduce((sum, shape) => sum + rounded(product(shape)), 0));
      let at = 0;
      for (const [name, shape] of group) {
        slots.set(name, { arena, at, shape });
        at += rounded(product(shape));
      }
    }
    return new AdamW(slots);
  }
  private address({ arena, at }: Slot, part: Part) {
    return START + (PARTS.indexOf(part) * arena.size + at) * 4;
  }
  get names(): string[] {
    return [...this.slots.keys()];
  }
  /** A view of a tensor's values (`p`), gradient (`g`), or moments (`m`, `v`). */
  view(name: string, part: Part): Float32Array {
    const slot = this.slots.get(name)!;
    return new Float32Array(slot.arena.buffer, this.address(slot, part), product(slot.shape));
  }
  /** p ← p·(1 − lr·decay) − lr · m̂ / (√v̂ + ε). */
  update(name: string, { learningRate, weightDecay, betas: [beta1, beta2], epsilon, step, scale }: AdamWOptions): void {
    const slot = this.slots.get(name)!;
    const [p, g, m, v] = PARTS.map((part) => this.address(slot, part));
    const rate = learningRate / (1 - beta1 ** step);
    slot.arena.kernel(
      p,
      g,
      m,
      v,
      rounded(product(slot.shape)),
      scale,
      1 - learningRate * weightDecay,
      rate,
      Math.sqrt(1 - beta2 ** step),
      epsilon,
      beta1,
      beta2,
    );
  }
}
