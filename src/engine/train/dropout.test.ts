import { describe, expect, it } from 'vitest';
import { Dropout } from './dropout.ts';

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
