/**
 * The graph under construction. Shapes are plain numbers, in which the symbolic sizes (batch, length) are stand-in primes that divide no
 * dimension of the model: every dimension is then a product of stand-ins and a constant, and `dimension` reads it back. Shapes that hold a
 * stand-in are written as values computed at run time. Tracing with other primes must give the same bytes.
 */
import { encodeModel, type Attribute, type DataType, type Literal, type Node, type ValueInfo } from './onnx.ts';

/** The stand-in of each symbolic size. */
export type Sizes = Record<string, number>;
/** `fused`: operators of ONNX Runtime's CPU provider are allowed (com.microsoft); `standard`: only those of ONNX itself. */
export type Dialect = 'fused' | 'standard';

interface Info {
  shape: number[];
  type: DataType;
}
/** A number of elements: the product of the named sizes and of `rest`. */
export interface Extent {
  factors: string[];
  rest: number;
}
export interface Program {
  nodes: Node[];
  /** Value → name. */
  outputs: Map<string, string>;
  inputs: string[];
  /** In stand-ins. */
  shapeOf(value: string): number[] | undefined;
  extent(shape: number[]): Extent;
}
export const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export class Graph {
  readonly sizes: Sizes;
  readonly dialect: Dialect;
  readonly inputs: ({ name: string } & Info)[] = [];
  private readonly nodes: Node[] = [];
  private readonly constants: ({ name: string } & Literal)[] = [];
  private readonly infos = new Map<string, Info>();
  private readonly memory = new Map<string, string>();
  private count = 0;

  constructor(sizes: Sizes, dialect: Dialect) {
    this.sizes = sizes;
    this.dialect = dialect;
  }

  input(name: string, shape: number[], type: DataType): string {
    this.inputs.push({ name, shape, type });
    return this.describe(name, { shape, type });
  }
  describe(name: string, info: Info): string {
    this.infos.set(name, info);
    return name;
  }
  /** Appends an operator and gives the names of its outputs. */
  add(op: string, inputs: string[], attributes: Record<string, Attribute> = {}, outputs = 1): string[] {
    const names = Array.from({ length: outputs }, () => `t${this.count++}`);
    this.nodes.push({ op, domain: op === 'FusedMatMul' ? 'com.microsoft' : '', inputs, outputs: names, attributes });
    return names;
  }

  /** Values known while tracing. A uniform array is filled at run time and may have symbolic sizes; any other must not. */
  constant({ type, shape, data }: Literal): string {
    const uniform = Array.prototype.every.call(data, (x: number) => x === data[0]);
    const symbolic = shape.some((size) => this.dimension(size).factors.length > 0);
    if (symbolic && !uniform) throw new Error(`a constant depends on a symbolic size: [${shape.join(', ')}]`);
    if (uniform && product(shape) > 1)
      return this.once(`fill ${type} ${data[0]} ${shape.join()}`, () => {
        const value = { tensor: { type, shape: [1], data: [data[0]] } };
        return this.add('ConstantOfShape', [this.shape(shape)], { value })[0];
      });
    return this.once(`${type} [${shape.join()}] ${Array.from(data).join()}`, () => {
      const name = `c${this.count++}`;
      this.constants.push({ name, type, shape, data });
      return name;
    });
  }
  integers(values: number[]): string {
    return this.constant({ type: 'int64', shape: [values.length], data: values });
  }
  private once(key: string, make: () => string): string {
    let name = this.memory.get(key);
    if (name === undefined) this.memory.set(key, (name = make()));
    return name;
  }

  /** With stand-ins 13 and 17: 221 → factors batch, length; rest 1. */
  dimension(size: number): Extent {
    const factors: string[] = [];
    let rest = size;
    for (const [name, prime] of Object.entries(this.sizes))
      while (rest > 0 && rest % prime === 0) {
        factors.push(name);
        rest /= prime;
      }
    return { factors, rest };
  }
  private symbol(size: number): number | string {
    const { factors, rest } = this.dimension(size);
    return factors.length ? [...factors, ...(rest > 1 ? [rest] : [])].join('*') : size;
  }
  /** A shape as an int64 vector; `infer`: one symbolic dimension may be written -1, as Reshape reads it. */
  shape(shape: number[], infer = false): string {
    const symbols = shape.map((size) => this.symbol(size));
    const symbolic = symbols.filter((size) => typeof size === 'string').length;
    if (!symbolic || (infer && symbolic === 1)) return this.vector(symbols.map((size) => (typeof size === 'string' ? -1 : size)));
    return this.once(
      `shape ${symbols.join()}`,
      () =>
        this.add(
          'Concat',
          shape.map((size) => this.size(size)),
          { axis: { int: 0 } },
        )[0],
    );
  }
  private vector(values: number[]): string {
    return this.once(`int64 ${values.join()}`, () => {
      const name = `c${this.count++}`;
      this.constants.push({ name, type: 'int64', shape: [values.length], data: values });
      return name;
    });
  }
  /** One dimension as an int64 vector of length 1. */
  size(size: number): string {
    const { factors, rest } = this.dimension(size);
    if (!factors.length) return this.vector([size]);
    return this.once(`size ${this.symbol(size)}`, () => {
      const parts = factors.map((factor) => this.once(`size of ${factor}`, () => this.measure(factor)));
      if (rest > 1) parts.push(this.vector([rest]));
      return parts.reduce((a, b) => this.add('Mul', [a, b])[0]);
    });
  }
  private measure(factor: string): string {
    const source = this.inputs.find((input) => input.shape.includes(this.sizes[factor]));
    if (!source) throw new Error(`no input has the size ${factor}`);
    const start = source.shape.indexOf(this.sizes[factor]);
    return this.add('Shape', [source.name], { start: { int: start }, end: { int: start + 1 } })[0];
  }

  /** The operators that values need, in the order they were added, and all that those read. */
  private needs(values: Iterable<string>): { nodes: Node[]; needed: Set<string> } {
    const needed = new Set(values);
    const nodes = this.nodes
      .toReversed()
      .filter((node) => node.outputs.some((name) => needed.has(name)) && node.inputs.every((name) => needed.add(name)));
    return { nodes: nodes.reverse(), needed };
  }
  /** What runs for these outputs (name → value), for who reckons rather than runs: a value that is not described has no shape. */
  program(outputs: Map<string, string>): Program {
    const { nodes, needed } = this.needs(outputs.values());
    return {
      nodes,
      outputs: new Map([...outputs].map(([name, value]) => [value, name])),
      inputs: this.inputs.map(({ name }) => name).filter((name) => needed.has(name)),
      shapeOf: (name) => this.infos.get(name)?.shape,
      extent: (shape) => this.dimension(product(shape)),
    };
  }

  private info(name: string, { shape, type }: Info): ValueInfo {
    return { name, type, shape: shape.map((size) => this.symbol(size)) };
  }
  /** The ONNX file with these outputs (name → value), without what they do not need; inputs named in `weights` become constants. */
  encode(outputs: Map<string, string>, weights: Map<string, Float32Array> = new Map()): Uint8Array {
    const produced = new Set(this.nodes.flatMap((node) => node.outputs));
    const rename = new Map<string, string>();
    const tail: Node[] = [];
    for (const [name, from] of outputs) {
      if (rename.has(from) || !produced.has(from))
        tail.push({ op: 'Identity', domain: '', inputs: [rename.get(from) ?? from], outputs: [name], attributes: {} });
      else rename.set(from, name);
    }
    const to = (name: string) => rename.get(name) ?? name;
    const { nodes, needed } = this.needs(outputs.values());
    const kept = nodes.map((node) => ({ ...node, inputs: node.inputs.map(to), outputs: node.outputs.map(to) }));
    const inputs = this.inputs.filter(({ name }) => needed.has(name));
    const described = kept.flatMap((node) => node.outputs).filter((name) => this.infos.has(name));
    return encodeModel({
      nodes: [...kept, ...tail],
      inputs: inputs.filter(({ name }) => !weights.has(name)).map((input) => this.info(input.name, input)),
      outputs: [...outputs].map(([name, from]) => this.info(name, this.infos.get(from)!)),
      values: described.map((name) => this.info(name, this.infos.get(name)!)),
      constants: [
        ...this.constants.filter(({ name }) => needed.has(name)),
        ...inputs.filter(({ name }) => weights.has(name)).map(({ name, shape, type }) => ({ name, shape, type, data: weights.get(name)! })),
      ],
    });
  }
}
