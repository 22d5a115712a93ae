import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyOf, openBase } from '../models/base.ts';
import { gradientGraph } from '../models/graphs.ts';
import { parametersOf } from '../models/parameters.ts';
import { Dropout, withDropout } from './dropout.ts';

describe('masks', () => {
  it('hold 0 and 1/(1 − p), the first with probability p', () => {
    const mask = new Dropout(3).mask(0.1, 1_000_000);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.9)]));
    const dropped = mask.reduce((count, x) => count + (x === 0 ? 1 : 0), 0) / mask.length;
    expect(Math.abs(dropped - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / mask.length));
  });
  it('differ from call to call and from seed to seed', () => {
    const dropout = new Dropout(3);
    const first = dropout.mask(0.5, 256);
    expect(dropout.mask(0.5, 256)).not.toEqual(first);
    expect(new Dropout(4).mask(0.5, 256)).not.toEqual(first);
    expect(new Dropout(3).mask(0.5, 256)).toEqual(first);
  });
  it('go on where the state says, whatever was asked for before', () => {
    const one = new Dropout(3);
    one.mask(0.1, 300_000);
    const { state } = one;
    const other = new Dropout(3);
    other.state = state;
    expect(other.mask(0.1, 100)).toEqual(one.mask(0.1, 100));
    expect(other.mask(0.2, 5000)).toEqual(one.mask(0.2, 5000));
  });
});

it.each([
  [null, { hidden: 0.1, attention: 0.2, head: 0.3 }],
  [0.5, { hidden: 0.5, attention: 0.5, head: 0.5 }],
  [
    { attention: 0, head: 0.4 },
    { hidden: 0.1, attention: 0, head: 0.4 },
  ],
])('drops at each site what a run says of it: %o', async (setting, expected) => {
  const { config } = await openBase(path.join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'models', 'roberta'));
  const own = { ...config, dropout: { hidden: 0.1, attention: 0.2, classification: 0.3, token: 0.3 } };
  const family = familyOf('roberta');
  for (const head of ['classification', 'token'] as const) {
    const specification = { family, config: withDropout(own, setting), head, classes: 3 };
    const { sites } = gradientGraph(specification, parametersOf(family, config, head, 3), 'fused');
    const kind = (name: string) => (name.endsWith('.probabilities') ? 'attention' : name.startsWith('drop.head') ? 'head' : 'hidden');
    const found = Object.fromEntries(sites.map(({ name, probability }) => [kind(name), probability]));
    expect({ hidden: 0, attention: 0, head: 0, ...found }).toEqual(expected);
    expect(sites.every(({ name, probability }) => found[kind(name)] === probability)).toBe(true);
  }
});
