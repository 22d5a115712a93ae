/** The contract over the services. One place turns every failure into the contract's THAW error; nothing here knows which host asks. */
import { implement, ORPCError, ValidationError } from '@orpc/server';
import { join, resolve } from 'node:path';
import { contract } from '../shared/contract.ts';
import type { ImportProgress, Run } from '../shared/domain.ts';
import type { ErrorReport } from '../shared/errors.ts';
import { ThawError, toThawError } from '../shared/errors.ts';
import { parseQuery } from '../shared/query.ts';
import type { Call } from './database/index.ts';
import type { Services } from './open-services.ts';
import { previewFile } from './import/index.ts';
import { callEvents } from './services/call-events.ts';
import { queueOf, suggestedFor, suspectsOf } from './services/learning/index.ts';
import { exchangeFileName, readExchange, takeExchange, writeExchange } from './exchange/index.ts';
import { dataFileName, exportData, type DataExportProgress } from './services/export-data.ts';

function failure(report: ErrorReport): ORPCError<'THAW', ErrorReport> {
  return new ORPCError('THAW', { status: 400, message: report.message, data: report });
}

/** What a person can act on: ours as it is, a call that breaks the contract by its fields, the system's failures by name. */
function toFailure(cause: unknown): unknown {
  if (cause instanceof ORPCError) {
    if (!(cause.cause instanceof ValidationError)) return cause;
    const fields = cause.cause.issues.map(
      ({ path, message }) => `${path?.map((part) => (typeof part === 'object' ? part.key : part)).join('.') ?? 'input'}: ${message}`,
    );
    return failure({ code: 'wrong_format', message: `${cause.message}: ${fields.join('; ')}` });
  }
  return failure(toThawError(cause).toReport());
}

/** The same events; a failure between two of them arrives worded like any other. */
async function* worded<T>(events: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* events;
  } catch (cause) {
    throw toFailure(cause);
  }
}

/** A run as the screens may see it: its test figures stay closed until openTest is asked for them. */
function sealed(run: Run): Run {
  return { ...run, test: null };
}

/** What a host with a window of its own can do besides. */
export interface HostWindow {
  /** Null when the person chose none. */
  chooseFolder(): Promise<string | null>;
}

const noWindow: HostWindow = {
  async chooseFolder() {
    throw new ThawError({ code: 'unavailable', message: 'This host has no folder dialog.', remedy: 'Type the path of the folder.' });
  },
};

