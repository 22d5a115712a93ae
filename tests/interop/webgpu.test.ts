/** Eight steps on the GPU give the CPU's losses, and one that diverges changes nothing. Without a GPU, Chromium's software adapter (Debian's package `chromium`) serves. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const CHROMIUM = '/usr/lib/chromium';
const driver = path.join(CHROMIUM, 'vk_swiftshader_icd.json');
const software = !process.env.VK_ICD_FILENAMES && fs.existsSync(driver) ? { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: CHROMIUM } : {};

interface Outcome {
  losses: number[];
  gradientNorms: number[];
  overflow: string;
  untouched: boolean;
  code?: string;
  message?: string;
}
async function steps(device: 'cpu' | 'webgpu', more: string[]): Promise<Outcome> {
  const script = path.join(import.meta.dirname, '../parity/steps.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, device, 'bert', 'classification', ...more], {
    env: { ...process.env, ...software },
  });
  return JSON.parse(stdout);
}

it.for([
  ['all layers', []],
  ['adapters of rank 4', ['4']],
] as const)('trains %s as on the CPU', { timeout: 240_000 }, async ([, more], test) => {
  const gpu = await steps('webgpu', [...more]);
  if (gpu.code === 'unavailable') test.skip(gpu.message);
  const cpu = await steps('cpu', [...more]);
  for (const outcome of [gpu, cpu]) expect(outcome).toMatchObject({ overflow: 'diverged', untouched: true });
  expect(gpu.losses).toHaveLength(8);
  gpu.losses.forEach((loss, i) => expect(Math.abs(loss - cpu.losses[i])).toBeLessThan(1e-3));
  gpu.gradientNorms.forEach((norm, i) => expect(Math.abs(norm - cpu.gradientNorms[i])).toBeLessThan(1e-3));
});
