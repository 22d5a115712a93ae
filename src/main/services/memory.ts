/** How much memory a run may take on this machine, as its operating system says. */
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const MEBI = 2 ** 20;

/** In MiB: what is available, in the control group too; or THAW_MEMORY where that is less. */
export async function availableMemory(): Promise<number> {
  const own = Number(process.env.THAW_MEMORY) || Infinity;
  const system = process.platform === 'darwin' ? await freeOnMac() : os.freemem();
  return Math.min(own, Math.min(system, await leftInGroup()) / MEBI);
}

/** macOS keeps hardly any page free; it gives inactive and speculative ones at once. */
async function freeOnMac(): Promise<number> {
  const { stdout } = await promisify(execFile)('vm_stat');
  return macFree(stdout);
}
export function macFree(report: string): number {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(report)?.[1]);
  const pages = ['free', 'inactive', 'speculative', 'purgeable'].map((kind) => Number(new RegExp(`Pages ${kind}:\\s+(\\d+)`).exec(report)?.[1] ?? 0)); // prettier-ignore
  return pageBytes * pages.reduce((sum, count) => sum + count, 0);
}

/** Of the control groups (Linux, version 2 and 1) that this process is in: their limit less what they hold, but for files that can go. */
export async function leftInGroup(root = '/sys/fs/cgroup', membership = '/proc/self/cgroup'): Promise<number> {
  const lines = (await read(membership))?.trim().split('\n') ?? [];
  let left = Infinity;
  for (const line of lines) {
    const [, controllers, group] = line.split(':');
    if (controllers !== '' && !controllers?.split(',').includes('memory')) continue;
    const first = controllers === '';
    const names = first ? ['memory.max', 'memory.current', 'inactive_file'] : ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file']; // prettier-ignore
    // In a container the group's path may not be there: its files are then at the root.
    for (let folder = path.join(root, first ? '' : 'memory', group); folder.startsWith(root); folder = path.dirname(folder)) {
      const [limit, held] = await Promise.all(names.slice(0, 2).map((name) => read(path.join(folder, name)).then(Number)));
      const files = Number(new RegExp(`^${names[2]} (\\d+)$`, 'm').exec((await read(path.join(folder, 'memory.stat'))) ?? '')?.[1] ?? 0);
      if (Number.isFinite(limit) && Number.isFinite(held)) left = Math.min(left, limit - held + files);
    }
  }
  return left;
}
const read = (file: string) => fs.readFile(file, 'utf8').catch(() => undefined);
