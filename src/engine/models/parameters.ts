/** The parameters of an encoder with a head: their role in the model, Hugging Face's name, shape, and layer. */
import { adaptersOf } from './adapters.ts';
import type { Adapters, EncoderConfig, Family, HeadKind } from './family.ts';

export interface Parameter {
  /** Hugging Face's. */
  name: string;
  /** The encoder's: `word`, `0.query.weight`, `head.out.bias`. */
  role: string;
  shape: number[];
  /** `embeddings`, `0`…, `head`; `projection` and `positions` in the families that say so. What has one name freezes together. */
  layer: string;
  /** An embedding table: its gradient is summed outside the graph. */
  table: boolean;
  /** The loss does not depend on it: its gradient is always 0. */
  idle: boolean;
  /** Part of the pre-trained base rather than of a new head. */
  pretrained: boolean;
  /** How a new one is drawn: normally, without what is further from the mean than `cutoff` deviations; or evenly within `reach` of the mean. */
  fresh: { mean: number; deviation: number; cutoff?: number; reach?: number };
  /** Of an adapter: the role of its matrix. */
  adapts?: string;
}
type Place = Pick<Parameter, 'layer' | 'pretrained'>;
const ZEROS = { mean: 0, deviation: 0 };
const ONES = { mean: 1, deviation: 0 };

/** A weight [out, in]. */
export const matrix = (config: EncoderConfig, role: string, name: string, shape: number[], place: Place): Parameter => ({
  ...place,
  role: `${role}.weight`,
  name: `${name}.weight`,
  shape,
  table: false,
  idle: false,
  fresh: { mean: 0, deviation: config.initializerRange, cutoff: config.initializerCutoff },
});
const vector = (part: 'weight' | 'bias', role: string, name: string, size: number, place: Place, fresh = ZEROS): Parameter => ({
  ...place,
  role: `${role}.${part}`,
  name: `${name}.${part}`,
  shape: [size],
  table: false,
  idle: false,
  fresh,
});
/** A weight [out, in] and its bias. */
export const linearLayer = (config: EncoderConfig, role: string, name: string, shape: number[], place: Place, bias = true): Parameter[] => [
  matrix(config, role, name, shape, place),
  ...(bias ? [vector('bias', role, name, shape[0], place)] : []),
];
/** Scale and shift of a layer normalization. */
export const normLayer = (role: string, name: string, size: number, place: Place, bias = true): Parameter[] => [
  vector('weight', role, name, size, place, ONES),
  ...(bias ? [vector('bias', role, name, size, place)] : []),
];

function embeddings(family: Family, config: EncoderConfig): Parameter[] {
  const { word, position, type, norm, projection } = family.embeddings;
  const place = { layer: 'embeddings', pretrained: true };
  const table = (role: string, name: string, rows: number): Parameter => ({
    ...matrix(config, role, family.prefix + name, [rows, config.embedding], place),
    role,
    table: true,
  });
  const tables = [table('word', word, config.vocabulary)];
  if (position) tables.push(table('position', position, config.positions));
  if (type && config.types) tables.push(table('type', type, config.types));
  const projected = projection && config.embedding !== config.hidden;
  return [
    ...tables,
    ...normLayer('embeddings.norm', family.prefix + norm, config.embedding, place, family.biases),
    ...(projected
      ? linearLayer(config, 'embeddings.projection', family.prefix + projection.name, [config.hidden, config.embedding], {
          ...place,
          layer: projection.layer,
        })
      : []),
  ];
}
function headParameters(family: Family, config: EncoderConfig, kind: HeadKind, classes: number): Parameter[] {
  const { finalNorm, biases } = family;
  const { dense, out, deviations } = family.heads[kind];
  const { hidden: H } = config;
  const { dense: denseDeviation, out: outDeviation } = deviations?.(config) ?? {
    dense: config.initializerRange,
    out: config.initializerRange,
  };
  const drawn = (deviation: number) => ({ ...config, initializerRange: deviation });
  const place = (pretrained: boolean) => ({ layer: 'head', pretrained });
  const inner = dense && place(dense.pretrained);
  return [
    ...(finalNorm ? normLayer('head.final', family.prefix + finalNorm, H, place(true), biases) : []),
    ...(dense ? linearLayer(drawn(denseDeviation), 'head.dense', dense.name, [H, H], inner!, biases) : []),
    ...(dense?.norm ? normLayer('head.norm', dense.norm, H, inner!, biases) : []),
    ...linearLayer(drawn(outDeviation), 'head.out', out, [classes, H], place(false)),
  ];
}
/** In order from the embeddings to the head; matrices are [out, in], as in Hugging Face's files. */
export function parametersOf(
  family: Family,
  config: EncoderConfig,
  head: HeadKind,
  classes: number,
  adapters: Adapters | null = null,
): Parameter[] {
  const layers = family.stack.parameters(family, config);
  return [
    ...embeddings(family, config),
    ...layers,
    ...(adapters ? adaptersOf(layers, adapters) : []),
    ...headParameters(family, config, head, classes),
  ];
}
/** The base alone, with a pooler only if it is the base's. */
export const baseParameters = (family: Family, config: EncoderConfig) =>
  parametersOf(family, config, 'classification', 1).filter((parameter) => parameter.pretrained);
