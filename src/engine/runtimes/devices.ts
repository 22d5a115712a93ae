/** What this machine can train on. */
import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { Device } from '../../shared/domain.ts';
import { input, operator, trace } from '../graph/index.ts';
import { physicalCores } from './cores.ts';
import { float32, openSession } from './onnx.ts';

/** Side of the square matrices. */
const SIDE = 512;
/** Measured until this much time has gone, ms: a software adapter may take that for one product. */
const PATIENCE = 100;

/** GFLOP/s of a matrix product: 2·n³ operations over the shortest of a few runs. Throws where the device can not be had. */
async function measure(device: 'cpu' | 'webgpu'): Promise<number> {
  const { graph, outputs } = trace({}, 'standard', () => {
    const [a, b] = [input('a', [SIDE, SIDE]), input('b', [SIDE, SIDE])];
    return { sum: tf.sum(operator('Gemm', [a, b], [SIDE, SIDE])) };
  });
  const session = await openSession(graph.encode(outputs), { device, threads: physicalCores() });
  const matrix = () => float32(new Float32Array(SIDE * SIDE).fill(0.5), [SIDE, SIDE]);
  const feeds = { a: matrix(), b: matrix() };
  let shortest = Infinity;
  const begin = performance.now();
  do {
    const start = performance.now();
    await session.run(feeds);
    shortest = Math.min(shortest, performance.now() - start);
  } while (performance.now() - begin < PATIENCE);
  await session.release();
  return Number(((2 * SIDE ** 3) / shortest / 1e6).toPrecision(2));
}
async function webgpu(): Promise<Device> {
  const device = { id: 'webgpu', kind: 'webgpu', name: 'GPU through WebGPU' } as const;
  try {
    return { ...device, available: true, reason: null, gflops: await measure('webgpu') };
  } catch (error) {
    // "…file.cc:136 … was false. Failed to get a WebGPU adapter: No supported adapters"
    return { ...device, available: false, reason: (error as Error).message.trim().split(' was false. ').at(-1)!, gflops: null };
  }
}
/** All kinds of devices, with the reason where one can not be used. Takes some hundred milliseconds, in the process that trains. */
export async function listDevices(): Promise<Device[]> {
  const name = os.cpus()[0]?.model.trim() || 'CPU';
  const cpu: Device = { id: 'cpu', kind: 'cpu', name, available: true, reason: null, gflops: await measure('cpu') };
  const reason = 'Training through TensorFlow is not part of this version.';
  return [cpu, await webgpu(), { id: 'tensorflow', kind: 'tensorflow', name: 'TensorFlow', available: false, reason, gflops: null }];
}
