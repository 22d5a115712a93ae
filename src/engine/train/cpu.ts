/** Training on the CPU: gradients by ONNX Runtime into the memory that AdamW then passes over. */
import type { InferenceSession } from 'onnxruntime-node';
import { AdamW } from '../optimize/adamw.ts';
import type { Parameter } from '../models/parameters.ts';
import { physicalCores } from '../runtimes/cores.ts';
import { float32, openSession, type Values } from '../runtimes/onnx.ts';
import { labelFeeds, labelWeight, textFeeds, type Batch } from './batch.ts';
import { EmbeddingGradient } from './embeddings.ts';
import { gradientGraph, headGraph, logitsGraph, prefixGraph, type Site } from '../models/graphs.ts';
import {
  clipFactor,
  decays,
  rateOf,
  requireFinite,
  type Feeding,
  type HeadRows,
  type Part,
  type RuntimeOptions,
  type Stage,
  type StagedRuntime,
  type StepOptions,
  type StepResult,
} from './runtime.ts';

interface Gradients {
  session: InferenceSession;
  sites: Site[];
  embeddings: EmbeddingGradient | null;
  /** Where each output goes; null: ONNX Runtime's own memory. */
  fetches: Record<string, ReturnType<typeof float32> | null>;
  /** Tensors whose gradients go there. */
  fetched: string[];
}

export class CpuRuntime implements StagedRuntime {
  private readonly options: RuntimeOptions;
  private readonly optimizer: AdamW;
  private readonly values = new Map<string, Float32Array>();
  private readonly feeds: Values = {};
  private stage: Stage;
  private gradients: Promise<Gradients> | null = null;
  private prediction: Promise<InferenceSession> | null = null;
  private prefix: Promise<InferenceSession> | null = null;
  private head: Promise<InferenceSession> | null = null;

  private constructor(options: RuntimeOptions, optimizer: AdamW) {
    this.options = options;
    this.optimizer = optimizer;
    this.stage = { trained: options.trained, from: null, thawedAt: new Map() };
    const trained = new Set(optimizer.names);
    for (const parameter of options.parameters) {
      const { name, shape } = parameter;
      const first = options.initial(parameter);
      const value = trained.has(name) ? optimizer.view(name, 'p') : first;
      if (value !== first) value.set(first);
      this.values.set(name, value);
      this.feeds[name] = float32(value, shape);
    }
  }
  static async open(options: RuntimeOptions): Promise<CpuRuntime> {
    const { trained, threads } = options;
    const table = trained.find(({ role }) => role === 'word')?.name;
    const shapes = new Map(trained.map(({ name, shape }) => [name, shape]));
    return new CpuRuntime(options, await AdamW.open(shapes, { threads: threads || physicalCores(), table }));
  }

