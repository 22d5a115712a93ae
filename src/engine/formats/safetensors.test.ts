import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-safetensors-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));
const file = (name = 'model.safetensors') => path.join(folder, name);
function writeRaw(dtype: string, shape: number[], data: Uint8Array, name = 'x') {
  const header = Buffer.from(JSON.stringify({ [name]: { dtype, shape, data_offsets: [0, data.length] } }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  fs.writeFileSync(file(), Buffer.concat([size, header, data]));
}

it('reads what it wrote', async () => {
  const value = fc.float({ noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__' && name !== '__proto__'),
        fc.array(value),
      ),
      async (values) => {
        const tensors = new Map(
          Object.entries(values).map(([name, data]) => [name, { shape: [data.length], data: Float32Array.from(data) }]),
        );
        await writeSafetensors(file(), tensors, { step: '3' });
        const read = readSafetensors(file());
        expect(read.metadata).toEqual({ format: 'pt', step: '3' });
        expect(new Set(read.names)).toEqual(new Set(tensors.keys()));
        for (const [name, tensor] of tensors) expect(read.read(name)).toEqual(tensor);
      },
    ),
    { numRuns: 20 },
  );
});
it('leaves the old file where writing fails', async () => {
  await writeSafetensors(file(), new Map([['x', { shape: [1], data: Float32Array.of(1) }]]));
  fs.mkdirSync(`${file()}.partial`);
  await expect(writeSafetensors(file(), new Map([['x', { shape: [1], data: Float32Array.of(2) }]]))).rejects.toThrow();
  expect(readSafetensors(file()).read('x').data[0]).toBe(1);
});
describe('element types', () => {
  it('float16', () => {
    // 1, -2, 65504, the smallest subnormal 2^-24, infinity
    writeRaw('F16', [5], new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00).buffer));
    expect([...readSafetensors(file()).read('x').data]).toEqual([1, -2, 65504, 2 ** -24, Infinity]);
  });
  it('bfloat16', () => {
    writeRaw('BF16', [3], new Uint8Array(Uint16Array.of(0x3f80, 0xc049, 0x0000).buffer));
    expect([...readSafetensors(file()).read('x').data]).toEqual([1, -3.140625, 0]);
  });
  it('others are named', () => {
    writeRaw('F8_E4M3', [2], Uint8Array.of(1, 2));
    expect(() => readSafetensors(file()).read('x')).toThrow(/F8_E4M3/);
  });
});
it('reads shards through their index', async () => {
  await writeSafetensors(file('a.safetensors'), new Map([['x', { shape: [1], data: Float32Array.of(1) }]]));
  await writeSafetensors(file('b.safetensors'), new Map([['y', { shape: [1], data: Float32Array.of(2) }]]));
  fs.writeFileSync(file('model.safetensors.index.json'), JSON.stringify({ weight_map: { x: 'a.safetensors', y: 'b.safetensors' } }));
  const read = readSafetensors(file('model.safetensors.index.json'));
  expect([read.read('x').data[0], read.read('y').data[0]]).toEqual([1, 2]);
});
describe('damage', () => {
  const whole = async () => {
    await writeSafetensors(file(), new Map([['x', { shape: [4], data: new Float32Array(4) }]]));
    return fs.readFileSync(file());
  };
  it('a file that ends early, wherever', async () => {
    const bytes = await whole();
    for (let length = 0; length < bytes.length; length++) {
      fs.writeFileSync(file(), bytes.subarray(0, length));
      expect(() => readSafetensors(file()).read('x')).toThrow(expect.objectContaining({ code: 'damaged_file' }));
    }
  });
  it('a header that is no JSON', async () => {
    const bytes = await whole();
    bytes[8] = 0x21;
    fs.writeFileSync(file(), bytes);
    expect(() => readSafetensors(file())).toThrow(expect.objectContaining({ code: 'damaged_file' }));
  });
  it('a shape that does not fit its bytes', () => {
    writeRaw('F32', [3], new Uint8Array(8));
    expect(() => readSafetensors(file())).toThrow(/not those of \[3\]/);
  });
  it('a missing file', () => expect(() => readSafetensors(file('none'))).toThrow(expect.objectContaining({ code: 'file_not_found' })));
});
