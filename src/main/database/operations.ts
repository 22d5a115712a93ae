/** Everything the database thread does for its host, by name. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { hasCheckpoint } from '../../engine/train/checkpoints.ts';
import type {
  Annotation,
  Epoch,
  HistoryStep,
  ImportProgress,
  ImportReport,
  LabelPatch,
  Prediction,
  ProjectSummary,
  Remark,
  Run,
  Split,
} from '../../shared/domain.ts';
import { annotate, remark } from './annotate.ts';
import { agreementReport, disagreements, outgoing, readDisagreement, removeAnswers, settle, takeAnswers } from './answers.ts';
import type { IncomingAnswer } from './answers.ts';
import { approveSuggestions } from './approve.ts';
import type { ApprovedSuggestions } from './approve.ts';
import { changeMany } from './bulk.ts';
import type { ManyExamples } from './bulk.ts';
import { isLong, moveInPieces, nextTouchesLabels, redo, undo } from './history.ts';
import type { MendPlan } from '../doctor/index.ts';
import type { Moves } from '../splits/index.ts';
import { createLabel, deleteLabel, mergeLabel, moveLabel, updateLabel } from './labels.ts';
import { applySplits, mend } from './mend.ts';
import { liveOwner } from './owner.ts';
import type { SearchIndexer } from './search-index.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import type { ExamplePage, PageQuery, SavedView } from '../../shared/filter.ts';
import type { ImportOptions } from '../import/index.ts';
import { drawTraining } from './learning-pool.ts';
import type { TrainingLimits } from './learning-pool.ts';
import { Listings } from './listings.ts';
import { sampleTexts } from './text-sample.ts';
import { importFile } from './staging.ts';
import { confirmedLabels, confirmLabels } from './tables/confirmed.ts';
import { addDraws, answerDraws, listDraws } from './tables/draws.ts';
import type { DrawAnswer } from './tables/draws.ts';
import { deleteEpochsAfter, storeEpoch } from './tables/epochs.ts';
import { columnsAfter, countExamples, exampleBeside, examplesAfter, nextToLabel, readExample, readExamples } from './tables/examples.ts';
import { listLabels } from './tables/labels.ts';
import { changedSince, labelNames, learningExamples, readMark, suggestionFacts } from './tables/learning.ts';
import type { ChangeMark } from './tables/learning.ts';
import { openPredictions, predictingRuns } from './tables/open-predictions.ts';
import { addPredictions, listPredictions, replacePredictions } from './tables/predictions.ts';
import { readProject } from './tables/project.ts';
import { countOverlaps } from './tables/spans.ts';
import { addTestOpening, checkRemovable, countRuns, deleteRun, insertRun, listRuns, patchRun, readRun } from './tables/runs.ts';
import type { NewRun, RunPatch } from './tables/runs.ts';
import { exchangeIdentity, recordOrigin, sentFinder } from './tables/sent.ts';
import type { SentKey } from './tables/sent.ts';
import {
  countUnpredicted,
  forgetSuggestions,
  suggestionFor,
  unpredictedAfter,
  waitingSuggestion,
  waitingSuggestions,
} from './tables/suggestions.ts';
import type { SuggestedLabels } from './tables/suggestions.ts';
import { deleteView, listViews, storeView } from './tables/views.ts';
import { isTestLocked, lockTest } from './test-lock.ts';
import { unsynced } from './unsynced.ts';

export interface OperationContext {
  database: Database;
  folder: string;
  readonly: boolean;
  openedAt: string;
  /** Who makes the changes. */
  annotator: string;
  /** Ends when the import or the snapshot before it has; one at a time. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  indexer: SearchIndexer;
}

/** What every operation gets besides its arguments. */
export interface CallContext<Progress = never> {
  signal: AbortSignal;
  progress: (progress: Progress) => void;
}

export type Operations = ReturnType<typeof createOperations>;