  async begin(stage: Stage): Promise<void> {
    const { trained, from } = this.stage;
    this.stage = stage;
    const same = stage.from === from && stage.trained.length === trained.length && stage.trained.every((one, i) => one === trained[i]);
    if (!same) await this.closeSessions();
  }
  async prepare(): Promise<void> {
    await (this.gradients ??= this.openGradients());
  }
  /** Traced when it is needed: a model that only predicts does not. */
  private async openGradients(): Promise<Gradients> {
    const { specification, threads } = this.options;
    const { trained, from } = this.stage;
    const { graph, outputs, sites } = gradientGraph(specification, trained, 'fused', { from });
    const session = await openSession(graph.encode(outputs), { device: 'cpu', threads });
    const g = (name: string) => this.optimizer.view(name, 'g');
    const byOutput = new Map(trained.map((parameter) => [`g.${parameter.name}`, parameter]));
    const target = (output: string) => {
      const found = byOutput.get(output);
      return found ? float32(g(found.name), found.shape) : null;
    };
    const table = (role: string) => {
      const found = trained.find((parameter) => parameter.role === role);
      return found ? g(found.name) : null;
    };
    const word = table('word');
    return {
      session,
      sites,
      embeddings: word && new EmbeddingGradient(specification.config, { word, position: table('position'), type: table('type') }),
      fetches: Object.fromEntries(session.outputNames.map((output) => [output, target(output)])),
      fetched: session.outputNames.flatMap((output) => byOutput.get(output)?.name ?? []),
    };
  }
  async step(batches: Batch[], feeding: Feeding, options: StepOptions, count: number): Promise<StepResult> {
    const gradients = await (this.gradients ??= this.openGradients());
    const taken = await this.fillGradients(gradients, batches, feeding);
    requireFinite(taken, count);
    const { betas = [0.9, 0.999], epsilon = 1e-8 } = options;
    const scale = clipFactor(taken.gradientNorm, options.clip);
    const { trained, thawedAt } = this.stage;
    const updates = trained.map((parameter) => {
      const weightDecay = decays(parameter, options) ? options.weightDecay : 0;
      const learningRate = rateOf(parameter.layer, options);
      const step = count - (thawedAt.get(parameter.layer) ?? 0);
      return [parameter.name, { learningRate, weightDecay, betas, epsilon, step, scale }] as const;
    });
    this.optimizer.step(updates);
    return taken;
  }
  /** Leaves the gradients of all batches' mean loss where the optimizer reads them. */
  private async fillGradients(gradients: Gradients, batches: Batch[], feeding: Feeding): Promise<StepResult> {
    const { session, sites, embeddings, fetches, fetched } = gradients;
    const weight = labelWeight(batches, this.options.specification.loss);
    let [loss, squares] = [0, 0];
    embeddings?.clear();
    if (embeddings) for (const { ids } of batches) this.optimizer.use(ids);
    for (const [at, batch] of batches.entries()) {
      const feeds = this.feedsOf(session, {
        ...textFeeds(await feeding.begunWith(batch)),
        ...labelFeeds(batch, weight),
        ...feeding.masks(sites, batch.shape),
      });
      const result = await session.run(feeds, fetches);
      const first = (name: string) => (result[name].data as Float32Array)[0];
      loss += first('loss');
      const norm = first('squaredNorm');
      embeddings?.add(batch, result.rows.data as Float32Array);
      // onnxruntime-node copies what it wrote where it was told to. Freed at once, the copies of two steps are never there together.
      for (const output of Object.values(result)) (output.data as Float32Array<ArrayBuffer>).buffer.transfer(0);
      if (at < batches.length - 1) this.optimizer.accumulate(fetched);
      else squares = batches.length > 1 ? this.optimizer.takeSums(fetched) : norm;
    }
    return { loss, gradientNorm: Math.sqrt(squares + (embeddings?.squaredNorm() ?? 0)) };
  }
  async logits(batch: Batch): Promise<Float32Array> {
    const session = await (this.prediction ??= this.openPrediction());
    this.optimizer.settle();
    return (await session.run(this.feedsOf(session, textFeeds(batch)))).logits.data as Float32Array;
  }
  private openPrediction(): Promise<InferenceSession> {
    const { specification, threads } = this.options;
    const { graph, outputs } = logitsGraph(specification, 'fused', { from: this.stage.from });
    return openSession(graph.encode(outputs), { device: 'cpu', threads });
  }
  async headRows(batch: Batch): Promise<HeadRows> {
    const session = await (this.head ??= this.openHead());
    this.optimizer.settle();
    const { pooled, inputs } = await session.run(this.feedsOf(session, textFeeds(batch)));
    return { pooled: pooled.data as Float32Array, inputs: inputs.data as Float32Array };
  }
  private openHead(): Promise<InferenceSession> {
    const { specification, threads } = this.options;
    const { graph, outputs } = headGraph(specification, 'fused', { from: this.stage.from });
    return openSession(graph.encode(outputs), { device: 'cpu', threads });
  }
  async features(batch: Batch): Promise<Float32Array> {
    const session = await (this.prefix ??= this.openPrefix());
    this.optimizer.settle();
    return (await session.run(this.feedsOf(session, textFeeds(batch)))).features.data as Float32Array;
  }
  private openPrefix(): Promise<InferenceSession> {
    const { specification, threads } = this.options;
    const { graph, outputs } = prefixGraph(specification, this.stage.from ?? 0, 'fused');
    return openSession(graph.encode(outputs), { device: 'cpu', threads });
  }
  private feedsOf({ inputNames }: InferenceSession, batch: Values): Values {
    const all = { ...this.feeds, ...batch };
    return Object.fromEntries(inputNames.map((name) => [name, all[name]]));
  }
  private view(part: Part, name: string): Float32Array {
    return part === 'p' ? this.values.get(name)! : this.optimizer.view(name, part);
  }
  async read(part: Part, parameters: Parameter[]): Promise<Map<string, Float32Array>> {
    this.optimizer.settle();
    return new Map(parameters.map(({ name }) => [name, this.view(part, name)]));
  }
  async write(part: Part, values: Map<string, Float32Array>): Promise<void> {
    const trained = new Set(this.optimizer.names);
    for (const [name, data] of values)
      if (trained.has(name)) this.optimizer.write(name, part, data);
      else this.view(part, name).set(data);
  }
  async close(): Promise<void> {
    await this.closeSessions();
    await this.optimizer.close();
  }
  private async closeSessions(): Promise<void> {
    const open = [(await this.gradients)?.session, await this.prediction, await this.prefix, await this.head];
    this.gradients = this.prediction = this.prefix = this.head = null;
    for (const session of open) await session?.release();
  }
}
