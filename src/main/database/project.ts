/** A project, as its host sees it. */
import type { z } from 'zod';
import type {
  Annotation,
  AnnotatorsReport,
  Disagreement,
  Epoch,
  Example,
  HistoryStep,
  ImportProgress,
  ImportReport,
  LabelPatch,
  Prediction,
  ProjectSummary,
  Remark,
  Run,
  Split,
  Suggestion,
  TakenReport,
} from '../../shared/domain.ts';
import type { pageQuerySchema } from '../../shared/filter.ts';
import type { BulkChange, BulkTarget, ExamplePage, SavedView } from '../../shared/filter.ts';
import type { ImportOptions } from '../import/index.ts';
import type { MendPlan } from '../doctor/index.ts';
import type { Moves } from '../splits/index.ts';
import type { DrawnTraining, TrainingLimits } from './learning-pool.ts';
import type { IncomingAnswer, OutgoingExample } from './answers.ts';
import type { Snapshot } from './snapshot.ts';
import type { StoredExample } from './tables/examples.ts';
import type { SuggestedLabels, UnpredictedText, WaitingSuggestion } from './tables/suggestions.ts';
import type { TextSample } from './text-sample.ts';
import type { Draw, DrawAnswer } from './tables/draws.ts';
import type { Changed, ChangeMark, LearningExample, SuggestionFacts } from './tables/learning.ts';
import type { OpenPrediction, PredictingRun } from './tables/open-predictions.ts';
import type { NewRun, RunPatch } from './tables/runs.ts';
import type { ExchangeIdentity, SentKey } from './tables/sent.ts';

/** What goes on while a long call is answered. */
export interface Call<Progress> {
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
}

