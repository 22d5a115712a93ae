/** The same seed, batches and threads give the same weights, bit for bit. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = path.join(import.meta.dirname, 'steps.ts');
const weights = async (family: string, head: string): Promise<string> =>
  JSON.parse((await promisify(execFile)(process.execPath, [script, 'cpu', family, head])).stdout).weights;

it.each([
  ['bert', 'classification'],
  ['roberta', 'token'],
  ['mpnet', 'token'],
  ['albert', 'classification'],
  ['modernbert', 'token'],
  ['deberta-v2', 'classification'],
])('%s, %s: two processes', async (family, head) => {
  const [first, second] = [await weights(family, head), await weights(family, head)];
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(second).toBe(first);
});
