/** Predictions with a run's model that stays open between two questions. */
import fs from 'node:fs/promises';
import { ThawError } from '../../shared/errors.ts';
import { checkpointFile } from '../../engine/train/checkpoints.ts';
import type { ResultOf, RunSource, TextPrediction } from '../../trainer/messages.ts';
import type { Project } from '../database/index.ts';
import { runSource } from './predict.ts';
import { TrainerProcess } from './trainer.ts';

const idleMs = 60_000;

/**
 * Predicts for a screen that asks again and again: the model of the run that was asked last stays open in a trainer process, which holds
 * its parameters in memory, until another run is asked, nothing was asked for a minute, or it is closed.
 */
export class RunPredictor {
  readonly #project: Project;
  readonly #idleMs: number;
  #kept: { key: string; trainer: TrainerProcess } | null = null;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(project: Project, idle = idleMs) {
    this.#project = project;
    this.#idleMs = idle;
  }

  /** With the run's best parameters; one question after another. @throws unknown_run, unavailable, and what the trainer reports */
  predict(run: string, texts: string[]): Promise<TextPrediction[]> {
    const answer = this.#last.then(() => this.#answer(run, texts));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
    await this.#last;
  }

  async #answer(id: string, texts: string[]): Promise<TextPrediction[]> {
    clearTimeout(this.#idle);
    const source = await runSource(this.#project, await this.#project.run(id), 'best');
    const trainer = await this.#trainerFor(source);
    try {
      const result = await trainer.ask({ type: 'texts', texts });
      return (result as ResultOf<'predict'>).predictions;
    } catch (error) {
      // It ends after a failure, its own or that of an answer.
      await this.#drop();
      throw this.#closed ? closed() : error;
    } finally {
      this.#idle = setTimeout(() => void this.#drop(), this.#idleMs).unref();
    }
  }

  async #trainerFor(source: RunSource): Promise<TrainerProcess> {
    const key = JSON.stringify([source, await checkpointStamp(source)]);
    if (this.#kept?.key === key && this.#kept.trainer.isAlive) return this.#kept.trainer;
    await this.#drop();
    if (this.#closed) throw closed();
    const trainer = new TrainerProcess();
    this.#kept = { key, trainer };
    trainer.tell({ type: 'open', source });
    return trainer;
  }

  async #drop(): Promise<void> {
    clearTimeout(this.#idle);
    const kept = this.#kept;
    this.#kept = null;
    await kept?.trainer.kill();
  }
}

const closed = () => new ThawError({ code: 'cancelled', message: 'The project was closed.' });

/** Changes when the run's parameters do. */
async function checkpointStamp({ directory, checkpoint }: RunSource): Promise<number> {
  const written = await fs.stat(checkpointFile(directory, checkpoint)).catch(() => null);
  return written?.mtimeMs ?? 0;
}
