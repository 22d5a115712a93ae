/** A model that can be trained step by step. */
import { ThawError } from '../../shared/errors.ts';
import { product } from '../graph/index.ts';
import { familyOf, type Base, type Tensor } from '../models/base.ts';
import type { LossOptions } from '../models/blocks.ts';
import type { EncoderConfig, HeadKind } from '../models/family.ts';
import { parametersOf, type Parameter } from '../models/parameters.ts';
import { physicalCores } from '../runtimes/cores.ts';
import { float32, type Values } from '../runtimes/onnx.ts';
import { mulberry32, type Random } from '../text/random.ts';
import { checkBatch, type Batch } from './batch.ts';
import { CpuRuntime } from './cpu.ts';
import { Dropout } from './dropout.ts';
import { standIns, type Site, type Specification } from '../models/graphs.ts';
import { WebGpuRuntime } from './webgpu.ts';
import type { Part, Runtime, RuntimeOptions, StepOptions, StepResult } from './runtime.ts';

export type { HeadKind } from '../models/family.ts';
export type { Batch } from './batch.ts';
export type { StepOptions, StepResult } from './runtime.ts';

export interface ModelOptions {
  base: Base;
  head: HeadKind;
  labels: string[];
  /** Names of layers: `embeddings`, `0`…, `head`. */
  frozen: string[];
  /** For every site of the model; null: the base's own. */
  dropout: number | null;
  seed: number;
  device: 'cpu' | 'webgpu';
  /** 0: the physical cores. */
  threads: number;
  /** Take over the base's head where its shape fits. */
  keepHead?: boolean;
  /** Of training; evaluation measures plain cross-entropy. */
  loss?: LossOptions;
}
/** Trained tensors under their names, moments under `m.NAME` and `v.NAME`. */
export interface ModelState {
  tensors: Map<string, Tensor>;
  step: number;
  dropoutState: number;
}
export interface TrainableModel {
  /** Makes ready for training; the first step does so where it was not asked for. */
  prepare(): Promise<void>;
  /** One AdamW step on the mean loss of the labels that count. Throws `diverged`, with nothing changed, where the loss or its gradient is no number. */
  step(batch: Batch, options: StepOptions): Promise<StepResult>;
  /** Without dropout: [batch, classes], or [batch*length, classes] for tokens. */
  logits(batch: Batch): Promise<Float32Array>;
  /** Copies of all, by Hugging Face's names and in its layout. */
  parameters(): Promise<Map<string, Tensor>>;
  trained(): string[];
  /** Not copied, so that a checkpoint costs no memory: true until the next step, `restore` or `load`. */
  state(): Promise<ModelState>;
  restore(state: ModelState): Promise<void>;
  /** Overwrites parameters by name. */
  load(tensors: Map<string, Tensor>): Promise<void>;
  close(): Promise<void>;
}

/** Two independent normal numbers (Box and Muller 1958) at a time. */
function normal(count: number, deviation: number, random: Random): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
function headDoesNotFit({ folder }: Base, name: string, shape: number[]): ThawError {
  return new ThawError({
    code: 'damaged_file',
    message: `${folder} has no tensor ${name} of shape [${shape.join(', ')}], which its config.json calls for.`,
    remedy: 'Export the model again, or choose another folder.',
    place: { file: folder, field: name },
  });
}
/** The base's values, or for a new head what Hugging Face draws: normal weights, zero biases. */
function initialValues({ base, seed, keepHead }: ModelOptions): (parameter: Parameter) => Float32Array {
  const random = mulberry32(seed);
  return ({ name, shape, pretrained }) => {
    if ((pretrained || keepHead) && base.has(name)) {
      const stored = base.read(name);
      if (stored.shape.join() === shape.join()) return stored.data;
    }
    if (keepHead) throw headDoesNotFit(base, name, shape);
    return shape.length > 1 ? normal(product(shape), base.config.initializerRange, random) : new Float32Array(product(shape));
  };
}
function withDropout(config: EncoderConfig, dropout: number | null): EncoderConfig {
  return dropout === null
    ? config
    : { ...config, dropout: { hidden: dropout, attention: dropout, classification: dropout, token: dropout } };
}
function specificationOf({ base, head, labels, dropout, loss }: ModelOptions): Specification {
  return { family: familyOf(base.family), config: withDropout(base.config, dropout), head, classes: labels.length, loss };
}
function checkFrozen(frozen: string[], { layers }: EncoderConfig): void {
  const known = ['embeddings', ...Array.from({ length: layers }, (_, i) => `${i}`), 'head'];
  const unknown = frozen.find((layer) => !known.includes(layer));
  if (unknown === undefined) return;
  throw new ThawError({
    code: 'unknown_option',
    message: `This base model has no layer ${unknown}.`,
    remedy: `Its layers are ${known.join(', ')}.`,
  });
}

