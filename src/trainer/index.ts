/**
 * The trainer process: takes one job from its host, tells of its progress, answers with a result or an error, and ends. Or keeps a model
 * open and answers texts with it, or learns from what a person labels. It goes when its host goes.
 */
import os from 'node:os';
import { ThawError, toThawError, type ErrorReport } from '../shared/errors.ts';
import type { Estimates } from './estimate.ts';
import type { LearningQuestion } from './learning-messages.ts';
import type { LearningSession } from './learning.ts';
import { toTrainerSchema, type EstimateQuestion, type FromTrainer, type Job, type JobResult, type ModelSource } from './messages.ts';
import type { OpenedModel } from './model.ts';
import { outOfMemory, saysOutOfMemory, whatWasMissing } from './out-of-memory.ts';

const cancellation = new AbortController();

const send = (message: FromTrainer, sent = () => {}): void => void process.send?.(message, undefined, undefined, sent);

/** Each job loads what it needs and no more: comparing runs has no use for a tensor runtime. */
async function perform(job: Job): Promise<JobResult> {
  const { signal } = cancellation;
  switch (job.type) {
    case 'train':
      return (await import('./train.ts')).performTraining(job, signal, (event) => send({ type: 'event', event }));
    case 'devices':
      return { type: 'devices', devices: await (await import('../engine/runtimes/devices.ts')).listDevices() };
    case 'rates':
      return { type: 'rates', rates: await (await import('../engine/estimate/index.ts')).measureRates(job.threads) };
    case 'predict':
      return (await import('./predict.ts')).performPrediction(job, signal);
    case 'compare':
      return { type: 'compare', comparison: (await import('../engine/evaluate/index.ts')).compareRuns(job) };
    case 'write':
      return (await import('./export.ts')).performWriting(job);
    case 'verify':
      return (await import('./verify.ts')).performVerification(job, signal);
  }
}

/** The report of a failure. ONNX Runtime and V8 say in their own words that memory ran out. */
function reportOf(cause: unknown): ErrorReport {
  const error = toThawError(cause);
  const isMemory = error.code === 'internal' && saysOutOfMemory(error.message);
  return (isMemory ? outOfMemory(`Memory ran out: ${whatWasMissing(error.message)}`) : error).toReport();
}

const fail = (cause: unknown): void => send({ type: 'error', error: reportOf(cause) }, () => process.exit(0));

/** The model that texts are for. */
let opened: Promise<OpenedModel> | null = null;

function openModel(source: ModelSource): void {
  opened = import('./model.ts').then(({ openSource }) => openSource(source));
  opened.catch(fail);
}

async function answerTexts(texts: string[]): Promise<void> {
  // A model that cannot be opened has been reported.
  const model = await opened?.catch(() => null);
  if (!model) return;
  const { predictTexts } = await import('./predict.ts');
  const predictions = await predictTexts(model, texts, cancellation.signal);
  send({ type: 'result', result: { type: 'predict', predictions } });
}

/** Made for the first question. */
let estimates: Promise<Estimates> | null = null;

async function answerEstimate(question: EstimateQuestion): Promise<void> {
  estimates ??= import('./estimate.ts').then(({ Estimates }) => new Estimates());
  send({ type: 'result', result: await (await estimates).answer(question) });
}

/** Opened by the first question. */
let learning: LearningSession | null = null;

async function answerLearning(question: LearningQuestion): Promise<void> {
  if (question.type === 'begin') {
    learning = await (await import('./learning.ts')).openLearning(question, cancellation.signal);
    return send({ type: 'result', result: { type: 'learning', answer: { type: 'done' } } });
  }
  if (!learning) throw new ThawError({ code: 'internal', message: 'Nothing has begun to learn.' });
  send({ type: 'result', result: { type: 'learning', answer: await learning.answer(question) } });
}

process.on('message', (raw) => {
  const message = toTrainerSchema.parse(raw);
  switch (message.type) {
    case 'cancel':
      return cancellation.abort();
    case 'open':
      return openModel(message.source);
    case 'texts':
      return void answerTexts(message.texts).catch(fail);
    case 'estimate':
      return void answerEstimate(message.question).catch(fail);
    case 'learn':
      return void answerLearning(message.question).catch(fail);
    case 'job':
      perform(message.job).then((result) => send({ type: 'result', result }, () => process.exit(0)), fail);
  }
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches every process of the terminal; the host decides what it means and says so over the channel.
process.on('SIGINT', () => {});
const { PRIORITY_BELOW_NORMAL } = os.constants.priority;
if (os.getPriority() < PRIORITY_BELOW_NORMAL) os.setPriority(PRIORITY_BELOW_NORMAL);
