/** safetensors files (https://github.com/huggingface/safetensors#format), read as float32: one file or the shards of an index. */
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import path from 'node:path';
import { ThawError } from '../../shared/errors.ts';
import type { Tensor } from '../models/base.ts';

interface Entry {
  dtype: string;
  shape: number[];
  /** First byte and byte after the last, from the start of the file. */
  range: [number, number];
  file: string;
}
export interface Safetensors {
  names: string[];
  shape(name: string): number[];
  read(name: string): Tensor;
  metadata: Record<string, string>;
}
const WIDTH: Record<string, number> = { F32: 4, F16: 2, BF16: 2, I64: 8 };

const damaged = (file: string, what: string, byte?: number) =>
  new ThawError({
    code: 'damaged_file',
    message: `${file} is damaged: ${what}.`,
    remedy: 'Fetch or copy the file again.',
    place: { file, byte },
  });

/** Every float16 as a number. */
const HALF = Float32Array.from({ length: 65536 }, (_, bits) => {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 31 ? (fraction ? NaN : Infinity) : exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
  return bits >> 15 ? -size : size;
});

// Plain loops: `from` with a function takes ten times as long.
function fromHalf(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < values.length; i++) values[i] = HALF[halves[i]];
  return values;
}
function fromBrainFloat(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

function readHeader(file: string): { entries: Map<string, Entry>; metadata: Record<string, string> } {
  const descriptor = fs.openSync(file, 'r');
  try {
    const size = fs.fstatSync(descriptor).size;
    const start = Buffer.alloc(8);
    if (fs.readSync(descriptor, start, 0, 8, 0) < 8) throw damaged(file, `it ends after ${size} bytes, before its header`, size);
    const length = Number(start.readBigUInt64LE(0));
    if (length > size - 8) throw damaged(file, `its header of ${length} bytes does not fit in its ${size} bytes`, size);
    const text = Buffer.alloc(length);
    fs.readSync(descriptor, text, 0, length, 8);
    return parseHeader(file, text.toString('utf8'), 8 + length, size);
  } finally {
    fs.closeSync(descriptor);
  }
}
function parseHeader(file: string, text: string, start: number, size: number) {
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> & {
    __metadata__?: Record<string, string>;
  };
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, `its header is not JSON (${(cause as Error).message})`, 8);
  }
  const { __metadata__: metadata = {}, ...tensors } = header;
  const entries = new Map<string, Entry>();
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of Object.entries(tensors)) {
    if (start + to > size) throw damaged(file, `it ends early: ${name} should reach to byte ${start + to}, the file has ${size}`, size);
    const count = shape.reduce((a, b) => a * b, 1);
    if (WIDTH[dtype] && to - from !== count * WIDTH[dtype])
      throw damaged(file, `${name} has ${to - from} bytes, not those of [${shape.join(', ')}] in ${dtype}`, start + from);
    entries.set(name, { dtype, shape, range: [start + from, start + to], file });
  }
  return { entries, metadata: metadata as Record<string, string> };
}
function readTensor(name: string, { dtype, shape, range: [from, to], file }: Entry): Tensor {
  const bytes = new Uint8Array(to - from);
  const descriptor = fs.openSync(file, 'r');
  try {
    if (fs.readSync(descriptor, bytes, 0, bytes.length, from) < bytes.length) throw damaged(file, `it ends inside ${name}`, from);
  } finally {
    fs.closeSync(descriptor);
  }
  if (dtype === 'F32') return { shape, data: new Float32Array(bytes.buffer) };
  if (dtype === 'F16') return { shape, data: fromHalf(new Uint16Array(bytes.buffer)) };
  if (dtype === 'BF16') return { shape, data: fromBrainFloat(new Uint16Array(bytes.buffer)) };
  const message = `${name} in ${file} is stored as ${dtype}; float32, float16 and bfloat16 can be read.`;
  throw new ThawError({ code: 'unsupported_model', message, remedy: 'Save the model in one of these.', place: { file, field: name } });
}

/** Opens a .safetensors file or a .safetensors.index.json. Throws `file_not_found`, `damaged_file`. */
export function readSafetensors(file: string): Safetensors {
  if (!fs.existsSync(file))
    throw new ThawError({ code: 'file_not_found', message: `${file} does not exist.`, remedy: 'Check the path.', place: { file } });
  const parts = shardFiles(file).map(readHeader);
  const entries = new Map(parts.flatMap((part) => [...part.entries]));
  const entry = (name: string) => {
    const found = entries.get(name);
    if (!found) throw damaged(file, `it lacks the tensor ${name}`);
    return found;
  };
  return {
    names: [...entries.keys()],
    metadata: Object.assign({}, ...parts.map((part) => part.metadata)),
    shape: (name) => entry(name).shape,
    read: (name) => readTensor(name, entry(name)),
  };
}
/** The weight files behind a file or an index. */
export function shardFiles(file: string): string[] {
  if (!file.endsWith('.index.json')) return [file];
  const { weight_map: map } = JSON.parse(fs.readFileSync(file, 'utf8')) as { weight_map: Record<string, string> };
  return [...new Set(Object.values(map))].sort().map((shard) => path.join(path.dirname(file), shard));
}

/**
 * Writes float32 tensors beside the target, flushes, and renames: the file is whole or not there, and stays after a power cut. `keep`: the name
 * under which the file it replaces stays.
 */
export async function writeSafetensors(
  file: string,
  tensors: Map<string, Tensor>,
  metadata: Record<string, string> = {},
  keep?: string,
): Promise<void> {
  const partial = `${file}.partial`;
  try {
    const handle = await fsp.open(partial, 'w');
    try {
      for (const bytes of headerOf(tensors, metadata)) await handle.appendFile(bytes);
      for (const { data } of tensors.values()) await handle.appendFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (keep !== undefined && fs.existsSync(file)) await fsp.rename(file, keep);
    await fsp.rename(partial, file);
    await flushFolder(path.dirname(file));
  } catch (cause) {
    await fsp.rm(partial, { force: true });
    throw cause;
  }
}
function headerOf(tensors: Map<string, Tensor>, metadata: Record<string, string>): Buffer[] {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  for (const [name, { shape, data }] of tensors) header[name] = { dtype: 'F32', shape, data_offsets: [at, (at += data.byteLength)] };
  const text = Buffer.from(JSON.stringify(header));
  // The data begins at a multiple of 8, as the format asks.
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(padded.length));
  return [start, padded];
}
/** A rename is on disk once its folder is. Windows can not open folders, and needs not. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fsp.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
