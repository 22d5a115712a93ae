/** The host's side of the database threads: a project as an object whose methods are answered there. */
import { join, resolve } from 'node:path';
import { pageQuerySchema } from '../../shared/filter.ts';
import type { OpenOptions } from './open.ts';
import type { OperationName, ThreadData } from './protocol.ts';
import type { Project } from './project.ts';
import type { DatabaseThread } from './thread.ts';
import { start } from './thread.ts';

/** A second thread that only reads, started when it is first needed: whatever has to look through many rows keeps nobody who labels waiting. */
class Reader {
  private readonly data: ThreadData;
  private started: Promise<DatabaseThread> | null;

  /** `own`: a thread that reads already. */
  constructor(data: ThreadData, own: DatabaseThread | null) {
    this.data = data;
    this.started = own && Promise.resolve(own);
  }

  async thread(): Promise<DatabaseThread> {
    const known = this.started;
    if (known && (await known).isOpen()) return known;
    if (this.started !== known) return this.thread();
    const starting = start(this.data);
    starting.catch(() => (this.started = null));
    return (this.started = starting);
  }

  async close(): Promise<void> {
    const thread = await this.started?.catch(() => null);
    await thread?.close();
  }
}

/**
 * Opens a project's folder, or makes one there with `create`. One process writes to a project at a time; readers come beside it.
 * Throws unknown_project, project_in_use, newer_project, damaged_file, file_unreadable, disk_full.
 */
export async function openProject(folder: string, options: OpenOptions = {}): Promise<Project> {
  const path = resolve(folder);
  const openedAt = new Date().toISOString();
  const thread = await start({ folder: path, options, openedAt });
  const reader = new Reader({ folder: path, options: { readonly: true }, openedAt }, options.readonly ? thread : null);
  const call =
    <Given extends unknown[], Result>(operation: OperationName) =>
    (...given: Given) =>
      thread.call<Result>(operation, given);
  /** Answered by the thread that only reads; once the project is closed, by the other one, which says so. */
  const lookingThread = async () => (thread.isOpen() ? reader.thread() : thread);
  const look =
    <Given extends unknown[], Result>(operation: OperationName) =>
    async (...given: Given) =>
      (await lookingThread()).call<Result>(operation, given);
  return {
    folder: path,
    runDirectory: (run) => join(path, 'runs', run),
    isOpen: () => thread.isOpen(),
    async close() {
      await reader.close();
      await thread.close();
    },
    importFile: (importOptions, watch) => thread.call('importFile', [importOptions], watch),
    summary: look('summary'),
    indexed: call('indexed'),
    page: async (query, watch) => (await lookingThread()).call('page', [pageQuerySchema.parse(query)], watch),
    count: async (listing, watch) => (await lookingThread()).call('count', [listing], watch),
    listed: async (listing, watch) => (await lookingThread()).call('listed', [listing], watch),
    async changeMany(target, change, watch) {
      const except = new Set('except' in target ? target.except : []);
      const ids =
        'ids' in target
          ? Uint32Array.from(target.ids)
          : (await (await lookingThread()).call<Uint32Array>('listed', [target.listing], watch)).filter((id) => !except.has(id));
      return thread.call('changeMany', [{ ids, change }], watch);
    },
    views: call('views'),
    saveView: call('saveView'),
    removeView: call('removeView'),
    next: call('next'),
    beside: call('beside'),
    example: call('example'),
    examples: call('examples'),
    examplesAfter: look('examplesAfter'),
    columnsAfter: look('columnsAfter'),
    annotate: call('annotate'),
    remark: call('remark'),
    suggestion: call('suggestion'),
    suggestionFacts: look('suggestionFacts'),
    onChange: (listener) => thread.onChange(listener),
    changeMark: look('changeMark'),
    changedSince: look('changedSince'),
    drawTraining: look('drawTraining'),
    learningExamples: look('learningExamples'),
    labelNames: look('labelNames'),
    addDraws: call('addDraws'),
    answerDraws: call('answerDraws'),
    confirmLabels: call('confirmLabels'),
    confirmedLabels: look('confirmedLabels'),
    draws: look('draws'),
    draw: look('draw'),
    openPredictions: look('openPredictions'),
    predictingRuns: look('predictingRuns'),
    countUnpredicted: look('countUnpredicted'),
    unpredictedAfter: look('unpredictedAfter'),
    waitingSuggestions: look('waitingSuggestions'),
    suggestionsOf: look('suggestionsOf'),
    addPredictions: call('addPredictions'),
    approve: (run, ids, watch) => thread.call('approve', [{ run, ids }], watch),
    overlaps: call('overlaps'),
    lastExample: call('lastExample'),
    exchangeIdentity: call('exchangeIdentity'),
    outgoing: look('outgoing'),
    findSent: call('findSent'),
    recordOrigin: call('recordOrigin'),
    takeAnswers: call('takeAnswers'),
    removeAnswers: call('removeAnswers'),
    agreement: look('agreement'),
    disagreements: look('disagreements'),
    disagreement: call('disagreement'),
    settle: call('settle'),
    undo: call('undo'),
    redo: call('redo'),
    createLabel: call('createLabel'),
    updateLabel: call('updateLabel'),
    moveLabel: call('moveLabel'),
    deleteLabel: call('deleteLabel'),
    mergeLabel: call('mergeLabel'),
    signAs: call('signAs'),
    unlockTest: call('unlockTest'),
    applySplits: call('applySplits'),
    mend: call('mend'),
    snapshot: call('snapshot'),
    sampleTexts: call('sampleTexts'),
    createRun: call('createRun'),
    updateRun: call('updateRun'),
    runs: call('runs'),
    run: call('run'),
    removeRun: call('removeRun'),
    addEpoch: call('addEpoch'),
    dropEpochs: call('dropEpochs'),
    savePredictions: call('savePredictions'),
    predictions: call('predictions'),
    countTestOpening: call('countTestOpening'),
  };
}
