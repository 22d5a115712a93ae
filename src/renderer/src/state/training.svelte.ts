/** One run as its screen follows it: the stored run, and what its trainer tells while it runs. */
import type { Epoch, Run, RunEvent, RunStatus } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { percent } from '../domain/numbers.ts';
import { headlineMetric } from './metrics.ts';

type Phase = Extract<RunEvent, { type: 'phase' }>['phase'];
export interface Step {
  step: number;
  loss: number;
  /** Exponential mean of the loss, corrected for its start (Adam's bias correction). */
  smooth: number;
}
export interface LogLine {
  id: number;
  /** When this screen heard of it; null for what had happened before it opened. */
  at: Date | null;
  text: string;
}

const SMOOTHING = 0.95;
/** Recent steps that the speed is measured over. */
const WINDOW = 50;
export const live = (status: RunStatus): boolean => status === 'queued' || status === 'running';

const phaseWords: Record<Phase, string> = {
  preparing: 'Preparing texts and model',
  training: 'Training',
  validating: 'Scoring the validation texts',
  saving: 'Saving the epoch',
  testing: 'Scoring the test texts, kept closed',
};

export class Training {
  readonly #folder: string;
  readonly #run: string;
  run: Run | null = $state(null);
  phase: Phase | null = $state(null);
  steps: Step[] = $state.raw([]);
  epochs: Epoch[] = $state([]);
  totalSteps = $state(0);
  log: LogLine[] = $state([]);
  /** Moves with the clock while the run is live. */
  now = $state(Date.now());
  #opened = Date.now();
  #mean = 0;
  #recentMs: number[] = $state([]);
  #pending: Step[] = [];

  constructor(folder: string, run: string) {
    this.#folder = folder;
    this.#run = run;
  }

  readonly status = $derived.by<RunStatus | null>(() => this.run?.status ?? null);
  readonly step = $derived.by(() => this.steps.at(-1)?.step ?? this.epochs.at(-1)?.step ?? 0);
  readonly phaseText = $derived.by(() => (this.phase ? phaseWords[this.phase] : 'Waiting to start'));
  /** Milliseconds a step takes, over the last steps; null before the first. */
  readonly stepMs = $derived.by(() =>
    this.#recentMs.length ? this.#recentMs.reduce((sum, ms) => sum + ms, 0) / this.#recentMs.length : null,
  );
  readonly secondsLeft = $derived.by(() => (this.stepMs === null ? null : ((this.totalSteps - this.step) * this.stepMs) / 1000));
  readonly textsPerSecond = $derived.by(() =>
    this.stepMs === null || !this.run ? null : (this.run.configuration.batchSize * this.run.configuration.accumulate * 1000) / this.stepMs,
  );
  readonly secondsSinceCreated = $derived.by(() => (this.run ? Math.max(0, (this.now - Date.parse(this.run.createdAt)) / 1000) : 0));

  /** Reads the run and its curve: as it grows while the run lives, as it was kept afterwards. */
  async follow(signal: AbortSignal): Promise<void> {
    await this.#read();
    const clock = setInterval(() => this.#tick(), 250);
    try {
      for await (const event of await api.runs.watch({ folder: this.#folder, run: this.#run }, { signal })) this.take(event);
    } finally {
      clearInterval(clock);
      this.#tick();
    }
    if (!signal.aborted) await this.#read();
  }

  async #read(): Promise<void> {
    const run = await api.runs.get({ folder: this.#folder, run: this.#run });
    this.run = run;
    this.epochs = run.epochs;
    const { epochs, maxSteps } = run.configuration;
    const last = run.epochs.at(-1);
    if (this.totalSteps === 0 && last)
      this.totalSteps = Math.max(last.step, maxSteps > 0 ? last.step : Math.round((last.step / last.epoch) * epochs));
  }

  /** Steps come faster than a screen needs them: they are drawn four times a second. */
  #tick(): void {
    this.now = Date.now();
    if (this.#pending.length === 0) return;
    this.steps = [...this.steps, ...this.#pending];
    this.#pending = [];
  }

  take(event: RunEvent): void {
    if (event.type === 'step') return this.#takeStep(event);
    if (event.type === 'phase') {
      this.phase = event.phase;
      if (this.run?.status === 'queued') this.run.status = 'running';
      if (event.phase === 'preparing' || event.phase === 'testing') this.#say(phaseWords[event.phase]);
    } else if (event.type === 'epoch') {
      this.#tick();
      this.epochs = [...this.epochs.filter(({ epoch }) => epoch !== event.epoch.epoch), event.epoch].sort((a, b) => a.epoch - b.epoch);
      this.#say(epochWords(event.epoch));
    } else if (event.type === 'resumed') {
      this.#tick();
      this.steps = this.steps.filter(({ step }) => step <= event.step);
      this.epochs = this.epochs.filter(({ epoch }) => epoch <= event.epoch);
      this.#say(event.step > 0 ? `Going on after step ${event.step}` : 'Starting anew');
    } else {
      if (this.run && live(this.run.status)) this.run = { ...this.run, status: event.status, error: event.error };
      this.#say(statusWords[event.status] + (event.error ? ` ${event.error}` : ''));
    }
  }

  #takeStep({ step, totalSteps, loss, ms }: Extract<RunEvent, { type: 'step' }>): void {
    const before = this.#pending.at(-1) ?? this.steps.at(-1);
    if (before && step <= before.step) return;
    if (!before) this.#say(`First step, loss ${loss.toFixed(3)}`);
    this.totalSteps = totalSteps;
    this.#mean = SMOOTHING * this.#mean + (1 - SMOOTHING) * loss;
    const seen = this.steps.length + this.#pending.length + 1;
    this.#pending.push({ step, loss, smooth: this.#mean / (1 - SMOOTHING ** seen) });
    this.#recentMs = [...this.#recentMs.slice(1 - WINDOW), ms];
  }

  /** Events of the first second are the past, told again. */
  #say(text: string): void {
    const at = Date.now() - this.#opened < 1000 && this.secondsSinceCreated > 3 ? null : new Date();
    this.log = [{ id: this.log.length, at, text }, ...this.log];
  }
}

const statusWords: Record<RunStatus, string> = {
  queued: 'Queued',
  running: 'Started',
  finished: 'Finished',
  failed: 'Failed.',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted.',
};

function epochWords({ epoch, trainLoss, validationLoss, validation }: Epoch): string {
  const metric = validation ? headlineMetric(validation) : null;
  const scored =
    validationLoss === null
      ? ''
      : ` Validation loss ${validationLoss.toFixed(3)}${metric ? `, ${metric.title} ${percent(metric.value)}` : ''}`;
  return `Epoch ${epoch} done, training loss ${trainLoss.toFixed(3)}.${scored}`;
}
