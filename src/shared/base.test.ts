import { expect, it } from 'vitest';
import { parseBase } from './base.ts';

it.each([
  ['r12', { kind: 'run', run: 'r12' }],
  ['scratch', { kind: 'scratch', model: 'all-MiniLM-L6-v2' }],
  ['scratch:/models/bert', { kind: 'scratch', model: '/models/bert' }],
  ['all-MiniLM-L6-v2', { kind: 'model', model: 'all-MiniLM-L6-v2' }],
  ['./r12', { kind: 'model', model: './r12' }],
  ['r0', { kind: 'model', model: 'r0' }],
  ['scratchpad', { kind: 'model', model: 'scratchpad' }],
])('reads %s', (base, expected) => expect(parseBase(base)).toEqual(expected));
