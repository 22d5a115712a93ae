/**
 * Training on a GPU through ONNX Runtime's WebGPU provider: parameters and moments stay on the device, and AdamW is a graph like any other.
 * Only each token's embedding gradient comes back, since its sum over a table has no deterministic operator.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { ThawError } from '../../shared/errors.ts';
import { input, product, trace } from '../graph/index.ts';
import type { Parameter } from '../models/parameters.ts';
import { gradientGraph, logitsGraph, type Site } from '../models/graphs.ts';
import { float32, openSession, type Values } from '../runtimes/onnx.ts';
import { labelFeeds, labelWeight, textFeeds, type Batch } from './batch.ts';
import { EmbeddingGradient } from './embeddings.ts';
import {
  clipFactor,
  decays,
  rateOf,
  requireFinite,
  type Feeding,
  type Part,
  type Runtime,
  type RuntimeOptions,
  type StepOptions,
  type StepResult,
} from './runtime.ts';

const scalar = (value: number) => float32(Float32Array.of(value), []);

const layersOf = (parameters: Parameter[]) => [...new Set(parameters.map(({ layer }) => layer))];

/** torch.optim.AdamW over all trained tensors: inputs PART.NAME, g.NAME, decay.NAME, rate.LAYER and the scalars; outputs PART.NAME. */
function updateGraph(trained: Parameter[]) {
  return trace({}, 'standard', () => {
    const number = (name: string) => input(name, []);
    const [scale, root, epsilon] = ['scale', 'root', 'epsilon'].map(number);
    const [beta1, fresh1, beta2, fresh2] = ['beta1', 'fresh1', 'beta2', 'fresh2'].map(number);
    const rates = new Map(layersOf(trained).map((layer) => [layer, number(`rate.${layer}`)]));
    const outputs: Record<string, tf.Tensor> = {};
    for (const { name, shape, layer } of trained) {
      const [p, m, v, g] = ['p', 'm', 'v', 'g'].map((part) => input(`${part}.${name}`, shape));
      const gradient = tf.mul(g, scale);
      const mean = tf.add(tf.mul(m, beta1), tf.mul(gradient, fresh1));
      const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), fresh2));
      const step = tf.mul(tf.div(mean, tf.add(tf.div(tf.sqrt(square), root), epsilon)), rates.get(layer)!);
      outputs[`next.p.${name}`] = tf.sub(tf.mul(p, number(`decay.${name}`)), step);
      outputs[`next.m.${name}`] = mean;
      outputs[`next.v.${name}`] = square;
    }
    return outputs;
  });
}
/** Gradients of two batches added: inputs a.g.NAME, b.g.NAME; outputs g.NAME, squaredNorm. */
function sumGraph(parameters: Parameter[]) {
  return trace({}, 'standard', () => {
    const sums = parameters.map(({ name, shape }): [string, tf.Tensor] => {
      const [a, b] = ['a', 'b'].map((part) => input(`${part}.g.${name}`, shape));
      return [`g.${name}`, tf.add(a, b)];
    });
    const squaredNorm = sums.map(([, sum]) => tf.sum(tf.square(sum))).reduce((a, b) => tf.add(a, b));
    return { squaredNorm, ...Object.fromEntries(sums) };
  });
}
const onDevice = (result: Values): Values => Object.fromEntries(Object.entries(result).filter(([name]) => name.startsWith('g.')));
const dispose = (values: Values) => Object.values(values).forEach((value) => value.dispose());

/** Copies its inputs. Onto the device and back only a graph moves values: in Node, ONNX Runtime's `getData` aborts on a device's buffer. */
function copyGraph(names: Map<string, number[]>) {
  return trace({}, 'standard', () => Object.fromEntries([...names].map(([name, shape]) => [`next.${name}`, input(name, shape)])));
}

/** Two runs at once crash the provider: all of the process wait for each other. */
let queue: Promise<unknown> = Promise.resolve();
function alone<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work);
  queue = result.catch(() => {});
  return result;
}
async function open(file: Uint8Array, threads: number, resident: string[] = []): Promise<InferenceSession> {
  try {
    return await openSession(file, { device: 'webgpu', threads, resident });
  } catch (cause) {
    const message = `No GPU can be used through WebGPU (${(cause as Error).message.trim().split(' was false. ').at(-1)}).`;
    throw new ThawError({ code: 'unavailable', message, remedy: 'Use the device cpu, or install the driver of your GPU.' }, { cause });
  }
}

