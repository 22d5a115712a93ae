/** The parameters of an encoder with a head: their role in the model, Hugging Face's name, shape, and layer. */
import type { EncoderConfig, Family, HeadKind } from './family.ts';

export interface Parameter {
  /** Hugging Face's. */
  name: string;
  /** The encoder's: `word`, `0.query.weight`, `head.out.bias`. */
  role: string;
  shape: number[];
  /** `embeddings`, `0`…, `head`. */
  layer: string;
  /** An embedding table: its gradient is summed outside the graph. */
  table: boolean;
  /** Part of the pre-trained base rather than of a new head. */
  pretrained: boolean;
}
type Linear = [role: string, name: string, shape: number[]];

function embeddings(family: Family, config: EncoderConfig): Parameter[] {
  const { word, position, type, norm } = family.embeddings;
  const shared = { layer: 'embeddings', pretrained: true };
  const table = (role: string, name: string, rows: number): Parameter => ({
    ...shared,
    role,
    name: `${family.prefix}${name}.weight`,
    shape: [rows, config.hidden],
    table: true,
  });
  const part = (end: string): Parameter => ({
    ...shared,
    role: `embeddings.norm.${end}`,
    name: `${family.prefix}${norm}.${end}`,
    shape: [config.hidden],
    table: false,
  });
  const tables = [table('word', word, config.vocabulary), table('position', position, config.positions)];
  if (type && config.types) tables.push(table('type', type, config.types));
  return [...tables, part('weight'), part('bias')];
}
const weightAndBias = ([role, name, shape]: Linear, layer: string, pretrained: boolean): Parameter[] => [
  { role: `${role}.weight`, name: `${name}.weight`, shape, layer, pretrained, table: false },
  { role: `${role}.bias`, name: `${name}.bias`, shape: [shape[0]], layer, pretrained, table: false },
];
function encoderLayer(family: Family, { hidden: H, inner: F }: EncoderConfig, index: number): Parameter[] {
  const shapes: Record<keyof Family['roles'], number[]> = {
    query: [H, H], key: [H, H], value: [H, H], output: [H, H], attentionNorm: [H], up: [F, H], down: [H, F], outputNorm: [H],
  }; // prettier-ignore
  return Object.entries(family.roles).flatMap(([role, name]) =>
    weightAndBias(
      [`${index}.${role}`, family.prefix + family.layer(index) + name, shapes[role as keyof Family['roles']]],
      `${index}`,
      true,
    ),
  );
}
function headParameters(family: Family, { hidden: H }: EncoderConfig, kind: HeadKind, classes: number): Parameter[] {
  const { dense, out } = family.heads[kind];
  return [
    ...(dense ? weightAndBias(['head.dense', dense.name, [H, H]], 'head', dense.pretrained) : []),
    ...weightAndBias(['head.out', out, [classes, H]], 'head', false),
  ];
}
/** In order from the embeddings to the head; matrices are [out, in], as in Hugging Face's files. */
export function parametersOf(family: Family, config: EncoderConfig, head: HeadKind, classes: number): Parameter[] {
  const layers = Array.from({ length: config.layers }, (_, index) => encoderLayer(family, config, index)).flat();
  return [...embeddings(family, config), ...layers, ...headParameters(family, config, head, classes)];
}
/** The base alone, with a pooler only if it is the base's. */
export const baseParameters = (family: Family, config: EncoderConfig) =>
  parametersOf(family, config, 'classification', 1).filter((parameter) => parameter.pretrained);
