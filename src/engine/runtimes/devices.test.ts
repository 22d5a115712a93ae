import { expect, it } from 'vitest';
import { listDevices } from './devices.ts';

it('lists each kind, with a speed or a reason', async () => {
  const devices = await listDevices();
  expect(devices.map(({ kind }) => kind)).toEqual(['cpu', 'webgpu', 'tensorflow']);
  expect(devices[0]).toMatchObject({ available: true, gflops: expect.any(Number) });
  for (const { available, reason, gflops } of devices) expect(available ? gflops !== null && gflops > 0 : Boolean(reason)).toBe(true);
});
