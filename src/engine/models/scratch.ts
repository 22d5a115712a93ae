/** A base of random weights: a folder's architecture and tokenizer, and nothing of what it learned. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { product } from '../graph/graph.ts';
import { mulberry32 } from '../text/random.ts';
import { readConfig, type Base } from './base.ts';
import type { EncoderConfig, Family } from './family.ts';
import { drawn } from './initial.ts';
import { baseParameters, type Parameter } from './parameters.ts';

/** Hugging Face's embedding tables have zeros for the padding token; roberta's positions begin with such a row, too. */
function paddingRow({ embeddings }: Family, { padId, firstPosition }: EncoderConfig, { role }: Parameter): number | null {
  if (role === 'position') return firstPosition > 0 ? padId : null;
  return role === 'word' && !embeddings.drawsPadding ? padId : null;
}

/**
 * What Hugging Face's `from_config` makes: matrices and tables normal with the configuration's `initializer_range`, biases 0, norms 1. The same
 * seed gives the same weights, and `hash` names them by all that decides them. Throws as `readConfig`.
 */
export function openScratch(folder: string, seed: number): Base {
  const { family, config } = readConfig(folder);
  const parameters = baseParameters(family, config);
  const starts = new Map<string, number>();
  let numbers = 0;
  for (const { name, shape } of parameters) {
    starts.set(name, numbers);
    // Twice as many as are needed where none is cut off.
    numbers += 2 * product(shape);
  }
  const named = (name: string) => parameters.find((known) => known.name === name || known.name === family.prefix + name);
  const rows = parameters.map((parameter) => paddingRow(family, config, parameter));
  const shapes = parameters.map(({ name, shape, fresh }) => [name, shape, fresh]);
  return {
    folder,
    name: path.basename(path.resolve(folder)),
    family: family.name,
    config,
    hash: createHash('sha256')
      .update(JSON.stringify(['scratch', seed, shapes, rows]))
      .digest('hex'),
    labels: null,
    has: (name) => named(name) !== undefined,
    read(name) {
      const parameter = named(name)!;
      const { shape, fresh } = parameter;
      // Apart from the numbers of the head, which come from the run's seed too.
      const data = drawn(shape, fresh, mulberry32(seed ^ 0x51c3a7e9, starts.get(parameter.name)));
      const row = paddingRow(family, config, parameter);
      const width = shape.at(-1)!;
      if (row !== null && row < shape[0]) data.fill(0, row * width, (row + 1) * width);
      return { shape, data };
    },
  };
}
