/** ONNX Runtime sessions. */
import ort from 'onnxruntime-node';

/** Its version. */
export const ONNX_RUNTIME = ort.env.versions.common;
export type Value = ort.Tensor;
export type Values = Record<string, Value>;
export interface SessionOptions {
  device: 'cpu' | 'webgpu';
  threads: number;
  /** Outputs that stay on the device. */
  resident?: string[];
}
export const float32 = (data: Float32Array, shape: readonly number[] = [data.length]) => new ort.Tensor('float32', data, shape);
export const int32 = (data: Int32Array, shape: readonly number[] = [data.length]) => new ort.Tensor('int32', data, shape);

/**
 * The graph is run as traced: ONNX Runtime's rewriting undoes recomputation, and its memory pattern costs 420 MB at 16×128 tokens for no
 * time. One operator runs at a time, on `threads` threads: the order of every sum is then the same from run to run.
 */
export function openSession(file: Uint8Array, { device, threads, resident = [] }: SessionOptions): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(file, {
    executionProviders: [device],
    // Its warnings (which operators the GPU leaves to the CPU) are not for whoever trains.
    logSeverityLevel: 3,
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    ...(resident.length && { preferredOutputLocation: Object.fromEntries(resident.map((name) => [name, 'gpu-buffer' as const])) }),
  });
}
