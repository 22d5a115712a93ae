/** What a device must do for a model: hold its parameters, take a step, compute logits. */
import { ThawError } from '../../shared/errors.ts';
import type { Parameter } from '../models/parameters.ts';
import type { Values } from '../runtimes/onnx.ts';
import type { Batch } from './batch.ts';
import type { Site, Specification } from '../models/graphs.ts';

export interface StepOptions {
  learningRate: number;
  /** Factors of the learning rate by layer; 1 for those not named. */
  layerRates?: ReadonlyMap<string, number>;
  weightDecay: number;
  /** Biases and normalization weights decay too. */
  decayAll: boolean;
  /** Largest global norm of the gradient; 0: no clipping. */
  clip: number;
  betas?: [number, number];
  epsilon?: number;
}
export interface StepResult {
  loss: number;
  /** Before clipping. */
  gradientNorm: number;
}
export interface RuntimeOptions {
  specification: Specification;
  parameters: Parameter[];
  trained: Parameter[];
  threads: number;
  /** A parameter's first value. */
  initial(parameter: Parameter): Float32Array;
}
/** Value, and AdamW's first and second moment. */
export type Part = 'p' | 'm' | 'v';
/** What else goes into the gradient graph with a batch: asked for when its turn comes, so that a step holds that of one batch at a time. */
export interface Feeding {
  /** Dropout masks for a batch of this shape. */
  masks(sites: Site[], shape: Batch['shape']): Values;
  /** The batch with its features, where the graphs begin with those. */
  begunWith(batch: Batch): Promise<Batch>;
}
export interface Runtime {
  /** Traces and opens what a step needs, so that the first one takes no longer than the rest. */
  prepare(): Promise<void>;
  /**
   * One step on the mean loss over the labels of all batches, which are computed one after another.
   * `count`: this step's number, from 1.
   * @throws diverged, with nothing changed
   */
  step(batches: Batch[], feeding: Feeding, options: StepOptions, count: number): Promise<StepResult>;
  logits(batch: Batch): Promise<Float32Array>;
  /** Parameters, or the moments of trained ones, by name; true until the next step or write. */
  read(part: Part, parameters: Parameter[]): Promise<Map<string, Float32Array>>;
  write(part: Part, values: Map<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}
/** The learning rate of a parameter's layer. */
export const rateOf = (layer: string, { learningRate, layerRates }: StepOptions) => learningRate * (layerRates?.get(layer) ?? 1);
/** What is trained for a while, and where its graphs begin. */
export interface Stage {
  /** Of those the runtime was opened to train. */
  trained: Parameter[];
  /** Batches bring their features at this depth; null: they are run from their token ids. */
  from: number | null;
  /** By layer: the steps done before it was first trained; 0 where it is not named. AdamW corrects its bias by the steps since. */
  thawedAt: ReadonlyMap<string, number>;
}
/** Rows of the head for each text, or for each token of a token head: [rows, hidden]. */
export interface HeadRows {
  /** What its dense layer reads; where it has none, what the last matrix reads. */
  pooled: Float32Array;
  /** What the last matrix reads. */
  inputs: Float32Array;
}
/** A runtime that can begin above frozen layers, and change what it trains. */
export interface StagedRuntime extends Runtime {
  begin(stage: Stage): Promise<void>;
  /** What the head makes of a batch before its last matrix, with nothing dropped. */
  headRows(batch: Batch): Promise<HeadRows>;
  /** What the layers below the stage's `from` make of a batch: [batch*length, hidden], or [batch, hidden] below a classification head. */
  features(batch: Batch): Promise<Float32Array>;
}
/** Hugging Face's Trainer spares biases and normalization weights, which are the parameters of one dimension. */
export const decays = ({ shape }: Parameter, { decayAll }: StepOptions) => decayAll || shape.length > 1;
/** torch.nn.utils.clip_grad_norm_. */
export const clipFactor = (norm: number, clip: number) => (clip ? Math.min(1, clip / (norm + 1e-6)) : 1);
/** Called before a step changes a parameter or a moment, so that the model stays as the last good step left it. @throws diverged */
export function requireFinite({ loss, gradientNorm }: StepResult, step: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const message = `Training diverged at step ${step}: the loss is ${loss}, the norm of the gradient ${gradientNorm}.`;
  throw new ThawError({ code: 'diverged', message, remedy: 'Lower the learning rate.' });
}
