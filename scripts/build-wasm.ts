/** Compiles the WebAssembly kernels: src/engine/optimize/*.assembly.ts → resources/wasm/*.wasm. Runs on `npm install`. */
import fs from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const root = path.join(import.meta.dirname, '..');
const source = path.join('src', 'engine', 'optimize', 'adamw.assembly.ts');
const target = path.join('resources', 'wasm', 'adamw.wasm');

fs.mkdirSync(path.join(root, path.dirname(target)), { recursive: true });
const options = ['--baseDir', root, '--outFile', target, '-O3', '--runtime', 'stub', '--noAssert'];
const { error, stderr } = await asc.main([
  source,
  ...options,
  '--enable',
  'simd',
  '--enable',
  'threads',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
]);
if (error) {
  console.error(stderr.toString());
  throw error;
}
console.log(`${target}: ${fs.statSync(path.join(root, target)).size} bytes`);
