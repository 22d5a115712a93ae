/** The trainer process: takes one job from its host, tells of its progress, answers with a result or an error, and ends. It goes when its host goes. */
import os from 'node:os';
import { ThawError, toThawError, type ErrorReport } from '../shared/errors.ts';
import { toTrainerSchema, type FromTrainer, type Job, type JobResult } from './messages.ts';

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
  if (error.code !== 'internal' || !/bad_alloc|failed to allocate|out of memory|allocation failed/i.test(error.message))
    return error.toReport();
  return new ThawError({
    code: 'out_of_memory',
    message: `Memory ran out: ${error.message}`,
    remedy: 'Try a smaller batch size or maximum length, or freeze more layers.',
  }).toReport();
}

process.on('message', (raw) => {
  const message = toTrainerSchema.parse(raw);
  if (message.type === 'cancel') return cancellation.abort();
  perform(message.job).then(
    (result) => send({ type: 'result', result }, () => process.exit(0)),
    (error: unknown) => send({ type: 'error', error: reportOf(error) }, () => process.exit(0)),
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches every process of the terminal; the host decides what it means and says so over the channel.
process.on('SIGINT', () => {});
const { PRIORITY_BELOW_NORMAL } = os.constants.priority;
if (os.getPriority() < PRIORITY_BELOW_NORMAL) os.setPriority(PRIORITY_BELOW_NORMAL);
