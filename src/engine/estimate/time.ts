/** How long a run will train, and how long its evaluations take: the work of its batches at this machine's rates. */
import type { RunConfiguration } from '../../shared/domain.ts';
import type { EpochPlan, Shape } from './lengths.ts';
import type { Rates } from './rates.ts';
import type { Reckoned, Stage } from './stages.ts';
import { workAt } from './work.ts';

export interface TimeQuestion {
  configuration: RunConfiguration;
  stages: Stage[];
  training: EpochPlan;
  evaluation: { validation: Evaluated; test: Evaluated };
  /** Values of a row that a head's last matrix reads, for each of its classes. */
  headSize: number;
  /** Parameters of the words that texts use: the optimizer takes no others. */
  usedWords: number;
}
interface Evaluated {
  shapes: Shape[];
  times: number;
}

/** A head is solved for in JavaScript: so many looks at all that its last matrix reads, in seconds for each product. */
const LOOKS = 300;
const LOOK_SECONDS = 2e-9;

const graphSeconds = ({ growth }: Reckoned, [batch, length]: Shape, rates: Rates): number => {
  const { operations, elements, nodes } = workAt(growth, batch, length);
  return operations * rates.operations + elements * rates.elements + nodes * rates.nodes;
};
const sumOf = <T>(values: T[], of: (value: T) => number) => values.reduce((sum, value) => sum + of(value), 0);

function stepSeconds(stage: Stage, parts: Shape[], { rates, usedWords }: { rates: Rates; usedWords: number }): number {
  // A sum of gradients reads or writes three numbers where the optimizer does seven.
  const sums = parts.length > 1 ? (3 / 7) * parts.length : 0;
  const dense = stage.trained - stage.words;
  const updated = (1 + sums) * dense + Math.min(stage.words, usedWords);
  return sumOf(parts, (part) => graphSeconds(stage.gradient, part, rates)) + updated * rates.parameter;
}
/** Of the texts of batches, run through the frozen layers once: without padding, those of a batch that are of one length together. */
const prefixSeconds = (stage: Stage, shapes: Shape[], rates: Rates) => (stage.prefix ? sumOf(shapes, (shape) => graphSeconds(stage.prefix!, shape, rates)) : 0); // prettier-ignore

/** In seconds. `training` as a run's trainSeconds, `evaluation`: validating after each epoch, and the test split. */
export function durations(
  { configuration: c, stages, training, evaluation, headSize, usedWords }: TimeQuestion,
  rates: Rates,
): { training: number; evaluation: number } {
  const seconds = { training: 0, evaluation: 0 };
  const { validation, test } = evaluation;
  let left = c.maxSteps || Infinity;
  const evaluating = (stage: Stage, { shapes, times }: Evaluated) => times * sumOf(shapes, (shape) => graphSeconds(stage.prediction, shape, rates)); // prettier-ignore
  for (const stage of stages) {
    const prefix = (shapes: Shape[], times: number) => times * prefixSeconds(stage, shapes, rates);
    for (let epoch = 0; epoch < stage.epochs && left > 0; epoch++) {
      const steps = Math.min(left, training.count);
      const [first, all] = [training.steps.slice(0, steps), training.steps];
      // Beyond the sample, or from one that is the whole.
      const share = first.length ? steps / first.length : 0;
      left -= steps;
      if (c.headOnly) seconds.training += LOOKS * LOOK_SECONDS * headSize * training.items;
      else seconds.training += share * sumOf(first, (parts) => stepSeconds(stage, parts, { rates, usedWords }));
      if (epoch === 0) seconds.training += prefix(all.slice(0, first.length).flat(), share);
      if (epoch === 0) seconds.evaluation += prefix(validation.shapes, validation.times);
      seconds.evaluation += evaluating(stage, validation);
    }
  }
  const last = stages.at(-1)!;
  seconds.evaluation += evaluating(last, test) + test.times * prefixSeconds(last, test.shapes, rates);
  return seconds;
}
