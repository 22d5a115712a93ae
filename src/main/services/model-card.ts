import type { Metrics, Run, Task } from '../../shared/domain.ts';
import { thresholdsOf } from '../../shared/metrics.ts';
import { describeBase } from '../../engine/models/base.ts';
import type { Origin } from './origin.ts';

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

const figures = (task: Task, metrics: Metrics): [string, string][] =>
  task === 'ner'
    ? [
        ['entity F1 (strict)', percent(metrics.f1 ?? 0)],
        ['precision', percent(metrics.precision ?? 0)],
        ['recall', percent(metrics.recall ?? 0)],
      ]
    : task === 'multilabel'
      ? [
          ['micro F1', percent(metrics.microF1 ?? 0)],
          ['macro F1', percent(metrics.macroF1 ?? 0)],
          ['all labels right', percent(metrics.accuracy ?? 0)],
        ]
      : [
          ['accuracy', percent(metrics.accuracy ?? 0)],
          ['macro F1', percent(metrics.macroF1 ?? 0)],
          ['log loss', (metrics.logLoss ?? 0).toFixed(3)],
        ];

const purposes: Record<Task, string> = {
  classification: 'tell texts apart',
  multilabel: 'give texts the labels that apply',
  ner: 'find entities',
};

const table = (task: Task, split: string, metrics: Metrics | null): string =>
  metrics
    ? `\n| ${split}, ${metrics.examples} examples | |\n| --- | --- |\n${figures(task, metrics)
        .map((row) => `| ${row.join(' | ')} |`)
        .join('\n')}\n`
    : '';

/** Where a text may have several labels: from which probability on each is given. */
const thresholds = (metrics: Metrics | null): string =>
  metrics && thresholdsOf(metrics)
    ? `
## Labels

A label is given where its probability (the sigmoid of its logit) is its threshold or above. Each threshold is the one with the highest F1 on the
validation split; \`label_thresholds\` in config.json has them too.

| label | threshold | validation F1 |
| --- | --- | --- |
${metrics.perLabel.map(({ label, threshold = 0.5, f1 }) => `| ${label} | ${threshold.toFixed(3)} | ${percent(f1)} |`).join('\n')}
`
    : '';

/** A run's own figures are those of its best epoch; of another last one only the validation is known. */
function figuresOf({ validation, test, figures, epochs }: Run, checkpoint: 'best' | 'last'): Pick<Run, 'validation' | 'test'> {
  const last = epochs.at(-1);
  if (checkpoint === 'best' || !last || last.epoch === figures?.bestEpoch) return { validation, test };
  return { validation: last.validation, test: null };
}

/** What else decided the run: of a head that was solved for there are no steps to tell of. */
function settings({ configuration: c, figures, snapshot }: Run): [string, string][] {
  const steps: [string, string][] = c.headOnly
    ? [['head', `${figures?.notes?.[0] ?? 'solved for'}`]]
    : [
        ['epochs (best)', `${c.epochs} (${figures?.bestEpoch ?? '–'})`],
        ['steps', `${figures?.steps ?? '–'}`],
        ['learning rate, schedule, warm-up', `${c.learningRate}, ${c.schedule}, ${c.warmup}`],
        ['batch size', `${c.batchSize * c.accumulate}`],
        ['weight decay, clipping', `${c.weightDecay}, ${c.clip}`],
      ];
  return [
    ...steps,
    ['longest text', `${c.maxLength} tokens`],
    ['frozen layers', c.freeze.length > 0 ? c.freeze.join(', ') : 'none'],
    ...(c.lora > 0 ? ([['low-rank adapters, merged', `rank ${c.lora}, alpha ${2 * c.lora}`]] as [string, string][]) : []),
    ['seed', `${c.seed}`],
    ['examples and labels (content hash)', snapshot],
  ];
}

/** Oldest first: what was there, and the runs that were trained on it before this one. */
function lineOf(name: string, { scratch, runs }: Origin): string {
  const first = scratch === null ? name : `random weights (seed ${scratch})`;
  return [first, ...runs.map(({ run, checkpoint }) => `${run.name} (${run.run}, ${checkpoint} weights, ${run.snapshot.slice(0, 8)})`)].join(
    ' → ',
  );
}

/** The README.md of an exported model, with the metadata the Hugging Face hub reads. */
export async function modelCard(run: Run, task: Task, checkpoint: 'best' | 'last', origin: Origin): Promise<string> {
  const { validation, test } = figuresOf(run, checkpoint);
  const { name, licence } = await describeBase(origin.folder);
  const scratch = origin.scratch !== null;
  return `---
${scratch ? '' : `${licence ? `license: ${licence.toLowerCase()}\n` : ''}base_model: ${name}\n`}pipeline_tag: ${task === 'ner' ? 'token-classification' : 'text-classification'}
---

# ${run.name}

${scratch ? `A model of the architecture of ${name}, trained from random weights` : `${name}, fine-tuned`} with Thaw to ${purposes[task]}: ${run.labels.join(', ')}.
${licence ? `${scratch ? `${name}, whose tokenizer it has, is under` : "The base model's licence is"} ${licence}.` : `The ${scratch ? 'folder of that model' : "base model's folder"} names no licence; see where it came from.`}
${table(task, 'validation', validation)}${table(task, 'test', test)}${thresholds(validation)}
## Training

| setting | value |
| --- | --- |
${[['started from', lineOf(name, origin)], ...settings(run)].map((row) => `| ${row.join(' | ')} |`).join('\n')}
`;
}
