/** Why a trainer process died, in words a person can act on. */
import { readFileSync } from 'node:fs';
import { ThawError } from '../../shared/errors.ts';
import { memoryRemedy, outOfMemory, saysOutOfMemory } from '../../trainer/out-of-memory.ts';

export interface Death {
  code: number | null;
  signal: string | null;
  /** What the process last wrote to its standard error. */
  said: string;
  /** The system has killed processes for want of memory meanwhile. */
  oomKill: boolean;
}

/** `out_of_memory` where that is known, else `trainer_died`. */
export function deathOf({ code, signal, said, oomKill }: Death): ThawError {
  if (saysOutOfMemory(said)) return outOfMemory('The trainer process ran out of memory.');
  if (signal === 'SIGKILL' && oomKill) return outOfMemory('The system ended the trainer process because memory ran out.');
  const lastLine = said.split('\n').at(-1);
  const lastWords = lastLine ? `: ${lastLine}` : '';
  const reason = signal
    ? `was killed by signal ${signal}${signal === 'SIGKILL' ? ', possibly because the system ran out of memory' : lastWords}`
    : `ended with code ${code}${lastWords}`;
  const remedy = signal === 'SIGKILL' ? `If memory is short: ${memoryRemedy}` : 'Try again.';
  return new ThawError({ code: 'trainer_died', message: `The trainer process ${reason}.`, remedy: `${remedy} The project is as it was.` });
}

/** How many processes Linux has killed for want of memory since it started (proc_vmstat(5)); 0 where that is not known. */
export function oomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
