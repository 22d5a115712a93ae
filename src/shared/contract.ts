/** All that crosses between a screen and a host, in one place. Implemented once in src/main/router.ts. */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import {
  annotationSchema,
  annotatorsReportSchema,
  baseModelSchema,
  comparisonSchema,
  dataExportEventSchema,
  dataFormatSchema,
  deviceSchema,
  disagreementSchema,
  estimateSchema,
  exampleSchema,
  exportReportSchema,
  fileFormatSchema,
  flipSchema,
  historyStepSchema,
  importEventSchema,
  labelNameSchema,
  labelPatchSchema,
  previewSchema,
  projectSummarySchema,
  remarkSchema,
  runConfigurationSchema,
  runEventSchema,
  runSchema,
  sentReportSchema,
  settingsChangeSchema,
  settingsSchema,
  splitSchema,
  suggestedSchema,
  takenReportSchema,
  taskSchema,
} from './domain.ts';
import { bulkChangeSchema, bulkEventSchema, bulkTargetSchema, examplePageSchema, pageQuerySchema, savedViewSchema } from './filter.ts';
import { learningStateSchema, queuePageSchema, queueRequestSchema, suspectPageSchema } from './learning.ts';
import { checkEventSchema, chosenMendSchema, evidencePageSchema, findingKindSchema } from './doctor.ts';
import { outlookSchema, percentSchema, reviewSchema, sampledSchema, suggestingEventSchema } from './suggestions.ts';
import { redrawOptionsSchema, redrawPreviewSchema } from './splits.ts';

const folder = z.object({ folder: z.string() });
const run = folder.extend({ run: z.string() });
const runs = folder.extend({ runs: z.tuple([z.string(), z.string()]), split: splitSchema });

const settings = z.object({ settings: settingsSchema, account: z.string() });

/** Every failure arrives as this defined error; `data` is an ErrorReport. */
const base = oc.errors({
  THAW: {
    status: 400,
    data: z.object({ code: z.string(), message: z.string(), remedy: z.string().optional(), place: z.any().optional() }),
  },
});

/** What was handed over by `files.give`, or a path on the host's machine. */
const source = z.union([z.object({ upload: z.string() }), z.object({ path: z.string().min(1) })]);

const importOptions = {
  source,
  format: z.enum(['auto', ...fileFormatSchema.options]).default('auto'),
  /** Default: the byte order mark's, else UTF-8. */
  encoding: z.string().optional(),
  /** Of csv; default: found. */
  delimiter: z.string().length(1).optional(),
  text: z.string().optional(),
  label: z.string().optional(),
  header: z.boolean().default(true),
  splitColumn: z.string().optional(),
  /** Column whose rows of one value go to one split together. */
  group: z.string().optional(),
  offsets: z.enum(['code-points', 'utf-16']).optional(),
  split: z.string().default('auto'),
};

/** How long a text may be: tokens of a base model. */
const lengths = {
  base: runConfigurationSchema.shape.base,
  maxLength: runConfigurationSchema.shape.maxLength,
};
const check = z.object({ check: z.string() });
/** What is mended of the file that was checked, while it is imported. */
const mended = check.extend({ mends: z.array(chosenMendSchema) });

