/** The run in progress, for the badge in the rail. */
import type { Run, RunEvent } from '../../../shared/domain.ts';
import { api } from '../api.ts';

export interface Progress {
  phase: string;
  step: number;
  totalSteps: number;
  /** Milliseconds a step takes, averaged over those seen. */
  stepMs: number;
}

class RunningRun {
  run = $state<Run | null>(null);
  progress = $state<Progress>({ phase: 'preparing', step: 0, totalSteps: 0, stepMs: 0 });
  #stop: AbortController | undefined;

  /** Looks for a running run in `folder` and follows it. Called when a screen opens, and by whoever starts a run. */
  async follow(folder: string): Promise<void> {
    const runs = await api.runs.list({ folder }).catch(() => []);
    const running = runs.find((run) => run.status === 'running' || run.status === 'queued') ?? null;
    if (running?.run === this.run?.run && !this.#stop?.signal.aborted) return;
    this.#stop?.abort();
    this.run = running;
    if (running) void this.#watch(folder, running.run);
  }

  async #watch(folder: string, run: string): Promise<void> {
    const stop = (this.#stop = new AbortController());
    this.progress = { phase: 'preparing', step: 0, totalSteps: 0, stepMs: 0 };
    try {
      for await (const event of await api.runs.watch({ folder, run }, { signal: stop.signal })) this.#take(event);
    } catch {
      // The badge only mirrors the run; its own screen tells how it ended.
    }
    if (this.#stop === stop) this.run = null;
    stop.abort();
  }

  #take(event: RunEvent): void {
    if (event.type === 'phase') this.progress.phase = event.phase;
    if (event.type !== 'step') return;
    const { step, totalSteps, ms } = event;
    const stepMs = this.progress.stepMs === 0 ? ms : this.progress.stepMs * 0.9 + ms * 0.1;
    this.progress = { phase: this.progress.phase, step, totalSteps, stepMs };
  }
}

export const runningRun = new RunningRun();
