/** The kernel table: which ONNX operators each tfjs kernel writes. */
import * as tf from '@tensorflow/tfjs-core';
import { product } from './graph.ts';
import { ELEMENT_TYPE, type DataType } from './onnx.ts';
import { BACKEND, type TraceBackend } from './trace.ts';

type Inputs = Record<string, tf.TensorInfo>;
type Rule = (backend: TraceBackend, inputs: Inputs, attributes: Record<string, unknown>) => tf.TensorInfo | tf.TensorInfo[];

const broadcast = (...shapes: number[][]) => shapes.reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
const binary =
  (op: string, dtype?: tf.DataType): Rule =>
  (backend, { a, b }) =>
    backend.value(backend.graph.add(op, [backend.name(a), backend.name(b)])[0], broadcast(a.shape, b.shape), dtype ?? a.dtype);
const unary =
  (op: string): Rule =>
  (backend, { x }) =>
    backend.value(backend.graph.add(op, [backend.name(x)])[0], x.shape, x.dtype);
// A kernel must not return the tensor it was given: the tape would count its gradient twice.
const same = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => ({ dataId, shape, dtype });

function reshape(backend: TraceBackend, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const data = backend.literal(x);
  if (data) return { dataId: backend.write(data, shape, x.dtype), shape, dtype: x.dtype };
  return backend.value(backend.graph.add('Reshape', [backend.name(x), backend.graph.shape(shape, true)])[0], shape, x.dtype);
}
function sum(backend: TraceBackend, { x }: Inputs, { axis, keepDims }: Record<string, unknown>): tf.TensorInfo {
  const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const shape = keepDims ? kept : kept.filter((_, i) => !axes.includes(i));
  const keepdims = { int: keepDims ? 1 : 0 };
  return backend.value(backend.graph.add('ReduceSum', [backend.name(x), backend.graph.integers(axes)], { keepdims })[0], shape, x.dtype);
}
function range(backend: TraceBackend, _: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const { start, stop, step, dtype } = attributes as { start: number; stop: number; step: number; dtype: DataType & tf.DataType };
  const { graph } = backend;
  const end = graph.add('Squeeze', [graph.add('Cast', [graph.size(stop)], { to: { int: ELEMENT_TYPE[dtype] } })[0]])[0];
  const scalar = (value: number) => graph.constant({ type: dtype, shape: [], data: [value] });
  return backend.value(graph.add('Range', [scalar(start), end, scalar(step)])[0], [Math.ceil((stop - start) / step)], dtype);
}
function cast(backend: TraceBackend, { x }: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const dtype = attributes.dtype as tf.DataType & DataType;
  if (x.dtype === dtype) return same(x);
  return backend.value(backend.graph.add('Cast', [backend.name(x)], { to: { int: ELEMENT_TYPE[dtype] } })[0], x.shape, dtype);
}
function gather(backend: TraceBackend, { x, indices }: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const axis = attributes.axis as number;
  const shape = x.shape.toSpliced(axis, 1, ...indices.shape);
  return backend.value(backend.graph.add('Gather', [backend.name(x), backend.name(indices)], { axis: { int: axis } })[0], shape, x.dtype);
}
function transpose(backend: TraceBackend, { x }: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const perm = attributes.perm as number[];
  return backend.value(
    backend.graph.add('Transpose', [backend.name(x)], { perm: { ints: perm } })[0],
    perm.map((p) => x.shape[p]),
    x.dtype,
  );
}
function fill(backend: TraceBackend, _: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const { shape, value, dtype = 'float32' } = attributes as { shape: number[]; value: number; dtype: 'float32' | 'int32' };
  return { dataId: backend.write(tf.util.makeOnesTypedArray(product(shape), dtype).fill(value), shape, dtype), shape, dtype };
}
function cumulativeSum(backend: TraceBackend, { x }: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const axis = backend.graph.constant({ type: 'int32', shape: [], data: [attributes.axis as number] });
  return backend.value(backend.graph.add('CumSum', [backend.name(x), axis])[0], x.shape, x.dtype);
}
/** Into equal parts. */
function split(backend: TraceBackend, { x }: Inputs, attributes: Record<string, unknown>): tf.TensorInfo[] {
  const { numOrSizeSplits: parts, axis } = attributes as { numOrSizeSplits: number; axis: number };
  const shape = x.shape.with(axis, x.shape[axis] / parts);
  const sizes = backend.graph.integers(Array<number>(parts).fill(shape[axis]));
  return backend.graph.add('Split', [backend.name(x), sizes], { axis: { int: axis } }, parts).map((name) => backend.value(name, shape));
}
function concat(backend: TraceBackend, inputs: Inputs, attributes: Record<string, unknown>): tf.TensorInfo {
  const axis = attributes.axis as number;
  const parts = Object.values(inputs);
  const shape = parts[0].shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis], 0),
  );
  const names = parts.map((part) => backend.name(part));
  return backend.value(backend.graph.add('Concat', names, { axis: { int: axis } })[0], shape);
}

const TABLE: Record<string, Rule> = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Minimum: binary('Min'),
  Equal: binary('Equal', 'bool'),
  NotEqual: (backend, inputs) => {
    const equal = binary('Equal', 'bool')(backend, inputs, {}) as tf.TensorInfo;
    return unary('Not')(backend, { x: equal }, {});
  },
  Greater: binary('Greater', 'bool'),
  SplitV: split,
  Concat: concat,
  Cos: unary('Cos'),
  Sin: unary('Sin'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Sqrt: unary('Sqrt'),
  Erf: unary('Erf'),
  Tanh: unary('Tanh'),
  Relu: unary('Relu'),
  Square: (backend, { x }) => backend.value(backend.graph.add('Mul', [backend.name(x), backend.name(x)])[0], x.shape, x.dtype),
  Softmax: (backend, { logits: x }) => backend.value(backend.graph.add('Softmax', [backend.name(x)], { axis: { int: -1 } })[0], x.shape),
  Identity: (_, { x }) => same(x),
  Reshape: (backend, { x }, { shape }) => reshape(backend, x, tf.util.inferFromImplicitShape(shape as number[], product(x.shape))),
  ExpandDims: (backend, { input: x }, { dim }) =>
    reshape(backend, x, x.shape.toSpliced((dim as number) < 0 ? x.shape.length + (dim as number) + 1 : (dim as number), 0, 1)),
  Sum: sum,
  Range: range,
  Cast: cast,
  GatherV2: gather,
  Transpose: transpose,
  Fill: fill,
  Cumsum: cumulativeSum,
};
for (const [kernelName, rule] of Object.entries(TABLE))
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) => rule(backend as TraceBackend, inputs as Inputs, (attrs ?? {}) as Record<string, unknown>),
  });
