/** Suggestions of a run for texts that wait to be labeled: predicted in pieces by a trainer process of its own, and stored as they come. */
import { ThawError } from '../../shared/errors.ts';
import type { Prediction, Run } from '../../shared/domain.ts';
import type { Outlook } from '../../shared/suggestions.ts';
import type { ResultOf, TextPrediction } from '../../trainer/messages.ts';
import type { Call, Project } from '../database/index.ts';
import { runSource } from './predict.ts';
import type { Runs } from './runs.ts';
import { TrainerProcess } from './trainer.ts';

/** Texts a question to the trainer: long enough to batch them by length, short enough to see how far it is. */
const pieceTexts = 256;

export interface Suggesting {
  /** `timed`: with what it takes, for which a trainer is asked. Throws unknown_run. */
  outlook(run: string, timed?: boolean): Promise<Outlook>;
  /**
   * Predicts what is missing; how many texts that were. Cancelled, or ended by a failure, what is stored by then stays. Throws unknown_run,
   * unavailable (the run has not finished, or another call is at it), cancelled, and what the trainer reports.
   */
  make(run: string, call?: Call<{ done: number; total: number }>): Promise<number>;
  /** Ends what is made of that run, or of any. */
  stop(run?: string): Promise<void>;
}

export function openSuggesting(project: Project, runs: Pick<Runs, 'estimate'>): Suggesting {
  let making: { run: string; cancellation: AbortController; ended: Promise<unknown> } | null = null;

  async function begin(run: string, call: Call<{ done: number; total: number }>): Promise<number> {
    if (making) throw alreadyMaking(making.run);
    const cancellation = new AbortController();
    const signal = AbortSignal.any([cancellation.signal, ...(call.signal ? [call.signal] : [])]);
    const work = predictMissing(project, run, { ...call, signal });
    making = { run, cancellation, ended: work.catch(() => {}) };
    try {
      return await work;
    } finally {
      making = null;
    }
  }

  return {
    async outlook(id, timed = true) {
      const run = await project.run(id);
      const missing = await countMissing(project, id);
      return { missing, seconds: timed && missing > 0 ? await secondsFor(runs, run, missing) : null };
    },
    make: (run, call = {}) => begin(run, call),
    async stop(run) {
      if (!making || (run !== undefined && making.run !== run)) return;
      making.cancellation.abort();
      await making.ended;
    },
  };
}

const alreadyMaking = (run: string) =>
  new ThawError({
    code: 'unavailable',
    message: `Suggestions of run ${run} are being made already.`,
    remedy: 'Wait for them, or cancel them where they were asked for.',
  });

const cancelled = (done: number) =>
  new ThawError({ code: 'cancelled', message: `Cancelled; the ${done.toLocaleString('en')} suggestions made by then stay.` });

async function countMissing(project: Project, run: string, signal?: AbortSignal): Promise<number> {
  let missing = 0;
  for (let after: number | null = 0; after !== null;) {
    signal?.throwIfAborted();
    const piece: { count: number; last: number | null } = await project.countUnpredicted(run, after);
    missing += piece.count;
    after = piece.last;
  }
  return missing;
}

/** From what evaluating the run's held-out texts once would take without frozen layers, whose features a new text has not got. */
async function secondsFor(runs: Pick<Runs, 'estimate'>, { configuration, validation, test }: Run, texts: number): Promise<number | null> {
  const measured = (validation?.examples ?? 0) + (test?.examples ?? 0);
  const whole = { ...configuration, device: 'cpu' as const, epochs: 1, freeze: [], gradual: false, headOnly: false, lora: 0 };
  const estimate = await runs.estimate(whole).catch(() => null);
  return estimate?.evaluationSeconds && measured > 0 ? (texts * estimate.evaluationSeconds) / measured : null;
}

async function predictMissing(project: Project, id: string, { signal, progress }: Call<{ done: number; total: number }>): Promise<number> {
  const run = await project.run(id);
  if (run.status !== 'finished')
    throw new ThawError({ code: 'unavailable', message: `Run ${id} is ${run.status}.`, remedy: 'A finished run can suggest labels.' });
  let done = 0;
  let trainer: TrainerProcess | null = null;
  const kill = () => void trainer?.kill();
  try {
    const total = await countMissing(project, id, signal);
    progress?.({ done, total });
    for (let after: number | null = 0; after !== null && done < total;) {
      signal?.throwIfAborted();
      const piece: Awaited<ReturnType<Project['unpredictedAfter']>> = await project.unpredictedAfter(id, after, pieceTexts);
      after = piece.last;
      if (piece.texts.length === 0) continue;
      if (!trainer) {
        trainer = new TrainerProcess();
        signal?.addEventListener('abort', kill);
        trainer.tell({ type: 'open', source: await runSource(project, run, 'best') });
      }
      const result = await trainer.ask({ type: 'texts', texts: piece.texts.map(({ text }) => text) }, { signal });
      await store(project, id, piece.texts, (result as ResultOf<'predict'>).predictions);
      done += piece.texts.length;
      progress?.({ done, total: Math.max(total, done) });
    }
    return done;
  } catch (error) {
    throw signal?.aborted ? cancelled(done) : error;
  } finally {
    signal?.removeEventListener('abort', kill);
    await trainer?.kill();
  }
}

type Texts = Awaited<ReturnType<Project['unpredictedAfter']>>['texts'];

async function store(project: Project, run: string, texts: Texts, said: TextPrediction[]): Promise<void> {
  for (const split of ['train', 'validation'] as const) {
    const predictions = texts.flatMap((text, at) => (text.split === split ? [asPrediction(text.id, said[at])] : []));
    if (predictions.length > 0) await project.addPredictions(run, split, predictions);
  }
}

const asPrediction = (exampleId: number, { label, labels, scores, spans }: TextPrediction): Prediction => ({
  exampleId,
  label,
  ...(labels && { labels }),
  // Of spans, each has its own.
  scores: spans ? [] : scores.map(({ score }) => score),
  spans,
});
