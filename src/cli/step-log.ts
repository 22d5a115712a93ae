/** The file of `train --log`: one JSON line a step. */
import fs from 'node:fs';
import type { RunEvent } from '../shared/domain.ts';

export class StepLog {
  readonly #file: string;
  #stream: fs.WriteStream | null = null;

  /** `goesOn`: of a resumed run, whose lines up to where it goes on stay when it was logged to the same file before. */
  constructor(file: string, { goesOn }: { goesOn: boolean }) {
    this.#file = file;
    if (!goesOn) this.#stream = fs.createWriteStream(file);
  }

  take(event: RunEvent): void {
    if (event.type === 'resumed') this.#goOn(event.step);
    if (event.type !== 'step') return;
    const { step, loss, learningRate, tokens, ms } = event;
    // Before a resumed run goes on, its watchers are told what happened up to there.
    this.#stream?.write(`${JSON.stringify({ step, loss, learningRate, tokens, ms })}\n`);
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream) await new Promise<void>((resolve) => stream.end(() => resolve()));
  }

  #goOn(after: number): void {
    const lines = fs.existsSync(this.#file) ? fs.readFileSync(this.#file, 'utf8').split('\n') : [];
    this.#stream = fs.createWriteStream(this.#file);
    for (const line of lines) if (stepOf(line) <= after) this.#stream.write(`${line}\n`);
  }
}

/** Infinity of a line that was cut off. */
function stepOf(line: string): number {
  try {
    return Number((JSON.parse(line) as { step: number }).step);
  } catch {
    return Infinity;
  }
}