export function createOperations(context: OperationContext) {
  const { database, folder } = context;
  const listings = new Listings(database);
  // Changes that are made in pieces keep others waiting, so that the history stays one line.
  let long: Promise<void> | null = null;
  const inTurn = <T>(work: () => T): T | Promise<T> => (long ? long.then(() => inTurn(work)) : work());
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = (long ?? Promise.resolve()).then(work);
    const ended: Promise<void> = mine.then(
      () => {},
      () => {},
    );
    long = ended;
    void ended.then(() => (long = long === ended ? null : long));
    return mine;
  };
  const step = async (kind: 'undo' | 'redo'): Promise<HistoryStep> => {
    const take = () =>
      inTurn((): HistoryStep | Promise<HistoryStep> => {
        if (isLong(database, kind)) return alone(() => moveInPieces(database, context.annotator, kind));
        return (kind === 'undo' ? undo : redo)(database, context.annotator);
      });
    return nextTouchesLabels(database, kind) ? context.exclusively(async () => take()) : take();
  };
  const summarized = (work: () => void): ProjectSummary => {
    work();
    return summary(context);
  };
  // An import under way counts on the labels it has found.
  const afterImports = (work: () => void) => context.exclusively(async () => inTurn(() => summarized(work)));
  return {
    summary: () => summary(context),
    indexed: (): Promise<void> => context.indexer.catchUp(),
    page: (query: PageQuery, { signal }: CallContext): Promise<ExamplePage> => listings.page(query, signal),
    listed: (listing: number, { signal }: CallContext): Promise<Uint32Array> => listings.ids(listing, signal),
    count: async (listing: number, { signal }: CallContext): Promise<number> => (await listings.ids(listing, signal)).length,
    views: () => listViews(database),
    saveView: ({ name, query }: Omit<SavedView, 'id'>): SavedView[] => {
      storeView(database, name, query);
      return listViews(database);
    },
    removeView: (id: number): SavedView[] => {
      deleteView(database, id);
      return listViews(database);
    },
    next: (after: number | null) => nextToLabel(database, after),
    beside: (id: number, direction: 'earlier' | 'later') => exampleBeside(database, id, direction),
    example: (id: number) => readExample(database, id),
    examples: (ids: number[]) => readExamples(database, ids),
    examplesAfter: (after: number, limit: number) => examplesAfter(database, after, limit),
    columnsAfter: (after: number, limit: number) => columnsAfter(database, after, limit),
    annotate: (change: { id: number; annotation: Annotation; skipped: boolean }) =>
      inTurn(() => annotate(database, context.annotator, change)),
    remark: (change: { id: number; remark: Remark }) => inTurn(() => remark(database, context.annotator, change)),
    suggestion: (id: number) => suggestionFor(database, id),
    suggestionFacts: (id: number, run: string | null) => suggestionFacts(database, id, run),
    overlaps: () => countOverlaps(database),
    changeMark: () => readMark(database),
    changedSince: (mark: ChangeMark) => changedSince(database, mark),
    drawTraining: (after: number, limits: TrainingLimits) => drawTraining(database, after, limits),
    learningExamples: (ids: number[]) => learningExamples(database, ids),
    labelNames: () => labelNames(database),
    addDraws: (examples: number[]) => addDraws(database, examples),
    answerDraws: (answers: DrawAnswer[]) => answerDraws(database, answers),
    draws: () => listDraws(database),
    draw: (id: number) => listDraws(database, id).at(0) ?? null,
    confirmLabels: (id: number) => inTurn(() => confirmLabels(database, context.annotator, id)),
    confirmedLabels: () => confirmedLabels(database),
    openPredictions: (run: string) => openPredictions(database, run),
    predictingRuns: (limit: number) => predictingRuns(database, limit),
    lastExample: () => readProject(database).visibleExamples,
    exchangeIdentity: () => exchangeIdentity(database),
    outgoing: (ids: number[]) => outgoing(database, ids),
    findSent: (origins: number[]) => origins.map(sentFinder(database)),
    recordOrigin: (sent: { origin: string; keys: SentKey[]; after: number }) => recordOrigin(database, sent),
    takeAnswers: (answers: IncomingAnswer[]) => alone(() => takeAnswers(database, context.annotator, answers)),
    removeAnswers: (annotator: string) => inTurn(() => removeAnswers(database, annotator)),
    agreement: () => agreementReport(database),
    disagreements: () => disagreements(database),
    disagreement: (id: number) => readDisagreement(database, id),
    settle: (change: { id: number; annotation: Annotation }) => inTurn(() => settle(database, context.annotator, change)),
    countUnpredicted: (run: string, after: number) => countUnpredicted(database, run, after),
    unpredictedAfter: (run: string, after: number, limit: number) => unpredictedAfter(database, run, after, limit),
    waitingSuggestions: (run: string, after: number) => waitingSuggestions(database, run, after),
    suggestionsOf: (run: string, ids: number[]): (SuggestedLabels | null)[] => ids.map(waitingSuggestion(database, run)),
    /** They can be made again, where a power failure takes the last of them. */
    addPredictions: (run: string, split: 'train' | 'validation', predictions: Prediction[]) =>
      inTurn(() => unsynced(database, () => addPredictions(database, run, split, predictions))),
    approve: (approved: ApprovedSuggestions, call: CallContext<{ done: number; total: number }>): Promise<number> =>
      alone(() => approveSuggestions(database, context.annotator, approved, call)),
    undo: () => step('undo'),
    redo: () => step('redo'),
    changeMany: (many: ManyExamples, call: CallContext<{ done: number; total: number }>): Promise<number> =>
      alone(() => changeMany(database, context.annotator, many, call)),
    createLabel: (name: string) => inTurn(() => summarized(() => createLabel(database, context.annotator, name))),
    updateLabel: (change: { id: number; patch: LabelPatch }) =>
      inTurn(() => summarized(() => updateLabel(database, context.annotator, change))),
    moveLabel: (change: { id: number; position: number }) => inTurn(() => summarized(() => moveLabel(database, context.annotator, change))),
    deleteLabel: (id: number) => afterImports(() => deleteLabel(database, context.annotator, id)),
    mergeLabel: (change: { id: number; into: number }) => afterImports(() => mergeLabel(database, context.annotator, change)),
    importFile: (options: ImportOptions, call: CallContext<ImportProgress>): Promise<ImportReport> =>
      context.exclusively(() => importFile(database, folder, options, call)),
    snapshot: (): Promise<Snapshot> => context.exclusively(() => takeSnapshot(database, folder)),
    signAs: (annotator: string) => {
      context.annotator = annotator;
    },
    sampleTexts: () => sampleTexts(folder),
    createRun: (run: NewRun): Run => database.transaction(() => insertRun(database, run)).immediate(),
    updateRun: (run: string, patch: RunPatch): Run => database.transaction(() => patchRun(database, run, patch)).immediate(),
    runs: (): Run[] => listRuns(database).map((run) => asSeen(run, context)),
    run: (run: string): Run => asSeen(readRun(database, run), context),
    removeRun: (run: string): Promise<void> => removeRun(database, folder, run),
    addEpoch: (run: string, epoch: Epoch) => storeEpoch(database, run, epoch),
    dropEpochs: (run: string, after: number) => deleteEpochsAfter(database, run, after),
    savePredictions: (run: string, split: Split, predictions: Prediction[]) =>
      database.transaction(() => replacePredictions(database, run, split, predictions)).immediate(),
    predictions: (run: string, split: Split): Prediction[] => listPredictions(database, readRun(database, run).run, split),
    countTestOpening: (run: string): number =>
      database
        .transaction(() => {
          lockTest(database, true);
          return addTestOpening(database, run);
        })
        .immediate(),
    unlockTest: () => summarized(() => lockTest(database, false)),
    applySplits: (moves: Moves) => afterImports(() => applySplits(database, context.annotator, moves)),
    mend: (plan: MendPlan): Promise<number> => context.exclusively(async () => inTurn(() => mend(database, context.annotator, plan))),
  };
}