export interface Project {
  /** Absolute. */
  folder: string;
  /** False once closed, or when its thread died. */
  isOpen(): boolean;
  summary(): Promise<ProjectSummary>;
  /** Resolves once the search index has every example; until then, the others are looked through. */
  indexed(): Promise<void>;
  /** Ends an import under way (nothing of it stays), lets the rest finish, and gives the project back. */
  close(): Promise<void>;
  /** Nothing of it is seen before it ends. Throws as readRows, wrong_format, disk_full, cancelled. */
  importFile(options: ImportOptions, call?: Call<ImportProgress>): Promise<ImportReport>;
  /** What is left out is at its default. Throws wrong_format (an expression that is none or takes too long), unknown_run, cancelled. */
  page(query: z.input<typeof pageQuerySchema>, call?: Call<never>): Promise<ExamplePage>;
  /** Once all of a listing is found. Throws unavailable for one that is out of date. */
  count(listing: number, call?: Call<never>): Promise<number>;
  /** Ids of a whole listing, in its order. Throws as count. */
  listed(listing: number, call?: Call<never>): Promise<Uint32Array>;
  /**
   * One change of many examples, one step of the history; how many it changed. Cancelled, it changes none. Throws unknown_label, wrong_format
   * (the change is not of the project's task), unavailable (the listing is out of date), cancelled.
   */
  changeMany(target: BulkTarget, change: BulkChange, call?: Call<{ done: number; total: number }>): Promise<number>;
  views(): Promise<SavedView[]>;
  /** A view of that name is replaced. */
  saveView(view: Omit<SavedView, 'id'>): Promise<SavedView[]>;
  removeView(id: number): Promise<SavedView[]>;
  /** The next to label after that one, and then from the start. */
  next(after: number | null): Promise<Example | null>;
  /** By id; null at the end. */
  beside(id: number, direction: 'earlier' | 'later'): Promise<Example | null>;
  example(id: number): Promise<Example>;
  examples(ids: number[]): Promise<Example[]>;
  /** Examples with an id above `after`, by id: all of them, a piece at a time. */
  examplesAfter(after: number, limit: number): Promise<StoredExample[]>;
  /** Names of the other columns of so many examples above `after`, and the last of those; null: there were none. */
  columnsAfter(after: number, limit: number): Promise<{ names: string[]; last: number | null }>;
  /** On disk when it returns. Throws unknown_label, wrong_format. */
  annotate(change: { id: number; annotation: Annotation; skipped: boolean }): Promise<Example>;
  /** On disk when it returns. */
  remark(change: { id: number; remark: Remark }): Promise<Example>;
  /** What the newest run that predicted the example says of it; null where none did, and for test texts. */
  suggestion(id: number): Promise<Suggestion | null>;
  /** What decides whether a run suggests or the head that learns meanwhile; null for an example that is not there. */
  suggestionFacts(id: number, run: string | null): Promise<SuggestionFacts | null>;
  /** Told after each change of examples or labels, of whatever kind, once it is on disk; gives what ends that. */
  onChange(listener: () => void): () => void;
  changeMark(): Promise<ChangeMark>;
  changedSince(mark: ChangeMark): Promise<Changed>;
  /** The training texts above an id that are labeled, or wait to be: of too many a part drawn evenly. */
  drawTraining(after: number, limits: TrainingLimits): Promise<DrawnTraining>;
  learningExamples(ids: number[]): Promise<LearningExample[]>;
  /** In the project's order. */
  labelNames(): Promise<{ id: number; name: string }[]>;
  /** Notes which texts were drawn at random. */
  addDraws(examples: number[]): Promise<void>;
  /** Notes what a head said of them before they were labeled. */
  answerDraws(answers: DrawAnswer[]): Promise<void>;
  draws(): Promise<Draw[]>;
  /** Of one text; null where it was not drawn. */
  draw(id: number): Promise<Draw | null>;
  /** Keeps that a text's present labels are right, though they look wrong. @throws unavailable for one without */
  confirmLabels(id: number): Promise<void>;
  /** Those labels by example, as labelsKey has them. */
  confirmedLabels(): Promise<Map<number, string>>;
  /** What the run said of training texts that wait to be labeled, by id. */
  openPredictions(run: string): Promise<OpenPrediction[]>;
  /** The newest runs that have such predictions, newest first. */
  predictingRuns(limit: number): Promise<PredictingRun[]>;
  /**
   * How many texts of a range of ids above `after` wait to be labeled and have no answer of the run; `last`: where the next range begins, null
   * after the last. Never of the test split. Throws unknown_run.
   */
  countUnpredicted(run: string, after: number): Promise<{ count: number; last: number | null }>;
  /** The same texts, up to `limit` of them; a piece may be empty and not the last. */
  unpredictedAfter(run: string, after: number, limit: number): Promise<{ texts: UnpredictedText[]; last: number | null }>;
  /** What the run says of the texts that wait to be labeled, of a range of ids above `after`. */
  waitingSuggestions(run: string, after: number): Promise<{ suggestions: WaitingSuggestion[]; last: number | null }>;
  /** One for each; null for a text that does not wait, or that the run says nothing of. */
  suggestionsOf(run: string, ids: number[]): Promise<(SuggestedLabels | null)[]>;
  /** What the run says of texts outside the test split. Throws unknown_run. */
  addPredictions(run: string, split: 'train' | 'validation', predictions: Prediction[]): Promise<void>;
  /**
   * What the run says of the texts becomes their label: one step of the history; how many it labeled. Left out are texts that do not wait to be
   * labeled any more. Cancelled, it labels none. Throws unknown_run, cancelled.
   */
  approve(run: string, ids: Uint32Array, call?: Call<{ done: number; total: number }>): Promise<number>;
  /** Spans of the training examples, and how many of them a run leaves out because they overlap another one. */
  overlaps(): Promise<{ spans: number; leftOut: number }>;
  /** Id of the example that was imported last; 0 without any. */
  lastExample(): Promise<number>;
  exchangeIdentity(): Promise<ExchangeIdentity>;
  /** In the order of `ids`, as an exchange file has them; null for those that did not come from the project that the file is for. */
  outgoing(ids: number[]): Promise<(OutgoingExample | null)[]>;
  /** Ids here of examples by their ids in the project of origin; null for those that are not here. */
  findSent(origins: number[]): Promise<(number | null)[]>;
  /** Notes that the examples after `after` are those of the project `origin`, in this order. */
  recordOrigin(sent: { origin: string; keys: SentKey[]; after: number }): Promise<void>;
  /** Keeps them beside the project's own labels, which stay as they are. Throws unavailable for a name that is taken, wrong_format. */
  takeAnswers(answers: IncomingAnswer[]): Promise<Omit<TakenReport, 'texts'>>;
  /** All that exchange files brought of one annotator; how many answers that were. No step of the history. */
  removeAnswers(annotator: string): Promise<number>;
  agreement(): Promise<AnnotatorsReport>;
  /** Examples of which answers differ, by id. */
  disagreements(): Promise<{ id: number; settled: boolean }[]>;
  disagreement(id: number): Promise<Disagreement>;
  /** Makes it the project's label, as one change. Throws unknown_label, wrong_format, test_locked. */
  settle(change: { id: number; annotation: Annotation }): Promise<Example>;
  /** Any kind of change, also one of an earlier sitting or of many examples. */
  undo(): Promise<HistoryStep>;
  redo(): Promise<HistoryStep>;
  createLabel(name: string): Promise<ProjectSummary>;
  /** Throws unknown_label, wrong_format for a name that is taken. */
  updateLabel(change: { id: number; patch: LabelPatch }): Promise<ProjectSummary>;
  moveLabel(change: { id: number; position: number }): Promise<ProjectSummary>;
  deleteLabel(id: number): Promise<ProjectSummary>;
  mergeLabel(change: { id: number; into: number }): Promise<ProjectSummary>;
  /** Who makes the changes from now on; before, the name of the account. */
  signAs(annotator: string): Promise<void>;
  /** Confirms that the test set may change, until its figures are opened again. */
  unlockTest(): Promise<ProjectSummary>;
  /** As one change. Throws test_locked. */
  applySplits(moves: Moves): Promise<ProjectSummary>;
  /** As one change; how many examples it was planned for. Throws test_locked. */
  mend(plan: MendPlan): Promise<number>;
  snapshot(): Promise<Snapshot>;
  sampleTexts(): Promise<Record<Split, TextSample>>;
  createRun(run: NewRun): Promise<Run>;
  updateRun(run: string, patch: RunPatch): Promise<Run>;
  runs(): Promise<Run[]>;
  run(run: string): Promise<Run>;
  removeRun(run: string): Promise<void>;
  addEpoch(run: string, epoch: Epoch): Promise<void>;
  /** Removes the epochs after this one, which a resumed run goes over again. */
  dropEpochs(run: string, after: number): Promise<void>;
  savePredictions(run: string, split: Split, predictions: Prediction[]): Promise<void>;
  predictions(run: string, split: Split): Promise<Prediction[]>;
  countTestOpening(run: string): Promise<number>;
  /** Where the run's checkpoints and exports lie. */
  runDirectory(run: string): string;
}
