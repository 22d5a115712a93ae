/** What the command line prints: results to standard output, progress and failures to standard error. */
import type { Metrics, RunEvent } from '../shared/domain.ts';
import { headlineOf } from '../shared/metrics.ts';

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** One JSON object where asked for, the lines for a person otherwise. */
export function report(json: boolean | undefined, result: object, lines: string[]): void {
  if (json) print(JSON.stringify(result));
  else for (const line of lines) print(line);
}

export const megabytes = (value: number): string => (value < 1000 ? `${Math.round(value)} MB` : `${(value / 1024).toFixed(1)} GB`);
export const duration = (seconds: number): string =>
  seconds < 90 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : `${Math.round(seconds / 60)} min`;

export const percent = (value: number | undefined): string => (value === undefined ? '–' : `${(value * 100).toFixed(1)} %`);

const names = { accuracy: 'accuracy', microF1: 'micro F1', f1: 'F1' };
export const metricName = (metrics: Metrics | null): string => names[(metrics && headlineOf(metrics)?.name) ?? 'accuracy'];
export const headline = (metrics: Metrics | null): string => percent((metrics && headlineOf(metrics)?.value) ?? undefined);

/** Columns padded to their widest cell. */
export function table(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

const phases = {
  preparing: 'preparing',
  training: 'training',
  validating: 'validating',
  saving: 'saving',
  testing: 'predicting the test split',
} as const;

/** Shows a run's events: a bar on a terminal; elsewhere a line an epoch and one every tenth of the steps. */
export class Progress {
  readonly #terminal = process.stderr.isTTY === true;
  #tenth = 0;

  show(event: RunEvent): void {
    if (event.type === 'step') this.#step(event);
    else if (event.type === 'epoch') this.#epoch(event);
    else if (event.type === 'resumed') this.#line(`going on after epoch ${event.epoch}, step ${event.step}`, false);
    else if (event.type === 'phase' && event.phase !== 'training') this.#line(`${phases[event.phase]} …`, true);
  }

  #step({ step, totalSteps, loss, learningRate, ms }: Extract<RunEvent, { type: 'step' }>): void {
    const figures = `step ${step}/${totalSteps}  loss ${loss.toFixed(4)}  rate ${learningRate.toExponential(2)}  ${ms.toFixed(0)} ms`;
    const tenth = Math.floor((10 * step) / totalSteps);
    if (this.#terminal) this.#line(`${'█'.repeat(2 * tenth).padEnd(20, '·')} ${figures}`, true);
    else if (tenth > this.#tenth) note(figures);
    this.#tenth = tenth;
  }

  #epoch({ epoch: { epoch, trainLoss, validationLoss, validation } }: Extract<RunEvent, { type: 'epoch' }>): void {
    const measured = `${metricName(validation)} ${headline(validation)}`;
    this.#line(
      `epoch ${epoch}  training loss ${trainLoss.toFixed(4)}  validation loss ${validationLoss?.toFixed(4) ?? '–'}  ${measured}`,
      false,
    );
  }

  /** `passing`: the next line may take its place. */
  #line(text: string, passing: boolean): void {
    if (!this.#terminal) note(text);
    else process.stderr.write(`\r\u001b[K${text}${passing ? '' : '\n'}`);
  }

  end(): void {
    if (this.#terminal) process.stderr.write('\r\u001b[K');
  }
}
