/** What the benchmarks of learning measure by. */
import fs from 'node:fs/promises';
import type { LearningState } from '../../src/shared/learning.ts';
import type { Learner } from '../../src/main/services/learning/index.ts';
import { deviation, mean } from './statistics.ts';

/** Listens until a state is as wanted. */
export async function until(learner: Learner, wanted: (state: LearningState) => boolean): Promise<LearningState> {
  const controller = new AbortController();
  for await (const state of learner.watch(controller.signal)) if (wanted(state)) return state;
  throw new Error('closed');
}
/** MB that a process holds now, and held at most. */
export async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await fs.readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? NaN) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Mean and deviation over seeds, and of the differences from `random` with the same seed; `at`: which of the scores. */
export function summary(all: number[][], at: number, random: number[][]): string {
  const own = all.map((scores) => scores[at]);
  const gains = own.map((value, seed) => value - random[seed][at]);
  const gain = mean(gains);
  const difference = all === random ? '' : ` (${gain < 0 ? '−' : '+'}${Math.abs(gain).toFixed(1)} ± ${deviation(gains).toFixed(1)})`;
  return `${mean(own).toFixed(1)} ± ${deviation(own).toFixed(1)}${difference}`;
}

/** Milliseconds of a processor that a process has taken, all its threads together, by Linux's count of hundredths of a second. */
export async function processorTimeOf(pid: number): Promise<number> {
  const fields = (await fs.readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Of values that are not interpolated: the lowest that so large a share is no higher than. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];
}