function summary({ database, folder, openedAt }: OperationContext): ProjectSummary {
  const { name, task, attribution } = readProject(database);
  return {
    folder,
    name,
    task,
    ...countExamples(database),
    runs: countRuns(database),
    labels: listLabels(database, task),
    attribution,
    testLocked: isTestLocked(database),
    openedAt,
  };
}

/** A reader beside a dead writer sees its runs as the next writer will mark them. */
function asSeen(run: Run, { readonly, folder }: OperationContext): Run {
  const unfinished = run.status === 'queued' || run.status === 'running';
  const status = readonly && unfinished && !liveOwner(folder) ? 'interrupted' : run.status;
  const stopped = status === 'interrupted' || status === 'cancelled' || status === 'failed';
  return { ...run, status, ...(stopped && hasCheckpoint(join(folder, 'runs', run.run)) && { resumable: true }) };
}

/** What it says of unlabeled texts, which may be very much, goes first; then the row: a crash in between leaves files that nothing shows. */
async function removeRun(database: Database, folder: string, run: string): Promise<void> {
  checkRemovable(database, run);
  while (forgetSuggestions(database, run, 500)) await nextTurn();
  database.transaction(() => deleteRun(database, run)).immediate();
  const directory = join(folder, 'runs', run);
  if (!existsSync(directory)) return;
  const aside = join(folder, 'cache', `removed-${run}`);
  renameSync(directory, aside);
  rmSync(aside, { recursive: true, force: true });
}
