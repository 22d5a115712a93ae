/** The graphs a run will trace, reckoned with instead of run: one stage for each set of layers that it trains for a while. */
import type { RunConfiguration } from '../../shared/domain.ts';
import { product, type Extent, type Program } from '../graph/index.ts';
import { gradientGraph, logitsGraph, prefixGraph, thawLine, type Specification } from '../models/graphs.ts';
import { parametersOf, type Parameter } from '../models/parameters.ts';
import { fromTheTop, thawedIn } from '../train/thawing.ts';
import { planBuffers, type Buffer } from './buffers.ts';
import { growthOf, type Growth } from './work.ts';

/** A graph's work and its memory. */
export interface Reckoned {
  growth: Growth;
  buffers: Buffer[];
}
export interface Stage {
  epochs: number;
  /** Numbers of parameters trained, and of those that are in the table of words. */
  trained: number;
  words: number;
  gradient: Reckoned;
  prediction: Reckoned;
  /** What is run once for each text; null where nothing is frozen below. */
  prefix: Reckoned | null;
  /** The head reads each token. */
  perToken: boolean;
  /** Elements a text's features have; with `perToken`, for each of its tokens. */
  features: { width: number; perToken: boolean } | null;
  /** What is dropped. */
  masks: { probability: number; extent: Extent }[];
}
/** Stages by what they are traced from. */
export type StageMemory = Map<string, Omit<Stage, 'epochs'>>;

const numbers = (parameters: Parameter[]) => parameters.reduce((sum, { shape }) => sum + product(shape), 0);
export const parametersIn = ({ family, config, head, classes, adapters }: Specification) =>
  parametersOf(family, config, head, classes, adapters);
/** What a run trains at most: of the layers that are not frozen everything or, with adapters, these and the head; or the head alone. */
export function changingIn(specification: Specification, { freeze, headOnly }: Pick<RunConfiguration, 'freeze' | 'headOnly'>): Parameter[] {
  const isOpen = ({ layer }: Parameter) => (headOnly ? layer === 'head' : !freeze.includes(layer));
  return parametersIn(specification).filter(
    (parameter) => isOpen(parameter) && (!specification.adapters || parameter.adapts !== undefined || parameter.layer === 'head'),
  );
}
export const countOf = (specification: Specification, configuration: Pick<RunConfiguration, 'freeze' | 'headOnly'>) => ({
  total: numbers(parametersIn(specification)),
  trainable: numbers(changingIn(specification, configuration)),
});

function reckon(program: Program): Reckoned {
  // Gradients go straight to where the optimizer reads them.
  return { growth: growthOf(program), buffers: planBuffers(program, (output) => output.startsWith('g.')) };
}
function trace(specification: Specification, trained: Parameter[]): Omit<Stage, 'epochs'> {
  const line = trained.length ? thawLine(trained, specification.config) : 0;
  const from = line > 0 ? line : null;
  const gradient = gradientGraph(specification, trained, 'fused', { from });
  const prediction = logitsGraph(specification, 'fused', { from });
  const prefix = from === null ? null : prefixGraph(specification, from, 'fused');
  const output = prefix && [...prefix.outputs.values()][0];
  const programOf = ({ graph, outputs }: Pick<typeof prediction, 'graph' | 'outputs'>) => reckon(graph.program(outputs));
  const program = prefix?.graph.program(prefix.outputs);
  const features = program && program.extent(program.shapeOf(output!)!);
  return {
    trained: numbers(trained),
    perToken: specification.head === 'token',
    words: numbers(trained.filter(({ role }) => role === 'word')),
    gradient: programOf(gradient),
    prediction: programOf(prediction),
    prefix: prefix && programOf(prefix),
    masks: gradient.sites.map(({ probability, shape }) => ({ probability, extent: gradient.graph.dimension(product(shape)) })),
    features: features ? { width: features.rest, perToken: features.factors.includes('length') } : null,
  };
}

/** In the order they come. */
export function stagesOf(specification: Specification, configuration: RunConfiguration, memory: StageMemory): Stage[] {
  const { gradual, headOnly, epochs } = configuration;
  const changing = changingIn(specification, configuration);
  const downwards = fromTheTop(changing, specification.config);
  const stages: Stage[] = [];
  let last = '';
  for (let epoch = 1; epoch <= (headOnly ? 1 : epochs); epoch++) {
    const layers = gradual ? thawedIn(epoch, epochs, downwards) : downwards;
    const key = layers.join();
    if (key === last) stages.at(-1)!.epochs += 1;
    else {
      const found = memory.get(key) ?? trace(specification, changing.filter(({ layer }) => layers.includes(layer))); // prettier-ignore
      memory.set(key, found);
      stages.push({ ...found, epochs: 1 });
    }
    last = key;
  }
  return stages;
}
