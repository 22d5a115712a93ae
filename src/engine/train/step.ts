/** A model that can be trained step by step. */
import type { DropoutSetting } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { product } from '../graph/index.ts';
import { familyOf, type Base, type Tensor } from '../models/base.ts';
import type { LossOptions } from '../models/blocks.ts';
import { adapterRoles, merged, numberedLayers } from '../models/adapters.ts';
import type { Adapters, Family, HeadKind } from '../models/family.ts';
import { initialValues } from '../models/initial.ts';
import { parametersOf, type Parameter } from '../models/parameters.ts';
import { physicalCores } from '../runtimes/cores.ts';
import { float32, type Values } from '../runtimes/onnx.ts';
import { checkBatch, type Batch } from './batch.ts';
import { CpuRuntime } from './cpu.ts';
import { Dropout, withDropout } from './dropout.ts';
import { Prefix, type CacheOptions } from './prefix/index.ts';
import { fromTheTop } from './thawing.ts';
import { standIns, thawLine, type Site, type Specification } from '../models/graphs.ts';
import { WebGpuRuntime } from './webgpu.ts';
import type { HeadRows, Part, Runtime, RuntimeOptions, StagedRuntime, StepOptions, StepResult } from './runtime.ts';

export type { HeadKind } from '../models/family.ts';
export type { Batch } from './batch.ts';
export type { StepOptions, StepResult } from './runtime.ts';

export interface ModelOptions {
  base: Base;
  head: HeadKind;
  labels: string[];
  /** Names of layers: `embeddings`, `0`…, `head`. */
  frozen: string[];
  /** For every site of the model, or by site; null: the base's own. */
  dropout: DropoutSetting | null;
  seed: number;
  device: 'cpu' | 'webgpu';
  /** 0: the physical cores. */
  threads: number;
  /** Take over the base's head where its shape fits. */
  keepHead?: boolean;
  /** This many of the highest layers start anew. */
  reinitTop?: number;
  /** Low-rank adapters beside the matrices of all layers that are not frozen; trained are these and the head, and the matrices stay as they are. */
  lora?: Pick<Adapters, 'rank' | 'alpha'> | null;
  /** Of training; evaluation measures plain cross-entropy. */
  loss?: LossOptions;
  /** Where the features of frozen lower layers are kept. Without it, or on a device that can not begin above them, they are run each time. */
  cache?: CacheOptions;
}
/** Trained tensors under their names, moments under `m.NAME` and `v.NAME`. With adapters their matrices too, merged: what needs no adapters reads those. */
export interface ModelState {
  tensors: Map<string, Tensor>;
  step: number;
  dropoutState: number;
  /** By layer: the steps that were done when it was thawed. Not named: 0. */
  thawedAt: Record<string, number>;
}
export interface TrainableModel {
  /** Makes ready for training; the first step does so where it was not asked for. */
  prepare(): Promise<void>;
  /**
   * One AdamW step on the mean loss of the labels that count, of all batches where there are several: those are computed one after another, in
   * the memory of one. Throws `diverged`, with nothing changed, where the loss or its gradient is no number.
   */
  step(batch: Batch | Batch[], options: StepOptions): Promise<StepResult>;
  /** Without dropout: [batch, classes], or [batch*length, classes] for tokens. */
  logits(batch: Batch): Promise<Float32Array>;
  /**
   * What the head makes of a batch before its last matrix, without dropout.
   * @throws unavailable on a device that can not
   */
  headRows(batch: Batch): Promise<HeadRows>;
  /** Copies of all, by Hugging Face's names and in its layout; adapters are merged into their matrices. */
  parameters(): Promise<Map<string, Tensor>>;
  trained(): string[];
  /** Those that were not frozen when it was opened, from the head down. */
  layers(): string[];
  /**
   * From the next step on these layers are trained and no others, of those that were not frozen when the model was opened. The optimizer takes up a
   * layer that was not trained before as PyTorch's AdamW does a parameter that gets its first gradient: moments 0, its own count of steps.
   * @throws unavailable on a device that can not
   */
  thaw(layers: string[]): Promise<void>;
  /** Layers whose features are read from the cache, not counting the embeddings below them. */
  cachedPrefix(): number;
  /** Not copied, so that a checkpoint costs no memory: true until the next step, `restore` or `load`. */
  state(): Promise<ModelState>;
  restore(state: ModelState): Promise<void>;
  /** Overwrites parameters by name. Where there are adapters among them, their matrices are taken to be merged, and left. */
  load(tensors: Map<string, Tensor>): Promise<void>;
  close(): Promise<void>;
}

