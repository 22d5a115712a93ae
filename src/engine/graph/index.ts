import './kernels.ts';
import './gradients.ts';

export { Graph, product, type Dialect, type Extent, type Program, type Sizes } from './graph.ts';
export { input, operator, operators, recorder, trace } from './trace.ts';
export type { DataType, Node } from './onnx.ts';
