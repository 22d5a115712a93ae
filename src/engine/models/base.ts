/** Base models: Hugging Face folders with config.json and model.safetensors (or its shards). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ThawError } from '../../shared/errors.ts';
import type { BaseModel } from '../../shared/domain.ts';
import { readSafetensors, shardFiles, type Safetensors } from '../formats/safetensors.ts';
import { product } from '../graph/graph.ts';
import { adaptersOf, numberedLayers } from './adapters.ts';
import { albert } from './albert.ts';
import { bert } from './bert.ts';
import { deberta } from './deberta.ts';
import { distilbert } from './distilbert.ts';
import { electra } from './electra.ts';
import type { EncoderConfig, Family, FamilyName, HeadKind } from './family.ts';
import { modernbert } from './modernbert.ts';
import { mpnet } from './mpnet.ts';
import { baseParameters, parametersOf } from './parameters.ts';
import { roberta, xlmRoberta } from './roberta.ts';

export type { EncoderConfig } from './family.ts';
/** Row-major. */
export interface Tensor {
  shape: number[];
  data: Float32Array;
}
export interface Base {
  folder: string;
  name: string;
  family: FamilyName;
  config: EncoderConfig;
  /** sha256 of the weight files, hex. */
  hash: string;
  /** Of a fine-tuned folder with a head, in the order of its logits; else null. */
  labels: string[] | null;
  /** Where it is what a run made: the run's head, whose tensors `read` gives. Heads of the same kind take over the rows of classes of the same names. */
  head?: { kind: HeadKind; classes: string[] };
  has(name: string): boolean;
  /** A tensor by Hugging Face's name, with the family's prefix or without. */
  read(name: string): Tensor;
}
const FAMILIES: Family[] = [bert, distilbert, roberta, xlmRoberta, electra, mpnet, albert, modernbert, deberta];
const NAMES = FAMILIES.map(({ name }) => name);
export const familyOf = (name: FamilyName): Family => FAMILIES.find((family) => family.name === name)!;

export interface Folder {
  family: Family;
  config: EncoderConfig;
  json: Record<string, unknown>;
}
const notAModel = (folder: string, what: string, file = folder) =>
  new ThawError({
    code: 'not_a_model',
    message: `${folder} is not a model folder: ${what}.`,
    remedy: 'Choose a Hugging Face folder with config.json, model.safetensors and tokenizer.json.',
    place: { file },
  });

/** config.json of a folder. Throws `not_a_model`, `unsupported_model`. */
export function readConfig(folder: string): Folder {
  const file = path.join(folder, 'config.json');
  if (!fs.existsSync(folder)) throw notAModel(folder, 'it does not exist');
  if (!fs.existsSync(file)) throw notAModel(folder, 'it has no config.json');
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (cause) {
    throw notAModel(folder, `its config.json can not be read (${(cause as Error).message})`, file);
  }
  const family = FAMILIES.find(({ name }) => name === json.model_type);
  const positions = json.position_embedding_type ?? 'absolute';
  if (!family || positions !== 'absolute') {
    const what = family ? `${positions} positions` : `the family ${JSON.stringify(json.model_type) ?? 'that config.json does not name'}`;
    const message = `${folder} has ${what}, which is not supported. Supported families: ${NAMES.join(', ')}, with absolute positions.`;
    throw new ThawError({ code: 'unsupported_model', message, remedy: 'Choose a base model of a supported family.', place: { file } });
  }
  return { family, config: family.config(json), json };
}
function weightFile(folder: string, name = 'model.safetensors'): string {
  const file = [name, `${name}.index.json`].map((entry) => path.join(folder, entry)).find((entry) => fs.existsSync(entry));
  if (!file) throw notAModel(folder, `it has no ${name}`);
  return file;
}
/** Names under which files keep a parameter: bare encoders lack the prefix; early BERT files call a norm's parts gamma and beta. */
function storedName(weights: Safetensors, prefix: string): (name: string) => string | undefined {
  const stored = new Set(weights.names);
  return (name) => {
    const bare = name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name];
    const old = bare.map((n) => n.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'));
    return [...bare, ...old].find((n) => stored.has(n));
  };
}
function requireEncoder({ family, config }: Folder, weights: Safetensors, file: string) {
  const stored = storedName(weights, family.prefix);
  for (const { name, layer, shape } of baseParameters(family, config)) {
    const found = stored(name);
    if (!found && layer === 'head') continue;
    const actual = found ? weights.shape(found) : undefined;
    if (actual?.join() === shape.join()) continue;
    const message = `${file} does not fit its config.json: ${name} should be [${shape.join(', ')}], ${actual ? `and is [${actual.join(', ')}]` : 'and is not there'}.`;
    throw new ThawError({ code: 'damaged_file', message, remedy: 'Fetch or copy the model again.', place: { file, field: name } });
  }
}
/** sha256 of files' bytes one after another, hex. */
export async function hashOf(files: string[]): Promise<string> {
  const hash = createHash('sha256');
  // One buffer for all: those of a stream would add up to the file's size in memory.
  const buffer = Buffer.alloc(2 ** 20);
  for (const file of files) {
    const handle = await fs.promises.open(file);
    try {
      for (let read = await handle.read(buffer); read.bytesRead > 0; read = await handle.read(buffer))
        hash.update(buffer.subarray(0, read.bytesRead));
    } finally {
      await handle.close();
    }
  }
  return hash.digest('hex');
}
function labelsOf({ family, json }: Folder, has: (name: string) => boolean): string[] | null {
  const names = json.id2label as Record<string, string> | undefined;
  const headed = Object.values(family.heads).some(({ out }) => has(`${out}.weight`));
  if (!names || !headed) return null;
  return Object.keys(names).map(Number).sort((a, b) => a - b).map((id) => names[id]); // prettier-ignore
}