/** Opens a model on a device. The same options, batches and threads give the same weights, bit for bit. */
export async function openModel(options: ModelOptions): Promise<TrainableModel> {
  checkFrozen(options.frozen, options.base.config);
  const specification = specificationOf(options);
  const parameters = parametersOf(specification.family, specification.config, options.head, options.labels.length);
  const trained = parameters.filter(({ layer }) => !options.frozen.includes(layer));
  const threads = options.threads || physicalCores();
  const runtime = await openRuntime(options.device, { specification, parameters, trained, threads, initial: initialValues(options) });
  return new Model(runtime, specification, parameters, trained, options.seed);
}
function openRuntime(device: ModelOptions['device'], options: RuntimeOptions): Promise<Runtime> {
  return device === 'cpu' ? CpuRuntime.open(options) : WebGpuRuntime.open(options);
}

class Model implements TrainableModel {
  private readonly runtime: Runtime;
  private readonly specification: Specification;
  private readonly all: Parameter[];
  private readonly changing: Parameter[];
  private readonly dropout: Dropout;
  private steps = 0;

  constructor(runtime: Runtime, specification: Specification, all: Parameter[], changing: Parameter[], seed: number) {
    this.runtime = runtime;
    this.specification = specification;
    this.all = all;
    this.changing = changing;
    this.dropout = new Dropout(seed);
  }
  prepare(): Promise<void> {
    return this.runtime.prepare();
  }
  async step(batch: Batch, options: StepOptions): Promise<StepResult> {
    if (!this.changing.length)
      throw new ThawError({
        code: 'unknown_option',
        message: 'Every layer is frozen: there is nothing to train.',
        remedy: 'Thaw the head or a layer.',
      });
    checkBatch(batch, this.specification.config);
    const result = await this.runtime.step(batch, (sites) => this.masks(sites, batch.shape), options, this.steps + 1);
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
    return this.runtime.logits(batch);
  }
  async parameters(): Promise<Map<string, Tensor>> {
    const live = await this.tensors(this.all, 'p');
    return new Map([...live].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  }
  private async tensors(parameters: Parameter[], part: Part, prefix = ''): Promise<Map<string, Tensor>> {
    const values = await this.runtime.read(part, parameters);
    return new Map(parameters.map(({ name, shape }) => [prefix + name, { shape, data: values.get(name)! }]));
  }
  trained(): string[] {
    return this.changing.map(({ name }) => name);
  }
  async state(): Promise<ModelState> {
    const parts = [
      await this.tensors(this.changing, 'p'),
      await this.tensors(this.changing, 'm', 'm.'),
      await this.tensors(this.changing, 'v', 'v.'),
    ];
    return { tensors: new Map(parts.flatMap((part) => [...part])), step: this.steps, dropoutState: this.dropout.state };
  }
  async restore({ tensors, step, dropoutState }: ModelState): Promise<void> {
    for (const [part, prefix] of [
      ['p', ''],
      ['m', 'm.'],
      ['v', 'v.'],
    ] as [Part, string][])
      await this.runtime.write(part, new Map(this.changing.map((parameter) => [parameter.name, saved(tensors, prefix, parameter)])));
    this.steps = step;
    this.dropout.state = dropoutState;
  }
  async load(tensors: Map<string, Tensor>): Promise<void> {
    const present = this.all.filter(({ name }) => tensors.has(name));
    await this.runtime.write('p', new Map(present.map((parameter) => [parameter.name, saved(tensors, '', parameter)])));
  }
  close(): Promise<void> {
    return this.runtime.close();
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
