/**
 * Writes ONNX files: the protobuf messages of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3) that a graph needs.
 * Nested messages are kept as lists of chunks, so a gigabyte of weights is copied once, at the end.
 */
export type DataType = 'float32' | 'int32' | 'int64' | 'bool';
export interface Literal {
  type: DataType;
  shape: number[];
  data: ArrayLike<number>;
}
export type Attribute = { int: number } | { ints: number[] } | { float: number } | { tensor: Literal };
export interface Node {
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}
/** A value's name and type; a dimension is a number or a symbol such as `batch*length`. */
export interface ValueInfo {
  name: string;
  type: DataType;
  shape: (number | string)[];
}
export interface Model {
  nodes: Node[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  values: ValueInfo[];
  constants: ({ name: string } & Literal)[];
}

/** TensorProto.DataType. */
export const ELEMENT_TYPE: Record<DataType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** The newest operator set that onnxruntime and onnxruntime-web of recent years both know; it brings LayerNormalization. */
const OPSET = 17;
const IR_VERSION = 8;

class Message {
  readonly chunks: Uint8Array[] = [];
  size = 0;

  private append(bytes: Uint8Array) {
    this.chunks.push(bytes);
    this.size += bytes.length;
  }
  private varint(value: number) {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    this.append(Uint8Array.from([...bytes, Number(rest)]));
  }
  integer(field: number, value: number) {
    this.varint(field * 8);
    this.varint(value);
    return this;
  }
  float(field: number, value: number) {
    this.varint(field * 8 + 5);
    this.append(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }
  bytes(field: number, value: Uint8Array) {
    this.varint(field * 8 + 2);
    this.varint(value.length);
    this.append(value);
    return this;
  }
  text(field: number, value: string) {
    return this.bytes(field, new TextEncoder().encode(value));
  }
  message(field: number, value: Message) {
    this.varint(field * 8 + 2);
    this.varint(value.size);
    for (const chunk of value.chunks) this.append(chunk);
    return this;
  }
  finish() {
    const out = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }
}

function rawData({ type, data }: Literal): Uint8Array {
  if (type === 'float32' && data instanceof Float32Array) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (type === 'int64') return new Uint8Array(BigInt64Array.from(Array.from(data), BigInt).buffer);
  return new Uint8Array((type === 'float32' ? Float32Array : type === 'int32' ? Int32Array : Uint8Array).from(data).buffer);
}
function tensorProto(literal: Literal, name?: string) {
  const message = new Message();
  for (const size of literal.shape) message.integer(1, size);
  message.integer(2, ELEMENT_TYPE[literal.type]);
  if (name) message.text(8, name);
  return message.bytes(9, rawData(literal));
}
function attributeProto(name: string, value: Attribute) {
  const message = new Message().text(1, name);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  if ('int' in value) return message.integer(3, value.int).integer(20, 2);
  if ('tensor' in value) return message.message(5, tensorProto(value.tensor)).integer(20, 4);
  for (const item of value.ints) message.integer(8, item);
  return message.integer(20, 7);
}
function nodeProto({ op, domain, inputs, outputs, attributes }: Node) {
  const message = new Message();
  for (const name of inputs) message.text(1, name);
  for (const name of outputs) message.text(2, name);
  message.text(4, op);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeProto(name, value));
  return domain ? message.text(7, domain) : message;
}
function valueInfoProto({ name, type, shape }: ValueInfo) {
  const dimensions = new Message();
  for (const size of shape) dimensions.message(1, typeof size === 'number' ? new Message().integer(1, size) : new Message().text(2, size));
  return new Message()
    .text(1, name)
    .message(2, new Message().message(1, new Message().integer(1, ELEMENT_TYPE[type]).message(2, dimensions)));
}

/** The bytes of a ModelProto. */
export function encodeModel({ nodes, inputs, outputs, values, constants }: Model): Uint8Array {
  const graph = new Message();
  for (const node of nodes) graph.message(1, nodeProto(node));
  graph.text(2, 'thaw');
  for (const { name, ...literal } of constants) graph.message(5, tensorProto(literal, name));
  for (const value of inputs) graph.message(11, valueInfoProto(value));
  for (const value of outputs) graph.message(12, valueInfoProto(value));
  for (const value of values) graph.message(13, valueInfoProto(value));
  const opset = (domain: string, version: number) => new Message().text(1, domain).integer(2, version);
  const model = new Message().integer(1, IR_VERSION).text(2, 'thaw').message(7, graph).message(8, opset('', OPSET));
  if (nodes.some((node) => node.domain)) model.message(8, opset('com.microsoft', 1));
  return model.finish();
}
