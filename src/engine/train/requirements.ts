/** What data must offer before a run starts. Checked in the host, so that a refusal comes at once. */
import { labelsNamed, type Span, type Split, type Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';

/** A labeled example of a snapshot. */
export interface LabeledExample {
  id: number;
  text: string;
  split: Split;
  label: string | null;
  /** Multi-label only. */
  labels?: string[];
  spans: Span[] | null;
  /** The text is tokens joined by single spaces. */
  pretokenized?: boolean;
}

function labelsIn(examples: LabeledExample[], splits: Split[]): Set<string> {
  return new Set(examples.filter((example) => splits.includes(example.split)).flatMap(labelsNamed));
}

/** The labels a run learns or is measured on: those that occur in its examples, in the project's order. */
export function usedLabels(labels: string[], examples: LabeledExample[]): string[] {
  const used = labelsIn(examples, ['train', 'validation', 'test']);
  return labels.filter((label) => used.has(label));
}

/**
 * @throws not_enough_data when the examples cannot be trained on, there is nothing to choose the best epoch by, or the run would be
 * measured on a label that it cannot learn.
 */
export function checkExamples(task: Task, examples: LabeledExample[]): void {
  const count = (split: Split) => examples.filter((example) => example.split === split).length;
  if (count('train') === 0)
    throw notEnough('The training split has no labeled examples.', 'Label some, or import a file with --split train.');
  const trained = labelsIn(examples, ['train']);
  if (task === 'classification' && trained.size < 2)
    throw notEnough(`The training examples have one class only: “${[...trained][0]}”.`, 'Label examples of at least one other class.');
  if (task === 'multilabel')
    checkContrast(
      examples.filter((example) => example.split === 'train'),
      trained,
    );
  if (task === 'ner' && trained.size === 0)
    throw notEnough('The training examples have no entities.', 'Mark at least one entity in a training example.');
  if (count('validation') === 0)
    throw notEnough(
      'The validation split has no labeled examples; the best epoch is chosen by it.',
      'Label some, or import a file with --split validation.',
    );
  checkLabelsTrained(examples, trained);
}

/** Something must be there to tell apart: one label that some training examples have and some do not. */
function checkContrast(train: LabeledExample[], trained: Set<string>): void {
  if (trained.size === 0)
    throw notEnough('The training examples have no labels: none applies to any of them.', 'Give some of them the labels they have.');
  if ([...trained].some((label) => train.some((example) => !labelsNamed(example).includes(label)))) return;
  const names = [...trained].map((label) => `“${label}”`).join(', ');
  throw notEnough(
    `Every training example has ${names}: there is none without, to tell it from.`,
    'Label examples that it does not apply to, with other labels or with none.',
  );
}

/** A label of validation or test that no training example has can only be got wrong, and would make every figure of the run say less. */
function checkLabelsTrained(examples: LabeledExample[], trained: Set<string>): void {
  const untrained = [...labelsIn(examples, ['validation', 'test'])].filter((label) => !trained.has(label)).sort();
  if (untrained.length === 0) return;
  const named = untrained.map((label) => `“${label}” (${placesOf(label, examples)})`).join(', ');
  throw notEnough(
    `No training example has a label that examples of other splits have: ${named}.`,
    `Label some training examples so, move those examples to the training split, or remove the label from them.`,
  );
}

/** How many examples have the label, by split: `2 in validation, 1 in test`. */
function placesOf(label: string, examples: LabeledExample[]): string {
  const having = examples.filter((example) => labelsNamed(example).includes(label));
  return (['validation', 'test'] as const)
    .map((split) => ({ split, count: having.filter((example) => example.split === split).length }))
    .filter(({ count }) => count > 0)
    .map(({ split, count }) => `${count} in ${split}`)
    .join(', ');
}

const notEnough = (message: string, remedy: string) => new ThawError({ code: 'not_enough_data', message, remedy });
