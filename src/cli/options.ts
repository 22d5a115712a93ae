/** Option values as the services take them. Every wrong one is a usage error (exit code 2). */
import fs from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { dropoutSchema, runConfigurationSchema, type DropoutSetting, type RunConfiguration } from '../shared/domain.ts';
import { ThawError } from '../shared/errors.ts';

/** Wrong usage found after parsing: printed like commander's own, exit code 2. */
export class UsageError extends Error {}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
}

/** One character, or the word for one that shells hide. */
export function parseDelimiter(text: string): string {
  const character = text === 'tab' || text === '\\t' ? '\t' : text;
  if (character.length !== 1 || /["\r\n]/.test(character)) throw new InvalidArgumentError('It is one character, or “tab”.');
  return character;
}

/** `0.1`, or `hidden=0.1,head=0.2`. */
export function parseDropout(text: string): DropoutSetting {
  if (!text.includes('=')) return parseNumber(text);
  const pairs = text.split(',').map((part) => part.split('='));
  const sites = dropoutSchema.safeParse(Object.fromEntries(pairs.map(([site, value = '']) => [site.trim(), parseNumber(value)])));
  if (sites.success && new Set(pairs.map(([site]) => site.trim())).size === pairs.length) return sites.data;
  throw new InvalidArgumentError('Sites are hidden, attention and head, each with a number from 0 to 0.9.');
}

/** `embeddings=0.1,0-3=0.5` as factors by layer name. */
export function parseScale(text: string): Record<string, number> {
  const factors = new Map<string, number>();
  for (const part of text.split(',')) {
    const [layers, factor = ''] = part.split('=');
    for (const layer of parseFreeze(layers)) {
      if (factors.has(layer)) throw new InvalidArgumentError(`${layer} has two factors.`);
      factors.set(layer, parseNumber(factor));
    }
  }
  return Object.fromEntries(factors);
}

/** `embeddings,0-3,head` as layer names. */
export function parseFreeze(text: string): string[] {
  const names = text.split(',').flatMap((part) => {
    const range = /^(\d+)-(\d+)$/.exec(part.trim());
    if (!range) return [part.trim()];
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (from > to || to > 999) throw new InvalidArgumentError(`${part} is not a range of layers.`);
    return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
  });
  const wrong = names.find((name) => !/^(embeddings|projection|positions|head|\d+)$/.test(name));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`Layers are named embeddings, projection, positions, 0, 1, … and head; “${wrong}” is none.`);
  return [...new Set(names)];
}

export function parseFormats(text: string): ('huggingface' | 'onnx')[] {
  const formats = z
    .array(z.enum(['huggingface', 'onnx']))
    .min(1)
    .safeParse([...new Set(text.split(',').map((part) => part.trim()))]);
  if (!formats.success) throw new InvalidArgumentError('Formats are huggingface and onnx, parted by a comma.');
  return formats.data;
}

export type ConfigurationOptions = Partial<Record<keyof RunConfiguration, unknown>> & { config?: string };

/** The configuration that the options, under them a configuration file or what is given as `under`, and the defaults make. */
export function runConfiguration({ config, ...options }: ConfigurationOptions, under: Partial<RunConfiguration> = {}): RunConfiguration {
  const known = Object.keys(runConfigurationSchema.shape) as (keyof RunConfiguration)[];
  const given = Object.fromEntries(known.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
  const file: Record<string, unknown> = config ? readConfiguration(config) : { ...under };
  // The hash in a file is that of the base it names.
  if (given.base !== undefined && given.base !== file.base) delete file.baseHash;
  const parsed = runConfigurationSchema.strict().safeParse({ ...file, ...given });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new UsageError(`${path.length > 0 ? `${optionName(String(path[0]))}: ` : ''}${message}`);
}

const shortNames: Record<string, string> = { learningRate: '--lr', learningRateScale: '--lr-scale' };
const optionName = (field: string): string => shortNames[field] ?? `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A configuration, or a run as `runs --json` prints it. */
function readConfiguration(file: string): Record<string, unknown> {
  const text = fs.readFileSync(file, 'utf8');
  try {
    const content = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    return z.record(z.string(), z.unknown()).parse(content.configuration ?? content);
  } catch (cause) {
    throw new ThawError(
      {
        code: 'wrong_format',
        message: `${file} is not the JSON of a run's configuration.`,
        remedy: 'Take one from `thaw runs --json`.',
        place: { file },
      },
      { cause },
    );
  }
}
