/**
 * The memory that a graph needs while it runs, reckoned as ONNX Runtime plans it (onnxruntime/core/framework/allocation_planner.cc, sequential
 * execution without memory patterns): its order of nodes, results written over inputs that die, and dead buffers of the same shape taken up again.
 */
import type { Extent, Node, Program } from '../graph/index.ts';

/** Their output is their first input, looked at otherwise. */
const VIEWS = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Identity']);
/** They may write over an input of the same shape that nothing else reads. */
const OVERWRITES = new Set(['Add', 'Sub', 'Mul', 'Div', 'Exp', 'Sqrt', 'Tanh', 'Relu', 'Neg', 'Sigmoid', 'Softplus', 'Softmax', 'Cast']);

/** Nodes in the order of `GraphViewer`: a walk back from the nodes nobody reads, the later input first. */
export function executionOrder(nodes: Node[]): Node[] {
  const makers = new Map(nodes.flatMap((node, index) => node.outputs.map((name): [string, number] => [name, index])));
  const before = nodes.map(({ inputs }) => inputs.flatMap((name) => makers.get(name) ?? []).sort((a, b) => a - b));
  const read = new Set(before.flat());
  const stack = nodes.flatMap((_, index) => (read.has(index) ? [] : [{ index, done: false }]));
  const visited = new Set<number>();
  const order: Node[] = [];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { index, done } = entry;
    if (done) order.push(nodes[index]);
    if (done || visited.has(index)) continue;
    visited.add(index);
    stack.push({ index, done: true });
    for (const input of before[index]) if (!visited.has(input)) stack.push({ index: input, done: false });
  }
  return order;
}

export interface Buffer {
  extent: Extent;
  /** Steps between which it is held. */
  first: number;
  last: number;
}
/** Buffers of the runtime's own memory; results that go straight to where the caller wants them (`fetched`) are none. */
export function planBuffers(program: Program, fetched: (output: string) => boolean = () => false): Buffer[] {
  const order = executionOrder(program.nodes);
  const uses = new Map<string, number>();
  const roots = new Map<string, string>();
  const root = (name: string): string => roots.get(name) ?? name;
  for (const { inputs } of order) for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  const shapeKey = (name: string) => program.shapeOf(name)?.join();
  const buffers: Buffer[] = [];
  const holders = new Map<string, Buffer>();
  let dead: { key: string; buffer: Buffer }[] = [];

  const share = (name: string, source: string) => {
    roots.set(name, source);
    uses.set(source, (uses.get(source) ?? 0) + (uses.get(name) ?? 0));
  };
  const place = (name: string, { op, inputs }: Node, step: number): void => {
    const shape = program.shapeOf(name);
    const output = program.outputs.get(name);
    if (VIEWS.has(op) && output === undefined) return share(name, root(inputs[0]));
    if (!shape || (output !== undefined && fetched(output))) return;
    const key = shape.join();
    const over = OVERWRITES.has(op) && output === undefined && inputs.find((given) => uses.get(root(given)) === 1 && holders.has(root(given)) && shapeKey(given) === key); // prettier-ignore
    if (over) return share(name, root(over));
    const again = output === undefined ? dead.findLast((one) => one.key === key) : undefined;
    if (again) dead = dead.filter((one) => one !== again);
    const buffer = again?.buffer ?? { extent: program.extent(shape), first: step, last: step };
    if (!again) buffers.push(buffer);
    holders.set(name, buffer);
    buffer.last = output === undefined ? step : Infinity;
  };
  const release = (name: string, step: number): void => {
    const source = root(name);
    const left = (uses.get(source) ?? 0) - 1;
    uses.set(source, left);
    const buffer = holders.get(source);
    if (!buffer) return;
    if (buffer.last !== Infinity) buffer.last = step;
    if (left <= 0 && buffer.last !== Infinity) dead.push({ key: shapeKey(source)!, buffer });
  };
  for (const [step, node] of order.entries()) {
    for (const name of node.outputs) place(name, node, step);
    for (const name of node.inputs) release(name, step);
  }
  return buffers;
}

export const elements = ({ factors, rest }: Extent, sizes: Record<string, number>) =>
  factors.reduce((product, factor) => product * sizes[factor], rest);

/** The most bytes held at a time, all elements being of four bytes, and the largest buffer. */
export function peakBytes(buffers: Buffer[], sizes: { batch: number; length: number }): number {
  const changes = new Map<number, number>();
  const change = (step: number, bytes: number) => changes.set(step, (changes.get(step) ?? 0) + bytes);
  for (const { extent, first, last } of buffers) {
    const bytes = 4 * elements(extent, sizes);
    change(first, bytes);
    change(last + 1, -bytes);
  }
  let [held, peak] = [0, 0];
  for (const step of [...changes.keys()].sort((a, b) => a - b)) {
    held += changes.get(step)!;
    peak = Math.max(peak, held);
  }
  return peak;
}