interface Sessions {
  gradient: InferenceSession;
  update: InferenceSession;
  /** Opened for the first step of several batches. */
  sum?: Promise<InferenceSession>;
  sites: Site[];
}
interface Gradients {
  loss: number;
  squares: number;
  gradients: Values;
}

export class WebGpuRuntime implements Runtime {
  private readonly options: RuntimeOptions;
  /** PART.NAME on the device. */
  private readonly resident = new Map<string, OrtTensor>();
  /** Gradients of the tables, and those that are always zero: made here. */
  private readonly local = new Map<string, Float32Array>();
  private readonly uploads: InferenceSession[] = [];
  private embeddings: EmbeddingGradient | null = null;
  private sessions: Promise<Sessions> | null = null;
  private prediction: Promise<InferenceSession> | null = null;

  private constructor(options: RuntimeOptions) {
    this.options = options;
  }
  static async open(options: RuntimeOptions): Promise<WebGpuRuntime> {
    const runtime = new WebGpuRuntime(options);
    const first = new Map(
      options.parameters.map((parameter) => [`p.${parameter.name}`, float32(options.initial(parameter), parameter.shape)]),
    );
    for (const { name, shape } of options.trained)
      for (const part of ['m', 'v']) first.set(`${part}.${name}`, float32(new Float32Array(product(shape)), shape));
    await runtime.upload(first);
    return runtime;
  }
  private async upload(values: Map<string, OrtTensor>): Promise<void> {
    this.keep(await this.copy(values, true));
  }
  private async copy(values: Map<string, OrtTensor>, onto: boolean): Promise<InferenceSession.OnnxValueMapType> {
    const { graph, outputs } = copyGraph(new Map([...values].map(([name, { dims }]) => [name, [...dims]])));
    const session = await open(graph.encode(outputs), this.options.threads, onto ? [...outputs.keys()] : []);
    const copies = await alone(() => session.run(Object.fromEntries(values)));
    // The buffers of a session's outputs end with it.
    if (onto) this.uploads.push(session);
    else await session.release();
    return copies;
  }
  /** Takes over outputs `next.PART.NAME` in place of what they follow. */
  private keep(outputs: InferenceSession.OnnxValueMapType): void {
    for (const [output, value] of Object.entries(outputs)) {
      const name = output.slice('next.'.length);
      this.resident.get(name)?.dispose();
      this.resident.set(name, value as OrtTensor);
    }
  }
  private async openSessions(): Promise<Sessions> {
    const { specification, trained, threads } = this.options;
    const { graph, outputs, sites } = gradientGraph(specification, trained, 'standard');
    const made = [...outputs.keys()].filter((name) => name.startsWith('g.'));
    for (const { name, shape } of trained) if (!outputs.has(`g.${name}`)) this.local.set(name, new Float32Array(product(shape)));
    const table = (role: string) => this.local.get(trained.find((parameter) => parameter.role === role)?.name ?? '') ?? null;
    const word = table('word');
    if (word) this.embeddings = new EmbeddingGradient(specification.config, { word, position: table('position'), type: table('type') });
    const update = updateGraph(trained);
    return {
      gradient: await open(graph.encode(outputs), threads, made),
      update: await open(update.graph.encode(update.outputs), threads, [...update.outputs.keys()]),
      sites,
    };
  }
  private parameterFeeds({ inputNames }: InferenceSession): Values {
    return Object.fromEntries(
      inputNames.flatMap((name) => (this.resident.has(`p.${name}`) ? [[name, this.resident.get(`p.${name}`)!]] : [])),
    );
  }
  async prepare(): Promise<void> {
    await (this.sessions ??= this.openSessions());
  }
  async step(batches: Batch[], feeding: Feeding, options: StepOptions, count: number): Promise<StepResult> {
    const sessions = await (this.sessions ??= this.openSessions());
    const { loss, squares, gradients } = await this.gradientsOf(sessions, batches, feeding);
    try {
      const taken = { loss, gradientNorm: Math.sqrt(squares + (this.embeddings?.squaredNorm() ?? 0)) };
      requireFinite(taken, count);
      this.keep(await alone(() => sessions.update.run(this.updateFeeds(gradients, taken.gradientNorm, options, count))));
      return taken;
    } finally {
      dispose(gradients);
    }
  }
  /** Of the mean loss over all batches: `g.NAME` on the device, and the sum of their squares. The tables' are made here. */
  private async gradientsOf(sessions: Sessions, batches: Batch[], feeding: Feeding): Promise<Gradients> {
    const { gradient, sites } = sessions;
    const weight = labelWeight(batches, this.options.specification.loss);
    const parameters = this.parameterFeeds(gradient);
    const first = (value: OrtTensor) => (value.data as Float32Array)[0];
    const total: Gradients = { loss: 0, squares: 0, gradients: {} };
    this.embeddings?.clear();
    for (const [at, batch] of batches.entries()) {
      const feeds = {
        ...parameters,
        ...textFeeds(await feeding.begunWith(batch)),
        ...labelFeeds(batch, weight),
        ...feeding.masks(sites, batch.shape),
      };
      const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => gradient.inputNames.includes(name)));
      const result = (await alone(() => gradient.run(used))) as Values;
      total.loss += first(result.loss);
      this.embeddings?.add(batch, result.rows.data as Float32Array);
      const made = onDevice(result);
      const sum = at === 0 ? null : await this.sum(sessions, total.gradients, made);
      total.squares = first(sum?.squaredNorm ?? result.squaredNorm);
      total.gradients = sum ? onDevice(sum) : made;
    }
    return total;
  }
  /** `g.NAME` of two, which are given up, added on the device, and squaredNorm of the sums. */
  private async sum(sessions: Sessions, a: Values, b: Values): Promise<Values> {
    const session = await (sessions.sum ??= this.openSum(Object.keys(a)));
    const named = (prefix: string, values: Values) => Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]);
    try {
      return (await alone(() => session.run(Object.fromEntries([...named('a', a), ...named('b', b)])))) as Values;
    } finally {
      dispose(a);
      dispose(b);
    }
  }
  private openSum(outputs: string[]): Promise<InferenceSession> {
    const { trained, threads } = this.options;
    const sum = sumGraph(trained.filter(({ name }) => outputs.includes(`g.${name}`)));
    return open(sum.graph.encode(sum.outputs), threads, outputs);
  }
  private updateFeeds(gradients: Values, norm: number, options: StepOptions, count: number): Values {
    const { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8 } = options; // prettier-ignore
    const numbers = {
      scale: clipFactor(norm, options.clip),
      root: Math.sqrt(1 - beta2 ** count),
      epsilon,
    };
    const feeds: Values = {};
    for (const [name, value] of Object.entries({ ...numbers, beta1, beta2, fresh1: 1 - beta1, fresh2: 1 - beta2 }))
      feeds[name] = scalar(value);
    for (const layer of layersOf(this.options.trained)) feeds[`rate.${layer}`] = scalar(rateOf(layer, options) / (1 - beta1 ** count));
    for (const parameter of this.options.trained) {
      const { name, shape } = parameter;
      const local = this.local.get(name);
      feeds[`g.${name}`] = local ? float32(local, shape) : gradients[`g.${name}`];
      for (const part of ['p', 'm', 'v']) feeds[`${part}.${name}`] = this.resident.get(`${part}.${name}`)!;
      feeds[`decay.${name}`] = scalar(1 - rateOf(parameter.layer, options) * (decays(parameter, options) ? options.weightDecay : 0));
    }
    return feeds;
  }
  async logits(batch: Batch): Promise<Float32Array> {
    const session = await (this.prediction ??= this.openPrediction());
    const result = await alone(() => session.run({ ...this.parameterFeeds(session), ...textFeeds(batch) }));
    return result.logits.data as Float32Array;
  }
  private openPrediction(): Promise<InferenceSession> {
    const { graph, outputs } = logitsGraph(this.options.specification, 'standard');
    return open(graph.encode(outputs), this.options.threads);
  }
  async read(part: Part, parameters: Parameter[]): Promise<Map<string, Float32Array>> {
    const copies = await this.copy(
      new Map(parameters.map(({ name }) => [`${part}.${name}`, this.resident.get(`${part}.${name}`)!])),
      false,
    );
    return new Map(parameters.map(({ name }) => [name, (copies[`next.${part}.${name}`] as OrtTensor).data as Float32Array]));
  }
  async write(part: Part, values: Map<string, Float32Array>): Promise<void> {
    const key = (name: string) => `${part}.${name}`;
    if (values.size)
      await this.upload(new Map([...values].map(([name, data]) => [key(name), float32(data, this.resident.get(key(name))!.dims)])));
  }
  async close(): Promise<void> {
    const sessions = await this.sessions;
    for (const tensor of this.resident.values()) tensor.dispose();
    for (const session of [sessions?.gradient, sessions?.update, await sessions?.sum, await this.prediction, ...this.uploads])
      await session?.release();
  }
}
