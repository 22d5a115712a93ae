/** Dropout masks: views of one seeded pool of 0 and 1/(1 − p), each at its own random offset. No copy is made, nothing is drawn in the graph. */
import type { DropoutSetting } from '../../shared/domain.ts';
import type { EncoderConfig } from '../models/family.ts';
import { mulberry32 } from '../text/random.ts';

/** What mulberry32 adds to its state with each number. */
const INCREMENT = 0x6d2b79f5;
const SMALLEST = 2 ** 16;
const USUAL = 2 ** 23;
const power = (count: number) => 2 ** Math.ceil(Math.log2(count));
/** Numbers of the pool that a mask of n values is taken from. It depends on n alone, so that a resumed run draws what the first one did. */
export const poolSize = (n: number) => Math.min(Math.max(power(64 * n), SMALLEST), Math.max(USUAL, power(2 * n)));

export class Dropout {
  private readonly seed: number;
  private readonly pools = new Map<number, Float32Array>();
  /** Where the generator of offsets is. */
  state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.state = mulberry32(seed)() * 2 ** 32;
  }
  private pool(probability: number, size: number): Float32Array {
    let pool = this.pools.get(probability);
    if (!pool || pool.length < size) {
      const random = mulberry32(this.seed ^ 0x5bd1e995);
      const kept = 1 / (1 - probability);
      pool = new Float32Array(size);
      for (let i = 0; i < size; i++) pool[i] = random() < probability ? 0 : kept;
      this.pools.set(probability, pool);
    }
    return pool;
  }
  /** A mask of n values. */
  mask(probability: number, n: number): Float32Array {
    const size = poolSize(n);
    const offset = Math.floor(mulberry32(this.state)() * (size - n + 1));
    this.state = (this.state + INCREMENT) >>> 0;
    return this.pool(probability, size).subarray(offset, offset + n);
  }
}

/** The configuration with a run's probabilities in place of the base's: `head` before the last matrix, `attention` of its probabilities, `hidden` elsewhere. */
export function withDropout(config: EncoderConfig, setting: DropoutSetting | null): EncoderConfig {
  const sites: Exclude<DropoutSetting, number> =
    typeof setting === 'number' ? { hidden: setting, attention: setting, head: setting } : (setting ?? {});
  const { hidden, attention, head } = sites;
  const own = config.dropout;
  const dropout = {
    hidden: hidden ?? own.hidden,
    attention: attention ?? own.attention,
    classification: head ?? own.classification,
    token: head ?? own.token,
  };
  return { ...config, dropout };
}
