/** A tfjs backend that executes nothing: each kernel writes a node into the current graph. */
import * as tf from '@tensorflow/tfjs-core';
import { Graph, type Dialect, type Sizes } from './graph.ts';
import type { Attribute, DataType } from './onnx.ts';

interface Value {
  /** In the graph; given to a constant when it is first used. */
  name?: string;
  data?: tf.backend_util.TypedArray;
  shape: number[];
  dtype: tf.DataType;
}
export const BACKEND = 'thaw-trace';

export class TraceBackend extends tf.KernelBackend {
  graph = new Graph({}, 'standard');
  private readonly values = new WeakMap<object, Value>();

  override epsilon() {
    return 1e-7;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override numDataIds() {
    return 0;
  }
  override incRef() {}
  // Called by the engine, though tfjs does not declare it.
  decRef() {}
  override refCount() {
    return 1;
  }
  override disposeData() {
    return false;
  }
  override timerAvailable() {
    return false;
  }
  override readSync(): never {
    throw new Error('a trace has no values to read');
  }
  override async read(): Promise<never> {
    return this.readSync();
  }
  override write(data: tf.backend_util.TypedArray, shape: number[], dtype: tf.DataType) {
    const dataId = {};
    this.values.set(dataId, { data, shape, dtype });
    return dataId;
  }
  override move(dataId: object, data: tf.backend_util.TypedArray, shape: number[], dtype: tf.DataType) {
    this.values.set(dataId, { data, shape, dtype });
  }

  /** What a kernel returns: the value `name` of the graph. */
  value(name: string, shape: number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    const dataId = {};
    this.values.set(dataId, { name, shape, dtype });
    this.graph.describe(name, { shape, type: dtype as DataType });
    return { dataId, shape, dtype };
  }
  /** A constant's values, while it is one. */
  literal({ dataId }: tf.TensorInfo): tf.backend_util.TypedArray | undefined {
    return this.values.get(dataId)!.data;
  }
  name({ dataId }: tf.TensorInfo): string {
    const value = this.values.get(dataId)!;
    return (value.name ??= this.graph.constant({ type: value.dtype as DataType, shape: value.shape, data: value.data! }));
  }
}

tf.registerBackend(BACKEND, () => new TraceBackend());
export const recorder = () => tf.backend() as TraceBackend;
const tensor = (info: tf.TensorInfo) => tf.keep(tf.engine().makeTensorFromTensorInfo(info, recorder()));

/** An input of the graph. tfjs has no int64: such an input is read as int32. */
export function input(name: string, shape: number[], type: DataType = 'float32'): tf.Tensor {
  const backend = recorder();
  const { graph } = backend;
  graph.input(name, shape, type);
  if (type !== 'int64') return tensor(backend.value(name, shape, type));
  return tensor(backend.value(graph.add('Cast', [name], { to: { int: 6 } })[0], shape, 'int32'));
}
/** One ONNX operator as tfjs tensors, for what tfjs has no name for. Only inside `tf.customGrad`: it has no gradient. */
export function operator(
  op: string,
  inputs: (tf.Tensor | string)[],
  shape: number[],
  attributes: Record<string, Attribute> = {},
): tf.Tensor {
  return operators(op, inputs, [shape], attributes)[0];
}
export function operators(
  op: string,
  inputs: (tf.Tensor | string)[],
  shapes: number[][],
  attributes: Record<string, Attribute> = {},
): tf.Tensor[] {
  const backend = recorder();
  const names = inputs.map((value) => (typeof value === 'string' ? value : backend.name(value)));
  return backend.graph.add(op, names, attributes, shapes.length).map((name, i) => tensor(backend.value(name, shapes[i])));
}

/** Runs `build` against a fresh graph; it gives the outputs by name, in the order the file shall have. */
export function trace(sizes: Sizes, dialect: Dialect, build: () => Record<string, tf.Tensor>) {
  tf.setBackend(BACKEND);
  const backend = recorder();
  backend.graph = new Graph(sizes, dialect);
  const outputs = new Map(Object.entries(build()).map(([name, value]) => [name, backend.name(value)]));
  return { graph: backend.graph, outputs };
}