export function createRouter(services: Services, host: HostWindow = noWindow) {
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next();
    } catch (cause) {
      throw toFailure(cause);
    }
  });
  const { projects, uploads, checks, redraws, reviews, open } = services;

  return os.router({
    projects: {
      list: os.projects.list.handler(() => projects.list()),
      samples: os.projects.samples.handler(() => projects.samples()),
      createFromSample: os.projects.createFromSample.handler(({ input }) => projects.createFromSample(input.sample)),
      createFromFile: os.projects.createFromFile.handler(async function* ({ input, signal }) {
        const { source, mended, ...options } = input;
        const mends = mended && (await checks.plan(mended));
        const file = { ...options, ...(await uploads.find(source)), mends };
        yield* worded(callEvents((call: Call<ImportProgress>) => projects.createFromFile(file, call), signal));
      }),
      open: os.projects.open.handler(async ({ input }) => (await open(input.folder)).project.summary()),
      chooseFolder: os.projects.chooseFolder.handler(async () => ({ folder: await host.chooseFolder() })),
      forget: os.projects.forget.handler(async ({ input }) => {
        await services.forget(input.folder);
        return {};
      }),
    },
    files: {
      give: os.files.give.handler(async ({ input }) => ({ upload: await uploads.give(input.upload, input.parts) })),
      drop: os.files.drop.handler(async ({ input }) => {
        await uploads.drop(input.upload);
        return {};
      }),
      preview: os.files.preview.handler(async ({ input: { source, ...options } }) => {
        const { file, fileName } = await uploads.find(source);
        return previewFile(file, { ...options, fileName });
      }),
    },
    data: {
      page: os.data.page.handler(async ({ input: { folder, ...query }, signal }) => (await open(folder)).project.page(query, { signal })),
      count: os.data.count.handler(async ({ input, signal }) => ({
        total: await (await open(input.folder)).project.count(input.listing, { signal }),
      })),
      change: os.data.change.handler(async function* ({ input: { folder, target, change }, signal }) {
        const { project } = await open(folder);
        yield* worded(
          callEvents<{ done: number; total: number }, { changed: number }>(
            async (call) => ({ changed: await project.changeMany(target, change, call) }),
            signal,
          ),
        );
      }),
      views: os.data.views.handler(async ({ input }) => (await open(input.folder)).project.views()),
      saveView: os.data.saveView.handler(async ({ input: { folder, ...view } }) => {
        parseQuery(view.query);
        return (await open(folder)).project.saveView(view);
      }),
      removeView: os.data.removeView.handler(async ({ input }) => (await open(input.folder)).project.removeView(input.id)),
      add: os.data.add.handler(async function* ({ input, signal }) {
        const { source, mended, ...options } = input;
        const mends = mended && (await checks.plan(mended));
        const file = { ...options, ...(await uploads.find(source)), mends };
        yield* worded(callEvents((call: Call<ImportProgress>) => projects.addFile(file, call), signal));
      }),
    },
    checks: {
      file: os.checks.file.handler(async function* ({ input, signal }) {
        yield* worded(checks.ofFile(input, signal));
      }),
      project: os.checks.project.handler(async function* ({ input, signal }) {
        yield* worded(checks.ofProject(input, signal));
      }),
      evidence: os.checks.evidence.handler(({ input }) => checks.evidence(input)),
      mend: os.checks.mend.handler(({ input }) => checks.mend(input)),
      close: os.checks.close.handler(async ({ input }) => {
        await checks.close(input.check);
        return {};
      }),
    },
    splits: {
      preview: os.splits.preview.handler(async ({ input: { folder, ...options }, signal }) =>
        redraws.preview((await open(folder)).project, options, signal),
      ),
      apply: os.splits.apply.handler(async ({ input }) => redraws.apply((await open(input.folder)).project, input.plan)),
      unlockTest: os.splits.unlockTest.handler(async ({ input }) => (await open(input.folder)).project.unlockTest()),
    },
    labels: {
      create: os.labels.create.handler(async ({ input }) => (await open(input.folder)).project.createLabel(input.name)),
      update: os.labels.update.handler(async ({ input: { folder, ...change } }) => (await open(folder)).project.updateLabel(change)),
      move: os.labels.move.handler(async ({ input: { folder, ...change } }) => (await open(folder)).project.moveLabel(change)),
      remove: os.labels.remove.handler(async ({ input }) => (await open(input.folder)).project.deleteLabel(input.id)),
      merge: os.labels.merge.handler(async ({ input: { folder, ...change } }) => (await open(folder)).project.mergeLabel(change)),
      next: os.labels.next.handler(async ({ input }) => ({ example: await (await open(input.folder)).project.next(input.after) })),
      beside: os.labels.beside.handler(async ({ input }) => ({
        example: await (await open(input.folder)).project.beside(input.id, input.direction),
      })),
      get: os.labels.get.handler(async ({ input }) => (await open(input.folder)).project.example(input.id)),
      annotate: os.labels.annotate.handler(async ({ input: { folder, ...annotation } }) =>
        (await open(folder)).project.annotate(annotation),
      ),
      remark: os.labels.remark.handler(async ({ input: { folder, ...change } }) => (await open(folder)).project.remark(change)),
      suggestion: os.labels.suggestion.handler(async ({ input }) => {
        const { project, learner } = await open(input.folder);
        return suggestedFor(project, learner, input.id);
      }),
      overlaps: os.labels.overlaps.handler(async ({ input }) => (await open(input.folder)).project.overlaps()),
      undo: os.labels.undo.handler(async ({ input }) => (await open(input.folder)).project.undo()),
      redo: os.labels.redo.handler(async ({ input }) => (await open(input.folder)).project.redo()),
    },
    learning: {
      watch: os.learning.watch.handler(async function* ({ input, signal = new AbortController().signal }) {
        yield* worded((await open(input.folder)).learner.watch(signal));
      }),
      queue: os.learning.queue.handler(async ({ input: { folder, ...request } }) => {
        const { learner } = await open(folder);
        return queueOf(learner, request);
      }),
      suspects: os.learning.suspects.handler(async ({ input: { folder, ...page } }) => {
        const { project, learner } = await open(folder);
        return suspectsOf(project, learner, page);
      }),
      confirm: os.learning.confirm.handler(async ({ input }) => {
        await (await open(input.folder)).project.confirmLabels(input.id);
        return {};
      }),
    },
    annotators: {
      report: os.annotators.report.handler(async ({ input }) => {
        const { project } = await open(input.folder);
        const [agreement, { origin }] = await Promise.all([project.agreement(), project.exchangeIdentity()]);
        return { agreement, isCopy: origin !== null };
      }),
      disagreements: os.annotators.disagreements.handler(async ({ input }) => (await open(input.folder)).project.disagreements()),
      get: os.annotators.get.handler(async ({ input }) => (await open(input.folder)).project.disagreement(input.id)),
      settle: os.annotators.settle.handler(async ({ input: { folder, ...settled } }) => (await open(folder)).project.settle(settled)),
      send: os.annotators.send.handler(async ({ input: { folder, share, withLabels } }) => {
        const { project } = await open(folder);
        const output = join(folder, 'exports', exchangeFileName(await project.summary(), withLabels));
        return writeExchange(project, { output, share, withLabels });
      }),
      take: os.annotators.take.handler(async ({ input: { folder, source, as } }) => {
        const { project } = await open(folder);
        const { file, fileName } = await uploads.find(source);
        return takeExchange(project, { file: await readExchange(file, fileName), fileName, as });
      }),
      remove: os.annotators.remove.handler(async ({ input: { folder, annotator } }) => ({
        removed: await (await open(folder)).project.removeAnswers(annotator),
      })),
      open: os.annotators.open.handler(async ({ input }) => {
        const { file, fileName } = await uploads.find(input.source);
        return projects.createFromExchange({ file: await readExchange(file, fileName), fileName });
      }),
    },
    suggestions: {
      outlook: os.suggestions.outlook.handler(async ({ input }) => (await open(input.folder)).suggesting.outlook(input.run, input.timed)),
      make: os.suggestions.make.handler(async function* ({ input, signal }) {
        const { suggesting } = await open(input.folder);
        const make = async (call: Call<{ done: number; total: number }>) => ({ predicted: await suggesting.make(input.run, call) });
        yield* worded(callEvents(make, signal));
      }),
      review: os.suggestions.review.handler(async ({ input, signal }) => reviews.begin((await open(input.folder)).project, input, signal)),
      sample: os.suggestions.sample.handler(async ({ input: { folder, ...asked } }) => reviews.sample((await open(folder)).project, asked)),
      approve: os.suggestions.approve.handler(async function* ({ input: { folder, ...asked }, signal }) {
        const { project } = await open(folder);
        const approve = async (call: Call<{ done: number; total: number }>) => ({ changed: await reviews.approve(project, asked, call) });
        yield* worded(callEvents(approve, signal));
      }),
    },
    models: { list: os.models.list.handler(() => services.models()) },
    runs: {
      list: os.runs.list.handler(async ({ input }) => (await (await open(input.folder)).project.runs()).map(sealed)),
      get: os.runs.get.handler(async ({ input }) => sealed(await (await open(input.folder)).project.run(input.run))),
      estimate: os.runs.estimate.handler(async ({ input }) => (await open(input.folder)).runs.estimate(input.configuration)),
      start: os.runs.start.handler(async ({ input: { folder, ...run } }) => (await open(folder)).runs.start(run)),
      cancel: os.runs.cancel.handler(async ({ input }) => {
        await (await open(input.folder)).runs.cancel(input.run);
        return {};
      }),
      resume: os.runs.resume.handler(async ({ input }) => sealed(await (await open(input.folder)).runs.resume(input.run))),
      remove: os.runs.remove.handler(async ({ input }) => {
        const { project, runs, suggesting } = await open(input.folder);
        await Promise.all([runs.cancel(input.run), suggesting.stop(input.run)]);
        await project.removeRun(input.run);
        return {};
      }),
      watch: os.runs.watch.handler(async function* ({ input }) {
        yield* worded((await open(input.folder)).runs.watch(input.run));
      }),
      compare: os.runs.compare.handler(async ({ input }) => (await open(input.folder)).runs.compare(...input.runs, { split: input.split })),
      flips: os.runs.flips.handler(async ({ input }) => (await open(input.folder)).runs.flips(...input.runs, input.split)),
      openTest: os.runs.openTest.handler(async ({ input }) => {
        const { project } = await open(input.folder);
        const openings = await project.countTestOpening(input.run);
        return { run: await project.run(input.run), openings };
      }),
    },
    exports: {
      data: os.exports.data.handler(async function* ({ input: { folder, format, output }, signal }) {
        const { project } = await open(folder);
        const file = output ?? join(folder, 'exports', dataFileName(await project.summary(), format));
        const write = async (call: Call<DataExportProgress>) => ({ report: await exportData(project, { format, output: file }, call) });
        yield* worded(callEvents(write, signal));
      }),
      create: os.exports.create.handler(async ({ input: { folder, run, formats, output = join(folder, 'exports', run) } }) => {
        const { runs } = await open(folder);
        return { ...(await runs.export(run, { formats, output, checkpoint: 'best' })), folder: resolve(output) };
      }),
      predict: os.exports.predict.handler(async ({ input }) => {
        const { runs } = await open(input.folder);
        const [{ label, labels, scores, spans }] = await runs.predict(input.run, [input.text]);
        return { label, labels, scores, spans };
      }),
    },
    settings: {
      get: os.settings.get.handler(() => projects.settings()),
      set: os.settings.set.handler(({ input }) => projects.changeSettings(input)),
    },
    devices: { list: os.devices.list.handler(() => services.devices()) },
  });
}
