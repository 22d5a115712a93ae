import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { availableMemory, leftInGroup, macFree } from './memory.ts';

let folder: string;
beforeEach(async () => void (folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-memory-'))));
afterEach(() => fs.rm(folder, { recursive: true }));

async function files(contents: Record<string, string>): Promise<[root: string, membership: string]> {
  for (const [name, content] of Object.entries(contents)) {
    await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await fs.writeFile(path.join(folder, name), content);
  }
  return [path.join(folder, 'cgroup'), path.join(folder, 'self')];
}

it('takes the tightest limit of the groups above, less what they hold that is not cache of files', async () => {
  const given = await files({
    self: '0::/app/run\n',
    'cgroup/app/run/memory.max': 'max\n',
    'cgroup/app/run/memory.current': '500\n',
    'cgroup/app/memory.max': '1000\n',
    'cgroup/app/memory.current': '700\n',
    'cgroup/app/memory.stat': 'anon 400\ninactive_file 200\n',
  });
  expect(await leftInGroup(...given)).toBe(1000 - 700 + 200);
});

it('reads the first version of control groups, seen from inside a container', async () => {
  const given = await files({
    self: '5:cpu,cpuacct:/x\n4:memory:/docker/abc\n',
    'cgroup/memory/memory.limit_in_bytes': '2000\n',
    'cgroup/memory/memory.usage_in_bytes': '1500\n',
    'cgroup/memory/memory.stat': 'cache 9\ntotal_inactive_file 100\n',
  });
  expect(await leftInGroup(...given)).toBe(600);
});

it('knows no limit where there are no groups', async () => {
  expect(await leftInGroup(folder, path.join(folder, 'nowhere'))).toBe(Infinity);
});

it('reads what macOS can give', () => {
  const report = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                3000.
Pages active:                            200000.
Pages inactive:                            2000.
Pages speculative:                          500.
Pages purgeable:                            100.
`;
  expect(macFree(report)).toBe(16384 * 5600);
});

it('obeys THAW_MEMORY where that is less', async () => {
  process.env.THAW_MEMORY = '1';
  try {
    expect(await availableMemory()).toBe(1);
  } finally {
    delete process.env.THAW_MEMORY;
  }
});
