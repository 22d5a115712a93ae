import type { Metrics, Run, Task } from '../../shared/domain.ts';
import { describeBase } from '../../engine/models/base.ts';
import { baseFolder } from './models.ts';

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

const figures = (task: Task, metrics: Metrics): [string, string][] =>
  task === 'ner'
    ? [
        ['entity F1 (strict)', percent(metrics.f1 ?? 0)],
        ['precision', percent(metrics.precision ?? 0)],
        ['recall', percent(metrics.recall ?? 0)],
      ]
    : [
        ['accuracy', percent(metrics.accuracy ?? 0)],
        ['macro F1', percent(metrics.macroF1 ?? 0)],
        ['log loss', (metrics.logLoss ?? 0).toFixed(3)],
      ];

const table = (task: Task, split: string, metrics: Metrics | null): string =>
  metrics
    ? `\n| ${split}, ${metrics.examples} examples | |\n| --- | --- |\n${figures(task, metrics)
        .map((row) => `| ${row.join(' | ')} |`)
        .join('\n')}\n`
    : '';

/** A run's own figures are those of its best epoch; of another last one only the validation is known. */
function figuresOf({ validation, test, figures, epochs }: Run, checkpoint: 'best' | 'last'): Pick<Run, 'validation' | 'test'> {
  const last = epochs.at(-1);
  if (checkpoint === 'best' || !last || last.epoch === figures?.bestEpoch) return { validation, test };
  return { validation: last.validation, test: null };
}

/** The README.md of an exported model, with the metadata the Hugging Face hub reads. */
export async function modelCard(run: Run, task: Task, checkpoint: 'best' | 'last'): Promise<string> {
  const { configuration: c } = run;
  const { validation, test } = figuresOf(run, checkpoint);
  const { name, licence } = await describeBase(baseFolder(c.base));
  const frozen = c.freeze.length > 0 ? c.freeze.join(', ') : 'none';
  return `---
${licence ? `license: ${licence.toLowerCase()}\n` : ''}base_model: ${name}
pipeline_tag: ${task === 'ner' ? 'token-classification' : 'text-classification'}
---

# ${run.name}

${name}, fine-tuned with Thaw to ${task === 'ner' ? 'find entities' : 'tell texts apart'}: ${run.labels.join(', ')}.
${licence ? `The base model's licence is ${licence}.` : "The base model's folder names no licence; see where it came from."}
${table(task, 'validation', validation)}${table(task, 'test', test)}
## Training

| setting | value |
| --- | --- |
| epochs (best) | ${c.epochs} (${run.figures?.bestEpoch ?? '–'}) |
| steps | ${run.figures?.steps ?? '–'} |
| learning rate, schedule, warm-up | ${c.learningRate}, ${c.schedule}, ${c.warmup} |
| batch size | ${c.batchSize * c.accumulate} |
| longest text | ${c.maxLength} tokens |
| frozen layers | ${frozen} |
| weight decay, clipping | ${c.weightDecay}, ${c.clip} |
| seed | ${c.seed} |
| examples and labels (content hash) | ${run.snapshot} |
`;
}
