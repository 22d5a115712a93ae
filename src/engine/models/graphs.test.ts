import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyOf, openBase } from './base.ts';
import type { FamilyName, HeadKind } from './family.ts';
import { gradientGraph, inferenceGraph, logitsGraph, prefixGraph, standIns, thawLine, type Specification } from './graphs.ts';
import { parametersOf } from './parameters.ts';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models');
async function specificationOf(family: FamilyName, head: HeadKind): Promise<Specification> {
  const { config } = await openBase(path.join(folder, family));
  return {
    family: familyOf(family),
    config: { ...config, dropout: { hidden: 0.1, attention: 0.2, classification: 0.1, token: 0.1 } },
    head,
    classes: 3,
  };
}
const encoded = ({ graph, outputs }: ReturnType<typeof logitsGraph>) => Buffer.from(graph.encode(outputs));
const all = ({ family, config, head, classes }: Specification) => parametersOf(family, config, head, classes);

describe.each(['bert', 'distilbert', 'roberta', 'electra', 'mpnet', 'albert', 'modernbert', 'deberta-v2'] as const)('%s', (family) => {
  it.each(['classification', 'token'] as const)('%s: a trace at other stand-in sizes gives the same bytes', async (head) => {
    const specification = await specificationOf(family, head);
    const [one, other] = [standIns(specification), standIns(specification, 1)];
    expect(other).not.toEqual(one);
    for (const dialect of ['fused', 'standard'] as const)
      expect(
        encoded(gradientGraph(specification, all(specification), dialect, { sizes: one })).equals(
          encoded(gradientGraph(specification, all(specification), dialect, { sizes: other })),
        ),
      ).toBe(true);
    expect(encoded(inferenceGraph(specification, one)).equals(encoded(inferenceGraph(specification, other)))).toBe(true);
  });
  it.each(['classification', 'token'] as const)('%s: so do graphs that end or begin above frozen layers', async (head) => {
    const specification = await specificationOf(family, head);
    const [one, other] = [standIns(specification), standIns(specification, 1)];
    for (let from = 1; from <= specification.config.layers; from++) {
      const trained = all(specification).filter(({ layer }) => layer === 'head' || Number(layer) >= from);
      const files = [one, other].map((sizes) => [
        encoded(prefixGraph(specification, from, 'fused', sizes)),
        encoded(gradientGraph(specification, trained, 'fused', { sizes, from })),
        encoded(logitsGraph(specification, 'fused', { sizes, from })),
      ]);
      expect(files[0]).toEqual(files[1]);
    }
  });
});

describe('freezing', () => {
  it('drops nothing and keeps no gradient below the thaw line', async () => {
    const specification = await specificationOf('bert', 'token');
    const trained = all(specification).filter(({ layer }) => layer === '2' || layer === 'head');
    expect(thawLine(trained, specification.config)).toBe(2);
    const { sites, outputs, graph } = gradientGraph(specification, trained, 'fused');
    expect(sites.map(({ name }) => name)).toEqual(['drop.2.probabilities', 'drop.2.attention', 'drop.2.feedForward', 'drop.head']);
    expect([...outputs.keys()].filter((name) => name.startsWith('g.'))).toHaveLength(17);
    expect(outputs.has('rows')).toBe(false);
    const whole = gradientGraph(specification, all(specification), 'fused');
    expect(graph.encode(outputs).length).toBeLessThan(0.7 * whole.graph.encode(whole.outputs).length);
  });
  it('keeps each site its own probability', async () => {
    const { sites } = gradientGraph(await specificationOf('bert', 'token'), all(await specificationOf('bert', 'token')), 'fused');
    expect(sites.find(({ name }) => name === 'drop.0.probabilities')!.probability).toBe(0.2);
    expect(sites.find(({ name }) => name === 'drop.0.attention')!.probability).toBe(0.1);
  });
});

it('chooses stand-ins that divide no dimension', async () => {
  const specification = { ...(await specificationOf('bert', 'token')), classes: 13 * 17 };
  expect(standIns(specification)).toEqual({ batch: 19, length: 23 });
});
