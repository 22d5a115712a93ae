import fs from 'node:fs';
import os from 'node:os';

/** Physical cores this process may use: hyper-threads share their core's arithmetic, so more threads than cores only wait for each other. */
export function physicalCores(cpuinfo = readCpuinfo(), available = os.availableParallelism()): number {
  const cores = new Set<string>();
  for (const processor of cpuinfo.split('\n\n')) {
    const [socket, core] = ['physical id', 'core id'].map((key) => new RegExp(`^${key}\\s*: (\\d+)$`, 'm').exec(processor)?.[1]);
    if (core !== undefined) cores.add(`${socket}/${core}`);
  }
  return Math.max(1, Math.min(available, cores.size || available));
}

function readCpuinfo(): string {
  try {
    return fs.readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