/**
 * Opens a folder; `weights` names another file than model.safetensors. Throws `not_a_model`, `unsupported_model` (naming the supported
 * families) and `damaged_file`.
 */
export async function openBase(folder: string, { weights: fileName }: { weights?: string } = {}): Promise<Base> {
  const opened = readConfig(folder);
  const file = weightFile(folder, fileName);
  const weights = readSafetensors(file);
  requireEncoder(opened, weights, file);
  const stored = storedName(weights, opened.family.prefix);
  const has = (name: string) => stored(name) !== undefined;
  return {
    folder,
    name: path.basename(path.resolve(folder)),
    family: opened.family.name,
    config: opened.config,
    hash: await hashOf(shardFiles(file)),
    labels: labelsOf(opened, has),
    has,
    read: (name) => weights.read(stored(name) ?? name),
  };
}
/** What a folder's config.json says, without its weights. Throws `not_a_model`, `unsupported_model`. */
export function architectureOf(folder: string): Pick<Folder, 'family' | 'config'> {
  const { family, config } = readConfig(folder);
  return { family, config };
}
/** What the layer stack shows: from config.json and the header of the weights only. */
export async function describeBase(folder: string): Promise<BaseModel> {
  const opened = readConfig(folder);
  const { family, config } = opened;
  const file = weightFile(folder);
  requireEncoder(opened, readSafetensors(file), file);
  const layers = new Map<string, number>([['embeddings', 0]]);
  for (const { layer, shape } of baseParameters(family, config)) layers.set(layer, (layers.get(layer) ?? 0) + product(shape));
  const adapters = adaptersOf(family.stack.parameters(family, config), { rank: 1, alpha: 1, layers: numberedLayers(config) });
  const adapterParameters = (name: string) => adapters.reduce((sum, { layer, shape }) => sum + (layer === name ? product(shape) : 0), 0);
  return {
    name: path.basename(path.resolve(folder)),
    folder,
    family: family.name,
    parameters: [...layers.values()].reduce((a, b) => a + b, 0),
    layers: [...layers].map(([name, parameters]) => ({ name, parameters, adapterParameters: adapterParameters(name) })),
    maxLength: config.positions - config.firstPosition,
    hiddenSize: config.hidden,
    dropout: config.dropout.hidden,
    licence: licenceOf(folder),
  };
}
/** `license:` of the model card's front matter. */
function licenceOf(folder: string): string | null {
  const card = path.join(folder, 'README.md');
  if (!fs.existsSync(card)) return null;
  return /^licen[sc]e:\s*(\S+)/m.exec(fs.readFileSync(card, 'utf8'))?.[1] ?? null;
}
/** What else to say to a person who names layers to freeze: empty, or a sentence after a space. */
export const freezingNote = (family: string): string => FAMILIES.find(({ name }) => name === family)?.freezing ?? '';
/** The layer of a parameter of the encoder or a head, by Hugging Face's name, with the family's prefix or without. */
export function layerOf({ family: name, config }: Pick<Base, 'family' | 'config'>, parameter: string): string {
  const family = familyOf(name);
  const names = [parameter, family.prefix + parameter];
  return baseParameters(family, config).find((known) => names.includes(known.name))?.layer ?? 'head';
}
/** Counts of all and of the trained parameters, with a head for these labels. */
export function totalAndTrainable(
  base: Pick<Base, 'family' | 'config'>,
  head: HeadKind,
  labels: string[],
  frozen: string[],
): { total: number; trainable: number } {
  const parameters = parametersOf(familyOf(base.family), base.config, head, labels.length);
  const count = (list: typeof parameters) => list.reduce((sum, { shape }) => sum + product(shape), 0);
  return { total: count(parameters), trainable: count(parameters.filter(({ layer }) => !frozen.includes(layer))) };
}
