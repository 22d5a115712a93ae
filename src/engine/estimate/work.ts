/** How much a graph computes: counted node by node, for any batch and length. */
import { product, type Extent, type Node, type Program } from '../graph/index.ts';

/** `operations` of matrix products, 2 for each multiplication; `elements` that the other operators read and write; operators. */
export interface Work {
  operations: number;
  elements: number;
  nodes: number;
}
/** A part of the work that grows with batch^`batch` · length^`length`. */
interface Term extends Work {
  batch: number;
  length: number;
}
export type Growth = Term[];

/** What an element of these costs beside reading and writing it, in elements passed over: from a profile of each alone. */
const FUNCTIONS: Record<string, number> = {
  Erf: 4,
  Exp: 4,
  Tanh: 6,
  Softmax: 4,
  LogSoftmax: 4,
  LayerNormalization: 3,
  Transpose: 2,
  Gather: 1,
};
const FREE = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Shape', 'Identity']);

export function growthOf(program: Program): Growth {
  const terms = new Map<string, Term>();
  const add = ({ factors, rest }: Extent, kind: 'operations' | 'elements', times: number): void => {
    const [batch, length] = ['batch', 'length'].map((size) => factors.filter((factor) => factor === size).length);
    const key = `${batch},${length}`;
    const term = terms.get(key) ?? { batch, length, operations: 0, elements: 0, nodes: 0 };
    term[kind] += rest * times;
    terms.set(key, term);
  };
  let nodes = 0;
  for (const node of program.nodes) {
    if (FREE.has(node.op)) continue;
    nodes += 1;
    const shapes = node.outputs.flatMap((name) => [program.shapeOf(name) ?? []]);
    const inner = innerSize(node, program);
    if (inner !== null) add(program.extent([...shapes[0], inner]), 'operations', 2);
    else {
      for (const shape of shapes) add(program.extent(shape), 'elements', 1 + (FUNCTIONS[node.op] ?? 0));
      // What is gathered from is not read as a whole.
      for (const name of node.op === 'Gather' ? [] : node.inputs) add(program.extent(program.shapeOf(name) ?? []), 'elements', 1);
    }
  }
  return [...terms.values(), { batch: 0, length: 0, operations: 0, elements: 0, nodes }];
}
/** The dimension that a matrix product sums over; null for other operators. */
function innerSize({ op, inputs, attributes }: Node, program: Program): number | null {
  if (op !== 'Gemm' && op !== 'FusedMatMul' && op !== 'MatMul') return null;
  const flipped = attributes.transA && 'int' in attributes.transA && attributes.transA.int === 1;
  return program.shapeOf(inputs[0])?.at(flipped ? -2 : -1) ?? null;
}

export function workAt(growth: Growth, batch: number, length: number): Work {
  const work = { operations: 0, elements: 0, nodes: 0 };
  for (const term of growth) {
    const times = product([batch ** term.batch, length ** term.length]);
    work.operations += term.operations * times;
    work.elements += term.elements * times;
    work.nodes += term.nodes;
  }
  return work;
}