function specificationOf({ base, head, labels, dropout, loss, lora, frozen }: ModelOptions): Specification {
  const layers = numberedLayers(base.config).filter((layer) => !frozen.includes(layer));
  const adapters = lora ? { ...lora, layers } : undefined;
  return { family: familyOf(base.family), config: withDropout(base.config, dropout), head, classes: labels.length, loss, adapters };
}
/** With adapters these and the head, without them everything, of the layers that are not frozen. */
const isTrained = ({ layer, adapts }: Parameter, { frozen, lora }: ModelOptions) =>
  !frozen.includes(layer) && (!lora || adapts !== undefined || layer === 'head');
function checkFrozen(frozen: string[], parameters: Parameter[], { freezing = '' }: Family): void {
  const known = [...new Set(parameters.map(({ layer }) => layer))];
  const unknown = frozen.find((layer) => !known.includes(layer));
  if (unknown === undefined) return;
  throw new ThawError({
    code: 'unknown_option',
    message: `This base model has no layer ${unknown}.`,
    remedy: `Its layers are ${known.join(', ')}.${freezing}`,
  });
}

/** Opens a model on a device. The same options, batches and threads give the same weights, bit for bit. */
export async function openModel(options: ModelOptions): Promise<TrainableModel> {
  const specification = specificationOf(options);
  const { family, config, head, classes, adapters } = specification;
  const parameters = parametersOf(family, config, head, classes, adapters);
  checkFrozen(options.frozen, parameters, specification.family);
  const trained = parameters.filter((parameter) => isTrained(parameter, options));
  const threads = options.threads || physicalCores();
  const runtimeOptions: RuntimeOptions = { specification, parameters, trained, threads, initial: initialValues(options) };
  const staged = options.device === 'cpu' ? await CpuRuntime.open(runtimeOptions) : null;
  const runtime = staged ?? (await WebGpuRuntime.open(runtimeOptions));
  return new Model(runtime, staged, runtimeOptions, options);
}

class Model implements TrainableModel {
  private readonly runtime: Runtime;
  /** The same, where it can begin above frozen layers. */
  private readonly staged: StagedRuntime | null;
  private readonly specification: Specification;
  private readonly threads: number;
  private readonly all: Parameter[];
  /** Roles of the matrices that have adapters. */
  private readonly adapted: ReadonlySet<string>;
  /** Not frozen, and of those what is trained now. */
  private readonly changing: Parameter[];
  private current: Parameter[];
  private readonly thawedAt = new Map<string, number>();
  private readonly cache: CacheOptions | null;
  private prefix: Prefix | null = null;
  /** Null until what is trained now, on these values of the layers below, is ready to run. */
  private begun: Promise<void> | null = null;
  private readonly dropout: Dropout;
  private steps = 0;

