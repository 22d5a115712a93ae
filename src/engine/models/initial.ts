/** The first values of a model's parameters: the base's, those of the head of the run it starts from, or what Hugging Face draws. */
import { ThawError } from '../../shared/errors.ts';
import { product } from '../graph/graph.ts';
import { mulberry32, type Random } from '../text/random.ts';
import type { Base } from './base.ts';
import type { EncoderConfig, HeadKind } from './family.ts';
import type { Parameter } from './parameters.ts';

export interface InitialOptions {
  base: Base;
  head: HeadKind;
  /** The classes of the head. */
  labels: string[];
  seed: number;
  /** Take over the base's head where its shape fits. */
  keepHead?: boolean;
  /** This many of the highest layers start anew. */
  reinitTop?: number;
}

/**
 * Two independent normal numbers (Box and Muller 1958) at a time; those that are further from 0 than `cutoff` deviations are passed over
 * (torch.nn.init.trunc_normal_).
 */
function normal(count: number, { deviation, cutoff = Infinity }: Parameter['fresh'], random: Random): Float32Array {
  const values = new Float32Array(count);
  for (let filled = 0; filled < count;) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    for (const value of [radius * Math.cos(angle), radius * Math.sin(angle)])
      if (filled < count && Math.abs(value) <= deviation * cutoff) values[filled++] = value;
  }
  return values;
}
/** Takes as many random numbers as there are values and one more where that is odd, more where some are cut off; none where all are the same. */
export function drawn(shape: number[], fresh: Parameter['fresh'], random: Random): Float32Array {
  const { mean, deviation, reach } = fresh;
  if (reach) return Float32Array.from({ length: product(shape) }, () => mean + reach * (2 * random() - 1));
  return deviation ? normal(product(shape), fresh, random) : new Float32Array(product(shape)).fill(mean);
}

function headDoesNotFit({ folder }: Base, name: string, shape: number[]): ThawError {
  return new ThawError({
    code: 'damaged_file',
    message: `${folder} has no tensor ${name} of shape [${shape.join(', ')}], which its config.json calls for.`,
    remedy: 'Export the model again, or choose another folder.',
    place: { file: folder, field: name },
  });
}
/** Whether a parameter of the base is drawn anew: the highest layers', and the pooler with them (Zhang et al. 2021, Revisiting Few-sample BERT Fine-tuning, §4). */
const startsAnew = ({ layer, pretrained }: Parameter, reinitTop: number, { groups }: EncoderConfig) =>
  reinitTop > 0 && pretrained && (layer === 'head' || Number(layer) >= groups - reinitTop);

/** `to`, which belongs to classes of these names, with the rows that `from` has for the same names in their place. */
export function withRowsByName(to: Float32Array, names: string[], from: Float32Array, fromNames: string[]): Float32Array {
  const width = to.length / names.length;
  for (const [row, name] of names.entries()) {
    const known = fromNames.indexOf(name);
    if (known >= 0) to.set(from.subarray(known * width, (known + 1) * width), row * width);
  }
  return to;
}
/** Whether its first dimension is the classes. */
export const isByClass = ({ role }: Parameter): boolean => role.startsWith('head.out.');

/**
 * The base's values, or for a new head and layers that start anew what Hugging Face draws: normal weights, zero biases, norms of 1. Where the base is
 * what a run made, its head is taken over: the rows of classes that both have, and all below them; a head on layers that start anew is new.
 */
export function initialValues({
  base,
  head,
  labels,
  seed,
  keepHead,
  reinitTop = 0,
}: InitialOptions): (parameter: Parameter) => Float32Array {
  const random = mulberry32(seed);
  // Numbers of their own: the head is the same with and without them, as it must be where a run is opened to predict.
  const layerRandom = mulberry32(seed ^ 0x2545f491);
  const adapterRandom = mulberry32(seed ^ 0x6c078965);
  const learned = reinitTop === 0 && base.head?.kind === head ? base.head : null;
  return (parameter) => {
    const { name, shape, pretrained, fresh, adapts } = parameter;
    if (adapts) return drawn(shape, fresh, adapterRandom);
    if (startsAnew(parameter, reinitTop, base.config)) return drawn(shape, fresh, layerRandom);
    if ((pretrained || keepHead) && base.has(name)) {
      const stored = base.read(name);
      if (stored.shape.join() === shape.join()) return stored.data;
    }
    if (keepHead) throw headDoesNotFit(base, name, shape);
    const value = drawn(shape, fresh, random);
    if (!learned) return value;
    const { data } = base.read(name);
    return isByClass(parameter) ? withRowsByName(value, labels, data, learned.classes) : data;
  };
}