export const contract = {
  projects: {
    /** Recently opened first. */
    list: base.output(z.array(projectSummarySchema)),
    samples: base.output(
      z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          task: taskSchema,
          description: z.string(),
          attribution: z.string(),
          examples: z.number().int(),
        }),
      ),
    ),
    createFromSample: base.input(z.object({ sample: z.string() })).output(projectSummarySchema),
    createFromFile: base
      .input(z.object({ name: z.string().min(1), task: taskSchema.optional(), mended: mended.optional(), ...importOptions }))
      .output(eventIterator(importEventSchema)),
    open: base.input(folder).output(projectSummarySchema),
    /** Asks the person for a folder in the system's own dialog; null when they choose none. Throws unavailable where the host has no dialog. */
    chooseFolder: base.output(z.object({ folder: z.string().nullable() })),
    forget: base.input(folder).output(z.object({})),
  },
  files: {
    /** Takes files over, from a page that knows no paths; a folder's under their paths from it on, in as many calls as it takes. */
    give: base
      .input(
        z.object({
          upload: z.string().nullable(),
          parts: z.array(z.object({ path: z.string().min(1), content: z.instanceof(Blob) })).min(1),
        }),
      )
      .output(z.object({ upload: z.string() })),
    drop: base.input(z.object({ upload: z.string() })).output(z.object({})),
    /** The first rows as an import with these options would read them. */
    preview: base.input(z.object({ task: taskSchema.optional(), ...importOptions })).output(previewSchema),
  },
  data: {
    page: base.input(pageQuerySchema.extend(folder.shape)).output(examplePageSchema),
    /** How many a listing has, once all are found. */
    count: base.input(folder.extend({ listing: z.number().int() })).output(z.object({ total: z.number().int() })),
    /** One change of many examples, which is one step of the history. */
    change: base.input(folder.extend({ target: bulkTargetSchema, change: bulkChangeSchema })).output(eventIterator(bulkEventSchema)),
    /** Filters that were kept under names. */
    views: base.input(folder).output(z.array(savedViewSchema)),
    /** A view of that name is replaced. Throws wrong_format for a query that cannot be read. */
    saveView: base
      .input(folder.extend({ name: z.string().trim().min(1).max(60), query: z.string().min(1).max(2000) }))
      .output(z.array(savedViewSchema)),
    removeView: base.input(folder.extend({ id: z.number().int() })).output(z.array(savedViewSchema)),
    add: base.input(folder.extend({ mended: mended.optional(), ...importOptions })).output(eventIterator(importEventSchema)),
  },
  /** The import doctor. A check is kept, for the texts behind its findings, until it is closed or the next begins. */
  checks: {
    /** Examines a file before it is imported, into the project of `folder` or (null) a new one. Whoever stops listening ends the check. */
    file: base
      .input(z.object({ folder: z.string().nullable(), task: taskSchema.optional(), ...importOptions, ...lengths }))
      .output(eventIterator(checkEventSchema)),
    /** Examines a project's data. */
    project: base.input(folder.extend(lengths)).output(eventIterator(checkEventSchema)),
    evidence: base
      .input(check.extend({ finding: findingKindSchema, offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) }))
      .output(evidencePageSchema),
    /** Mends the project's data as one change that can be undone. */
    mend: base.input(mended).output(z.object({ changed: z.number().int(), project: projectSummarySchema })),
    close: base.input(check).output(z.object({})),
  },
  splits: {
    /** What drawing the splits anew would change; `plan` names it for `apply`. */
    preview: base.input(folder.extend(redrawOptionsSchema.shape)).output(redrawPreviewSchema.extend({ plan: z.string() })),
    /** Does what was shown last, as one change that can be undone. */
    apply: base.input(folder.extend({ plan: z.string() })).output(projectSummarySchema),
    /** Confirms that a test set which has been used may change, until its figures are opened again. */
    unlockTest: base.input(folder).output(projectSummarySchema),
  },
  labels: {
    create: base.input(folder.extend({ name: labelNameSchema })).output(projectSummarySchema),
    /** Renames, recolours, or says when to give it. A look that another label has is exchanged with it. */
    update: base.input(folder.extend({ id: z.number().int(), patch: labelPatchSchema })).output(projectSummarySchema),
    /** Puts a label at `position` of the list, counted from 0. */
    move: base.input(folder.extend({ id: z.number().int(), position: z.number().int().nonnegative() })).output(projectSummarySchema),
    /** Texts that have it alone become unlabeled; in lists of labels and among spans it is left out. */
    remove: base.input(folder.extend({ id: z.number().int() })).output(projectSummarySchema),
    /** What carries the label carries `into` from now on. */
    merge: base.input(folder.extend({ id: z.number().int(), into: z.number().int() })).output(projectSummarySchema),
    /** The next example to label, in the project's order: unlabeled and not skipped; null when there is none. */
    next: base.input(folder.extend({ after: z.number().int().nullable() })).output(z.object({ example: exampleSchema.nullable() })),
    /** The example before or after that one, in the project's order; null at the end. */
    beside: base
      .input(folder.extend({ id: z.number().int(), direction: z.enum(['earlier', 'later']) }))
      .output(z.object({ example: exampleSchema.nullable() })),
    get: base.input(folder.extend({ id: z.number().int() })).output(exampleSchema),
    /** Acknowledged once it is on disk. */
    annotate: base
      .input(folder.extend({ id: z.number().int(), annotation: annotationSchema, skipped: z.boolean().default(false) }))
      .output(exampleSchema),
    /** A note, and whether the person is unsure; no part of the label. */
    remark: base.input(folder.extend({ id: z.number().int(), remark: remarkSchema })).output(exampleSchema),
    /**
     * What the newest run that predicted the example says of it, or the head that learns meanwhile, where that knows clearly more labels than
     * the run; null where neither does, for test texts, which stay unseen by models, and for texts that measure the head, until they are labeled.
     */
    suggestion: base.input(folder.extend({ id: z.number().int() })).output(suggestedSchema),
    /** Spans of the training examples, and how many of them a run leaves out because they overlap another one. */
    overlaps: base.input(folder).output(z.object({ spans: z.number().int(), leftOut: z.number().int() })),
    /** Takes back the project's last change of any kind, also one of an earlier sitting or of many examples. */
    undo: base.input(folder).output(historyStepSchema),
    redo: base.input(folder).output(historyStepSchema),
  },
  /** What is learned while one labels. */
  learning: {
    /** The state, and each that follows. Learning begins with the first who listens, and ends a while after the last has left. */
    watch: base.input(folder).output(eventIterator(learningStateSchema)),
    /**
     * The unlabeled training texts that come first by a measure, with one in `randomEvery` drawn at random; begins learning where nobody does.
     * @throws unavailable, with a sentence, where that queue cannot be had (yet)
     */
    queue: base.input(folder.extend(queueRequestSchema.shape)).output(queuePageSchema),
    /**
     * Labels of training texts that look wrong, the worst first.
     * @throws unavailable, with a sentence, while there is no head
     */
    suspects: base
      .input(folder.extend({ offset: z.number().int().nonnegative().default(0), limit: z.number().int().min(1).max(500).default(50) }))
      .output(suspectPageSchema),
    /** A person says that a text's label is right: it is no suspect any more, until it changes. */
    confirm: base.input(folder.extend({ id: z.number().int() })).output(z.object({})),
  },
  /** Several annotators: texts go out and answers come in by exchange files; see docs/decisions/annotators.md. */
  annotators: {
    /** `isCopy`: the texts are of another project, which the answers go back to. */
    report: base.input(folder).output(z.object({ agreement: annotatorsReportSchema, isCopy: z.boolean() })),
    /** Ids of the texts on which answers differ. */
    disagreements: base.input(folder).output(z.array(z.object({ id: z.number().int(), settled: z.boolean() }))),
    get: base.input(folder.extend({ id: z.number().int() })).output(disagreementSchema),
    /** Makes it the project's label, as one change that can be undone. */
    settle: base.input(folder.extend({ id: z.number().int(), annotation: annotationSchema })).output(exampleSchema),
    /** Writes an exchange file, in the project's folder. `share`: draws so many texts; null: all. */
    send: base.input(folder.extend({ share: z.number().int().positive().nullable(), withLabels: z.boolean() })).output(sentReportSchema),
    /** Takes answers in. `as`: whose they are, whatever the file says; null: as it says. */
    take: base.input(folder.extend({ source, as: z.string().trim().min(1).max(100).nullable() })).output(takenReportSchema),
    /** Removes what exchange files brought of one annotator. */
    remove: base.input(folder.extend({ annotator: z.string() })).output(z.object({ removed: z.number().int() })),
    /** Makes a project of the texts of an exchange file. */
    open: base.input(z.object({ source })).output(projectSummarySchema),
  },
  suggestions: {
    /** What a run has not said yet of the texts that wait to be labeled, and what that would take. */
    outlook: base.input(run.extend({ timed: z.boolean().default(true) })).output(outlookSchema),
    /** Predicts it. Whoever stops listening stops it; what is done by then stays. */
    make: base.input(run).output(eventIterator(suggestingEventSchema)),
    /** All suggestions of a run, or those for some texts, as they are now, by how sure it is. */
    review: base.input(run.extend({ target: bulkTargetSchema.nullable().default(null) })).output(reviewSchema),
    /** Some of those at or above a percent, in proportion to their labels; the same for the same seed. */
    sample: base
      .input(folder.extend({ review: z.string(), percent: percentSchema, size: z.number().int().min(1).max(200), seed: z.number().int() }))
      .output(z.object({ above: z.number().int(), texts: z.array(sampledSchema) })),
    /** Those at or above a percent, but for some, become labels: one step of the history. Whoever stops listening cancels it. */
    approve: base
      .input(folder.extend({ review: z.string(), percent: percentSchema, except: z.array(z.number().int()).max(200) }))
      .output(eventIterator(bulkEventSchema)),
  },
  models: {
    list: base.output(z.array(baseModelSchema)),
  },
  runs: {
    list: base.input(folder).output(z.array(runSchema)),
    get: base.input(run).output(runSchema),
    /** What a run would take, before it is started. */
    estimate: base.input(folder.extend({ configuration: runConfigurationSchema })).output(estimateSchema),
    start: base.input(folder.extend({ name: z.string().min(1), configuration: runConfigurationSchema })).output(runSchema),
    cancel: base.input(run).output(z.object({})),
    /** Goes on from the newest checkpoint of a run that was interrupted, cancelled or failed. */
    resume: base.input(run).output(runSchema),
    remove: base.input(run).output(z.object({})),
    /** Live events of a run; past steps of a running one come first; ends with the run. */
    watch: base.input(run).output(eventIterator(runEventSchema)),
    compare: base.input(runs).output(comparisonSchema),
    flips: base.input(runs).output(z.array(flipSchema)),
    /** Opens the test figures, which are closed until asked for, and counts the openings. */
    openTest: base.input(run).output(z.object({ run: runSchema, openings: z.number().int() })),
  },
  exports: {
    /** Writes texts and labels into a file, in the project's folder unless said otherwise. Whoever stops listening cancels it. */
    data: base
      .input(folder.extend({ format: dataFormatSchema, output: z.string().min(1).optional() }))
      .output(eventIterator(dataExportEventSchema)),
    create: base
      .input(run.extend({ formats: z.array(z.enum(['huggingface', 'onnx'])).min(1), output: z.string().optional() }))
      .output(exportReportSchema.extend({ folder: z.string() })),
    predict: base.input(run.extend({ text: z.string().min(1) })).output(
      z.object({
        label: z.string().nullable(),
        /** Multi-label: those that reach their threshold. */
        labels: z.array(z.string()).optional(),
        scores: z.array(z.object({ label: z.string(), score: z.number() })),
        spans: z.array(z.object({ start: z.number(), end: z.number(), label: z.string(), score: z.number() })).nullable(),
      }),
    ),
  },
  settings: {
    /** `account`: whose name changes are signed with where `annotator` is empty. */
    get: base.output(settings),
    /** Fields left out stay as they are. */
    set: base.input(settingsChangeSchema).output(settings),
  },
  devices: { list: base.output(z.array(deviceSchema)) },
};