  constructor(
    runtime: Runtime,
    staged: StagedRuntime | null,
    { specification, parameters, trained, threads }: RuntimeOptions,
    { seed, cache }: ModelOptions,
  ) {
    this.runtime = runtime;
    this.staged = staged;
    this.specification = specification;
    this.threads = threads;
    this.all = parameters;
    this.adapted = new Set(parameters.flatMap(({ adapts }) => adapts ?? []));
    this.changing = this.current = trained;
    this.cache = cache ?? null;
    this.dropout = new Dropout(seed);
  }
  async prepare(): Promise<void> {
    await (this.begun ??= this.begin());
    await this.runtime.prepare();
  }
  /** Puts the cut where the lowest trained layer is. The embeddings alone are run each time: a look-up is as quick as a cache. */
  private async begin(): Promise<void> {
    const line = this.current.length ? thawLine(this.current, this.specification.config) : 0;
    await this.prefix?.close();
    this.prefix = null;
    if (!this.staged) return;
    await this.staged.begin({ trained: this.current, from: this.cache && line > 0 ? line : null, thawedAt: this.thawedAt });
    if (this.cache && line > 0) this.prefix = await this.openPrefix(this.staged, this.cache, line);
  }
  private async openPrefix(staged: StagedRuntime, cache: CacheOptions, depth: number): Promise<Prefix> {
    const { specification, threads, all: parameters } = this;
    const values = await staged.read('p', parameters);
    const valueOf = ({ name }: Parameter) => values.get(name)!;
    return new Prefix({ specification, depth, threads, parameters, valueOf, compute: (batch) => staged.features(batch), cache });
  }
  /** The batch as the graphs take it now. */
  private async begunWith(batch: Batch): Promise<Batch> {
    await (this.begun ??= this.begin());
    return this.prefix ? { ...batch, features: await this.prefix.features(batch) } : batch;
  }
  async step(batch: Batch | Batch[], options: StepOptions): Promise<StepResult> {
    if (!this.current.length)
      throw new ThawError({
        code: 'unknown_option',
        message: 'Every layer is frozen: there is nothing to train.',
        remedy: 'Thaw the head or a layer.',
      });
    const batches = Array.isArray(batch) ? batch : [batch];
    for (const one of batches) checkBatch(one, this.specification.config);
    await (this.begun ??= this.begin());
    const feeding = { masks: this.masks.bind(this), begunWith: this.begunWith.bind(this) };
    const result = await this.runtime.step(batches, feeding, options, this.steps + 1);
    this.steps += 1;
    return result;
  }
  private masks(sites: Site[], [batch, length]: [number, number]): Values {
    const sizes = standIns(this.specification);
    // A site's shape is in stand-ins; each of its dimensions is a product of them and a constant.
    const actual = (size: number) => (size % sizes.batch ? 1 : batch) * (size % sizes.length ? 1 : length) * constantOf(size, sizes);
    return Object.fromEntries(
      sites.map(({ name, probability, shape }) => {
        const dims = shape.map(actual);
        return [name, float32(this.dropout.mask(probability, product(dims)), dims)];
      }),
    );
  }
  async logits(batch: Batch): Promise<Float32Array> {
    checkBatch(batch, this.specification.config);
    return this.runtime.logits(await this.begunWith(batch));
  }
  async headRows(batch: Batch): Promise<HeadRows> {
    checkBatch(batch, this.specification.config);
    const begun = await this.begunWith(batch);
    return this.requireStaged('What a head reads can not be had on this device.', 'Choose the processor.').headRows(begun);
  }
  private requireStaged(message: string, remedy: string): StagedRuntime {
    if (!this.staged) throw new ThawError({ code: 'unavailable', message, remedy });
    return this.staged;
  }
  async parameters(): Promise<Map<string, Tensor>> {
    const live = await this.tensors(
      this.all.filter(({ adapts }) => !adapts),
      'p',
    );
    const copies = [...live].map(([name, { shape, data }]): [string, Tensor] => [name, { shape, data: data.slice() }]);
    return new Map([...copies, ...(await this.mergedMatrices())]);
  }
  /** The matrices that have adapters, with these added to them. */
  private async mergedMatrices(): Promise<Map<string, Tensor>> {
    const { adapters } = this.specification;
    if (!adapters) return new Map();
    const adapted = this.all.filter((parameter) => this.isAdapted(parameter));
    const byRole = new Map(this.all.map((parameter) => [parameter.role, parameter]));
    const parts = adapted.flatMap(({ role }) => adapterRoles(role).map((part) => byRole.get(part)!));
    const values = await this.runtime.read('p', [...adapted, ...parts]);
    return new Map(
      adapted.map(({ name, role, shape }) => {
        const [a, b] = adapterRoles(role).map((part) => values.get(byRole.get(part)!.name)!);
        return [name, { shape, data: merged(values.get(name)!, a, b, adapters) }];
      }),
    );
  }
  private isAdapted({ role }: Parameter): boolean {
    return this.adapted.has(role);
  }
  private async tensors(parameters: Parameter[], part: Part, prefix = ''): Promise<Map<string, Tensor>> {
    const values = await this.runtime.read(part, parameters);
    return new Map(parameters.map(({ name, shape }) => [prefix + name, { shape, data: values.get(name)! }]));
  }
  trained(): string[] {
    return this.current.map(({ name }) => name);
  }
  layers(): string[] {
    return fromTheTop(this.changing, this.specification.config);
  }
  async thaw(layers: string[]): Promise<void> {
    this.requireStaged(
      'On this device the layers that are trained can not change during a run.',
      'Train on the processor, or without gradual unfreezing.',
    );
    this.current = this.changing.filter(({ layer }) => layers.includes(layer));
    for (const { layer } of this.current) if (!this.thawedAt.has(layer)) this.thawedAt.set(layer, this.steps);
    this.begun = null;
  }
  cachedPrefix(): number {
    return this.prefix?.depth ?? 0;
  }
  async state(): Promise<ModelState> {
    const parts = [
      await this.mergedMatrices(),
      await this.tensors(this.changing, 'p'),
      await this.tensors(this.changing, 'm', 'm.'),
      await this.tensors(this.changing, 'v', 'v.'),
    ];
    return {
      tensors: new Map(parts.flatMap((part) => [...part])),
      step: this.steps,
      dropoutState: this.dropout.state,
      thawedAt: Object.fromEntries(this.thawedAt),
    };
  }
  async restore({ tensors, step, dropoutState, thawedAt }: ModelState): Promise<void> {
    for (const [part, prefix] of [
      ['p', ''],
      ['m', 'm.'],
      ['v', 'v.'],
    ] as [Part, string][])
      await this.runtime.write(part, new Map(this.changing.map((parameter) => [parameter.name, saved(tensors, prefix, parameter)])));
    this.steps = step;
    this.dropout.state = dropoutState;
    this.thawedAt.clear();
    for (const [layer, at] of Object.entries(thawedAt)) this.thawedAt.set(layer, at);
    this.begun = null;
  }
  async load(tensors: Map<string, Tensor>): Promise<void> {
    const hasAdapters = this.all.some(({ adapts, name }) => adapts && tensors.has(name));
    const present = this.all.filter((parameter) => tensors.has(parameter.name) && !(hasAdapters && this.isAdapted(parameter)));
    await this.runtime.write('p', new Map(present.map((parameter) => [parameter.name, saved(tensors, '', parameter)])));
    // Layers below may have other values now, and other features; what is trained lies above them.
    if (present.some((parameter) => !this.current.includes(parameter))) this.begun = null;
  }
  async close(): Promise<void> {
    await this.prefix?.close();
    await this.runtime.close();
  }
}
function saved(tensors: Map<string, Tensor>, prefix: string, { name, shape }: Parameter): Float32Array {
  const tensor = tensors.get(prefix + name);
  if (tensor?.shape.join() === shape.join()) return tensor.data;
  const message = `The saved ${prefix}${name} is ${tensor ? `[${tensor.shape.join(', ')}]` : 'missing'}, and should be [${shape.join(', ')}].`;
  throw new ThawError({ code: 'damaged_file', message, remedy: 'Train again.' });
}
function constantOf(size: number, primes: { batch: number; length: number }): number {
  let rest = size;
  for (const prime of Object.values(primes)) if (rest % prime === 0) rest /= prime;
  return rest;
}
