import { expect, test } from 'vitest';
import { wilsonInterval } from './interval.ts';

// scipy.stats.binomtest(k, n).proportion_ci(method='wilson')
test('the interval of a share is the one SciPy gives', () => {
  const [low, high] = wilsonInterval(163 / 186, 186);
  expect(low).toBeCloseTo(0.8214, 3);
  expect(high).toBeCloseTo(0.9161, 3);
});
