/** What to change of a run that does not fit in memory. */
import type { Estimate, RunConfiguration } from '../../shared/domain.ts';

type Change = NonNullable<Estimate['change']>;
export interface Fit {
  change: Change;
  memoryMB: number;
}
/** In MiB, for a configuration. */
export type MemoryOf = (configuration: RunConfiguration) => number;

/** Lengths are tried in steps of so many tokens, down to the first. */
const LENGTH_STEP = 8;
const SHORTEST = 16;

/**
 * The least that a run must give up: nothing but time, with smaller batches of which a step takes more (the effective batch is the same); else the ends
 * of long texts; else lower layers, which are frozen. Null where nothing helps. `layers`: from the lowest up, without the head; `longest`: tokens.
 */
export function findFit(
  c: RunConfiguration,
  memoryOf: MemoryOf,
  availableMB: number,
  { layers, longest }: { layers: string[]; longest: number },
): Fit | null {
  // prettier-ignore
  const tried = (changes: Iterable<Change>): Fit | null => {
    for (const change of changes) {
      const memoryMB = memoryOf({ ...c, ...change });
      if (memoryMB <= availableMB) return { change, memoryMB };
    }
    return null;
  };
  return tried(smallerBatches(c)) ?? tried(shorterTexts(c, longest)) ?? tried(frozenLayers(c, layers));
}
/** Largest first. */
function* smallerBatches({ batchSize, accumulate }: RunConfiguration): Generator<Change> {
  const effective = batchSize * accumulate;
  for (let size = batchSize - 1; size >= 1; size--)
    if (effective % size === 0 && effective / size <= 1024) yield { batchSize: size, accumulate: effective / size };
}
function* shorterTexts({ maxLength, batchSize, accumulate }: RunConfiguration, longest: number): Generator<Change> {
  const single = { batchSize: 1, accumulate: Math.min(1024, batchSize * accumulate) };
  const from = Math.floor((Math.min(maxLength, longest) - 1) / LENGTH_STEP) * LENGTH_STEP;
  for (let length = from; length >= SHORTEST; length -= LENGTH_STEP) yield { ...single, maxLength: length };
}
function* frozenLayers({ freeze }: RunConfiguration, layers: string[]): Generator<Change> {
  for (let count = 1; count <= layers.length; count++) yield { freeze: [...new Set([...freeze, ...layers.slice(0, count)])] };
}

const size = (megabytes: number) => (megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`);

/** In the words that refuse it. */
export function refusalOf(memoryMB: number, availableMB: number, c: RunConfiguration, fit: Fit | null): NonNullable<Estimate['refusal']> {
  return {
    message: `This run would need about ${size(memoryMB)} of memory, and ${size(availableMB)} are available.`,
    remedy: fit
      ? `It would need about ${size(fit.memoryMB)} with ${changeInWords(fit.change, c)}.`
      : 'Close other programs, or choose a smaller base model.',
  };
}
function changeInWords({ batchSize, accumulate, maxLength, freeze }: Change, c: RunConfiguration): string {
  if (freeze) return `${freeze.filter((layer) => !c.freeze.includes(layer)).map((layer) => (/^\d/.test(layer) ? `layer ${layer}` : `the ${layer}`)).join(', ')} frozen too`; // prettier-ignore
  const batches = `a batch size of ${batchSize} and ${accumulate} batches a step: the same ${c.batchSize * c.accumulate} texts a step`;
  return maxLength ? `a maximum length of ${maxLength} tokens, ${batches}` : batches;
}
