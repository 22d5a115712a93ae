/**
 * The trainer of a run outlives a host that was killed until it hears of it, which a long step delays. Before the run is touched again it is
 * ended: of two that write checkpoints to one folder, the older could have the last word. <run>/trainer.json names it.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { processStart } from '../process-start.ts';

const trainerSchema = z.object({ pid: z.number().int().positive(), started: z.string() });

const trainerFile = (directory: string): string => path.join(directory, 'trainer.json');

export async function recordTrainer(directory: string, pid: number): Promise<void> {
  await fs.writeFile(trainerFile(directory), JSON.stringify({ pid, started: processStart(pid) ?? 'unknown' }));
}

export const forgetTrainer = (directory: string): Promise<void> => fs.rm(trainerFile(directory), { force: true });

/** Kills the run's recorded trainer where it is still there, and waits until it is gone. */
export async function endOrphan(directory: string): Promise<void> {
  const text = await fs.readFile(trainerFile(directory), 'utf8').catch(() => '{}');
  const { data: trainer } = trainerSchema.safeParse(parsed(text));
  const isAlive = () => trainer !== undefined && processStart(trainer.pid) === trainer.started;
  if (trainer && isAlive()) process.kill(trainer.pid, 'SIGKILL');
  while (isAlive()) await wait(10);
  await forgetTrainer(directory);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off while it was written, so its trainer had not begun either.
    return null;
  }
}
