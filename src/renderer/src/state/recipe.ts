/** Which layers train: the layer stack's state as pure functions over a base model's layers. */
import type { BaseModel, Task } from '../../../shared/domain.ts';

export interface StackLayer {
  /** As in RunConfiguration.freeze. */
  name: string;
  title: string;
  parameters: number;
}

export type PresetName = 'head' | 'top' | 'all';

export const presetTitles: Record<PresetName, string> = { head: 'Head only', top: 'Top layers', all: 'Everything' };

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
  const layers = [...model.layers.filter(({ name }) => name !== 'head'), { name: 'head', parameters: headParameters }];
  return layers.map((layer) => ({ ...layer, title: titleOf(layer.name) })).sort((a, b) => rank(b.name) - rank(a.name));
}

export const titleOf = (name: string): string => titles[name] ?? `Layer ${name}`;

/** Names frozen by a preset. 'top' trains the head and the upper third of the layers. */
export function presetFreeze(stack: StackLayer[], preset: PresetName): string[] {
  const trained = { head: 1, top: 1 + Math.max(1, Math.round((stack.length - 2) / 3)), all: stack.length }[preset];
  return stack.slice(trained).map((layer) => layer.name);
}

export function presetOf(stack: StackLayer[], frozen: ReadonlySet<string>): PresetName | null {
  const presets: PresetName[] = ['head', 'top', 'all'];
  const same = (names: string[]) => names.length === frozen.size && names.every((name) => frozen.has(name));
  return presets.find((preset) => same(presetFreeze(stack, preset))) ?? null;
}

/** How many layers from the top the lowest trained one is: gradients go this deep. 0: nothing trains. */
export function gradientDepth(stack: StackLayer[], frozen: ReadonlySet<string>): number {
  return stack.findLastIndex((layer) => !frozen.has(layer.name)) + 1;
}

export function trainedParameters(stack: StackLayer[], frozen: ReadonlySet<string>): { total: number; trained: number } {
  const sum = (layers: StackLayer[]) => layers.reduce((total, layer) => total + layer.parameters, 0);
  return { total: sum(stack), trained: sum(stack.filter((layer) => !frozen.has(layer.name))) };
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
export function suggestName(stack: StackLayer[], frozen: ReadonlySet<string>, taken: string[]): string {
  const preset = presetOf(stack, frozen);
  const depth = gradientDepth(stack, frozen);
  const contiguous = stack.slice(0, depth).every((layer) => !frozen.has(layer.name));
  const name = preset ? presetTitles[preset] : contiguous && depth > 0 ? `${stack[depth - 1].title} and above` : 'Chosen layers';
  if (!taken.includes(name)) return name;
  let next = 2;
  while (taken.includes(`${name} ${next}`)) next++;
  return `${name} ${next}`;
}

/** A base model's name: the last part of its folder. */
export const baseName = (base: string): string => base.split(/[\\/]/).findLast(Boolean) ?? base;

/** Outputs of the head: one a label, or for entities O and two tags a type. */
export const outputsOf = (task: Task, labels: number): number => (task === 'ner' ? 1 + 2 * labels : labels);
