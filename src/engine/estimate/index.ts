/** What a run will take of memory and time, before it starts: reckoned from the graphs it will trace and the lengths of its texts. */
import type { Estimate, RunConfiguration, Task } from '../../shared/domain.ts';
import type { Specification } from '../models/graphs.ts';
import { fromTheTop } from '../train/thawing.ts';
import { findFit, refusalOf } from './fit.ts';
import { planEvaluation, planTraining, type Lengths, type Shape, type TextLengths } from './lengths.ts';
import { peakMemory } from './memory.ts';
import type { Rates } from './rates.ts';
import { countOf, parametersIn, stagesOf, type StageMemory } from './stages.ts';
import { durations } from './time.ts';

export { memoryCeiling } from './ceiling.ts';
export { measureRates, type Rates } from './rates.ts';
export type { TextLengths } from './lengths.ts';
export type { StageMemory } from './stages.ts';

export interface EstimateQuestion {
  specification: Specification;
  task: Task;
  configuration: RunConfiguration;
  lengths: TextLengths;
  rates: Rates;
  availableMB: number;
  /** Bytes of features that may be kept in memory. */
  cacheBytes: number;
}
const MEBI = 2 ** 20;

/** `memory` holds what was traced for the same model before: toggling layers back and forth traces each set once. */
export function estimate(question: EstimateQuestion, memory: StageMemory = new Map()): Estimate {
  const { specification, configuration: c, availableMB } = question;
  const { total: totalParameters, trainable: trainableParameters } = countOf(specification, c);
  const counted = { totalParameters, trainableParameters, availableMemoryMB: availableMB };
  if (c.device !== 'cpu') return { ...counted, memoryMB: null, seconds: null, evaluationSeconds: null, refusal: null, change: null };
  const memoryMB = memoryOf(question, c, memory);
  const times = timesOf(question, memory);
  const fits = memoryMB <= availableMB;
  const layers = fromTheTop(parametersIn(specification), specification.config).reverse().filter((layer) => layer !== 'head'); // prettier-ignore
  const longest = longestOf(question.lengths.train);
  const fit = fits ? null : findFit(c, (changed) => memoryOf(question, changed, memory), availableMB, { layers, longest });
  return {
    ...counted,
    memoryMB,
    seconds: times.training,
    evaluationSeconds: times.evaluation,
    refusal: fits ? null : refusalOf(memoryMB, availableMB, c, fit),
    change: fit?.change ?? null,
  };
}
const longestOf = ({ tokens }: Lengths) => tokens.reduce((longest, length) => Math.max(longest, length), 0);
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

function evaluationOf({ lengths, task }: EstimateQuestion, { maxLength }: RunConfiguration) {
  const { validation, test, special } = lengths;
  return {
    validation: planEvaluation(validation, special, task, maxLength),
    test: planEvaluation(test, special, task, maxLength),
  };
}
function timesOf(question: EstimateQuestion, memory: StageMemory) {
  const { specification, task, configuration, lengths, rates } = question;
  const { config, classes } = specification;
  return durations(
    {
      configuration,
      stages: stagesOf(specification, configuration, memory),
      training: planTraining(lengths, task, configuration),
      evaluation: evaluationOf(question, configuration),
      headSize: config.hidden * classes,
      usedWords: lengths.words * config.embedding,
    },
    rates,
  );
}
/** In MiB. */
function memoryOf(question: EstimateQuestion, configuration: RunConfiguration, memory: StageMemory): number {
  const { specification, lengths, cacheBytes } = question;
  const { train, validation, test } = lengths;
  const { maxLength, batchSize } = configuration;
  const longest = Math.min(longestOf(train), maxLength);
  const evaluation = evaluationOf(question, configuration);
  const tokensOf = ({ tokens, count }: Lengths) => (tokens.length ? (sum(tokens.map((length) => Math.min(length, maxLength))) * count) / tokens.length : 0); // prettier-ignore
  const training: Shape[] = train.count ? [[Math.min(batchSize, train.count), longest]] : [];
  const bytes = peakMemory({
    configuration,
    hidden: specification.config.hidden,
    usedWords: lengths.words * specification.config.embedding,
    stages: stagesOf(specification, configuration, memory),
    parameters: countOf(specification, configuration).total,
    training,
    evaluation: [...evaluation.validation.shapes, ...evaluation.test.shapes],
    texts: sum([train.count, validation.count, test.count]),
    tokens: sum([train, validation, test].map(tokensOf)),
    cacheBytes,
  });
  return bytes / MEBI;
}
