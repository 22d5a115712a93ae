/** Which layers train: the layer stack's state as pure functions over a base model's layers. */
import { parseBase } from '../../../shared/base.ts';
import type { BaseModel, Run, RunConfiguration, Task } from '../../../shared/domain.ts';

export interface StackLayer {
  /** As in RunConfiguration.freeze. */
  name: string;
  title: string;
  parameters: number;
  /** Of adapters of rank 1 beside its matrices; 0 where it takes none. */
  adapterParameters: number;
}

export const presets = ['head', 'top', 'lora', 'all'] as const;
export type PresetName = (typeof presets)[number];

export const presetTitles: Record<PresetName, string> = {
  head: 'Head only',
  top: 'Top layers',
  lora: 'Low-rank (LoRA)',
  all: 'Everything',
};

/** Layers without a number, lowest first. */
const below = ['embeddings', 'projection', 'positions'];
const titles: Record<string, string> = {
  head: 'Head',
  embeddings: 'Embeddings',
  projection: 'Projection',
  positions: 'Relative positions',
};

/** Output first: a new head, highest layer … layer 0, relative positions and projection where the family has them, embeddings. */
export function stackOf(model: BaseModel, headParameters: number): StackLayer[] {
  const rank = (name: string) => (name === 'head' ? Infinity : below.includes(name) ? below.indexOf(name) - below.length : Number(name));
  const layers = [
    ...model.layers.filter(({ name }) => name !== 'head'),
    { name: 'head', parameters: headParameters, adapterParameters: 0 },
  ];
  return layers.map((layer) => ({ ...layer, title: titleOf(layer.name) })).sort((a, b) => rank(b.name) - rank(a.name));
}

export const titleOf = (name: string): string => titles[name] ?? `Layer ${name}`;

/** What stays as it is whatever is chosen: with adapters, all that has no matrices to put them beside. */
export const fixedLayers = (stack: StackLayer[], adapters: boolean): string[] =>
  adapters ? stack.filter(({ name, adapterParameters }) => name !== 'head' && adapterParameters === 0).map(({ name }) => name) : [];

/** Names frozen by a preset. 'top' trains the head and the upper third of the layers. */
export function presetFreeze(stack: StackLayer[], preset: PresetName): string[] {
  if (preset === 'lora') return fixedLayers(stack, true);
  const trained = { head: 1, top: 1 + Math.max(1, Math.round((stack.length - 2) / 3)), all: stack.length }[preset];
  return stack.slice(trained).map((layer) => layer.name);
}

/** `adapters`: low-rank ones are trained in place of the layers themselves. */
export function presetOf(stack: StackLayer[], frozen: ReadonlySet<string>, adapters: boolean): PresetName | null {
  const same = (names: string[]) => names.length === frozen.size && names.every((name) => frozen.has(name));
  return presets.find((preset) => (preset === 'lora') === adapters && same(presetFreeze(stack, preset))) ?? null;
}

/** How many layers from the top the lowest trained one is: gradients go this deep. 0: nothing trains. */
export function gradientDepth(stack: StackLayer[], frozen: ReadonlySet<string>): number {
  return stack.findLastIndex((layer) => !frozen.has(layer.name)) + 1;
}

/** How many parameters of a layer change when it trains. `rank`: of its adapters; 0: none, it trains itself. */
export const parametersIn = ({ name, parameters, adapterParameters }: StackLayer, rank: number): number =>
  rank > 0 && name !== 'head' ? rank * adapterParameters : parameters;

export function trainedParameters(stack: StackLayer[], frozen: ReadonlySet<string>, rank: number): { total: number; trained: number } {
  const sum = (layers: StackLayer[], count: (layer: StackLayer) => number) => layers.reduce((total, layer) => total + count(layer), 0);
  const trained = stack.filter((layer) => !frozen.has(layer.name));
  return { total: sum(stack, ({ parameters }) => parameters), trained: sum(trained, (layer) => parametersIn(layer, rank)) };
}

/** `Embeddings and layers 0–3`, `Layers 1 and 3`; empty for none. */
export function listLayers(names: Iterable<string>): string {
  const all = [...names];
  const numbers = all
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let end = i;
    while (numbers[end + 1] === numbers[end] + 1) end++;
    ranges.push(end === i ? `${numbers[i]}` : end === i + 1 ? `${numbers[i]}, ${numbers[end]}` : `${numbers[i]}–${numbers[end]}`);
    i = end + 1;
  }
  const layers = ranges.length ? `${numbers.length === 1 ? 'layer' : 'layers'} ${ranges.join(', ')}` : '';
  const parts = [
    ...below.filter((name) => all.includes(name)).map((name) => titles[name].toLowerCase()),
    layers,
    all.includes('head') ? 'the head' : '',
  ].filter(Boolean);
  const text = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A name for the run from what it trains; numbered when it is taken. */
export function suggestName(stack: StackLayer[], frozen: ReadonlySet<string>, adapters: boolean, taken: string[]): string {
  const preset = presetOf(stack, frozen, adapters);
  const depth = gradientDepth(stack, frozen);
  const contiguous = stack.slice(0, depth).every((layer) => !frozen.has(layer.name));
  const which = contiguous && depth > 0 ? `${stack[depth - 1].title} and above` : 'Chosen layers';
  const name = preset === 'lora' ? 'LoRA' : preset ? presetTitles[preset] : adapters ? `LoRA, ${which.toLowerCase()}` : which;
  if (!taken.includes(name)) return name;
  let next = 2;
  while (taken.includes(`${name} ${next}`)) next++;
  return `${name} ${next}`;
}

/** What a run trains, in a sentence without its period. */
export function recipeOf({ freeze, headOnly, lora }: RunConfiguration): string {
  const frozen = freeze.length ? `Frozen: ${listLayers(freeze)}` : 'Everything trains';
  if (headOnly) return 'The head alone, solved for';
  return lora > 0 ? `Adapters of rank ${lora}${freeze.length ? `. ${frozen}` : ' in all layers'}` : frozen;
}
/** Epochs that a run is planned to have: a head that is solved for counts as one. */
export const plannedEpochs = ({ headOnly, epochs }: RunConfiguration): number => (headOnly ? 1 : epochs);

/** What a run started from, in words: a base model by the last part of its folder, a run by its name where that is known. */
export function baseName(base: string, runs: Pick<Run, 'run' | 'name'>[] = []): string {
  const named = parseBase(base);
  if (named.kind === 'run') {
    const known = runs.find(({ run }) => run === named.run);
    return known ? `“${known.name}”` : `run ${named.run}`;
  }
  const model = named.model.split(/[\\/]/).findLast(Boolean) ?? named.model;
  return named.kind === 'model' ? model : `random weights (${model})`;
}

/** Outputs of the head: one a label, or for entities O and two tags a type. */
export const outputsOf = (task: Task, labels: number): number => (task === 'ner' ? 1 + 2 * labels : labels);
