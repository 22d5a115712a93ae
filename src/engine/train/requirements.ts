/** What data must offer before a run starts. Checked in the host, so that a refusal comes at once. */
import type { Span, Split, Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';

/** A labeled example of a snapshot. */
export interface LabeledExample {
  id: number;
  text: string;
  split: Split;
  label: string | null;
  spans: Span[] | null;
  /** The text is tokens joined by single spaces. */
  pretokenized?: boolean;
}

const labelsOf = (example: LabeledExample): string[] =>
  example.spans ? example.spans.map((span) => span.label) : example.label === null ? [] : [example.label];

function labelsIn(examples: LabeledExample[], splits: Split[]): Set<string> {
  return new Set(examples.filter((example) => splits.includes(example.split)).flatMap(labelsOf));
}

/** The labels a run learns or is measured on: those that occur in its examples, in the project's order. */
export function usedLabels(labels: string[], examples: LabeledExample[]): string[] {
  const used = labelsIn(examples, ['train', 'validation', 'test']);
  return labels.filter((label) => used.has(label));
}

/** Labels of validation or test examples that no training example has: a model cannot learn them. */
export function untrainedLabels(examples: LabeledExample[]): string[] {
  const trained = labelsIn(examples, ['train']);
  return [...labelsIn(examples, ['validation', 'test'])].filter((label) => !trained.has(label)).sort();
}

/** @throws not_enough_data when the examples cannot be trained on or there is nothing to choose the best epoch by. */
export function checkExamples(task: Task, examples: LabeledExample[]): void {
  const count = (split: Split) => examples.filter((example) => example.split === split).length;
  if (count('train') === 0)
    throw notEnough('The training split has no labeled examples.', 'Label some, or import a file with --split train.');
  const trained = labelsIn(examples, ['train']);
  if (task === 'classification' && trained.size < 2)
    throw notEnough(`The training examples have one class only: “${[...trained][0]}”.`, 'Label examples of at least one other class.');
  if (task === 'ner' && trained.size === 0)
    throw notEnough('The training examples have no entities.', 'Mark at least one entity in a training example.');
  if (count('validation') === 0)
    throw notEnough(
      'The validation split has no labeled examples; the best epoch is chosen by it.',
      'Label some, or import a file with --split validation.',
    );
}

const notEnough = (message: string, remedy: string) => new ThawError({ code: 'not_enough_data', message, remedy });
