/** A run's examples as the model sees them: token items a split, and what is expected of each example. */
import type { Span, Split, Task } from '../../shared/domain.ts';
import { leftOutNote } from '../../shared/spans.ts';
import {
  openTokenizer,
  prepareClassification,
  prepareTokens,
  tagsOf,
  type TaggedWords,
  type PreparedTokens,
  type TextTokenizer,
  type TrainingItem,
} from '../text/index.ts';
import type { LabeledExample } from './requirements.ts';
import type { HeadKind } from './step.ts';

export const headOf = (task: Task): HeadKind => (task === 'ner' ? 'token' : 'classification');

/** What a head tells apart: a project's labels, and the classes (NER: tags) that its logits are in the order of. */
export interface Labeling {
  task: Task;
  labels: string[];
  classes: string[];
  /** NER: what is tagged in a text that is not pre-tokenized. */
  words: TaggedWords;
  /** Multi-label: the probability from which each label is given; left out: 0.5, and an evaluation tunes them. */
  thresholds?: number[];
}

export function labelingOf(task: Task, labels: string[], words: TaggedWords): Labeling {
  return { task, labels, classes: task === 'ner' ? tagsOf(labels) : labels, words };
}

export interface Examples {
  labeling: Labeling;
  ids: number[];
  /** Classification: index into the labels, −100 for none. */
  expected: number[];
  /** NER. */
  spans: Span[][];
  items: TrainingItem[];
  /** NER: the words of each text and where they are among the items' tokens; null for classification. */
  words: PreparedTokens | null;
  /** Texts longer than the length limit. */
  truncated: number;
}

type Input = Omit<LabeledExample, 'split'>;

function withTargets(item: TrainingItem, { labels: names }: Labeling, { labels = [] }: Input): TrainingItem {
  return { ...item, targets: Float32Array.from(names, (name) => (labels.includes(name) ? 1 : 0)) };
}

/** What to say of training spans that a run leaves out. */
export function overlapNote({ spans, words }: Examples): string[] {
  const leftOut = words?.leftOut ?? 0;
  return leftOut === 0 ? [] : [leftOutNote(leftOut, spans.flat().length, true)];
}

/** Tokenizes examples; texts are cut (classification) or windowed (NER) at `maxLength` tokens. */
export async function prepareExamples(labeling: Labeling, tokenizer: TextTokenizer, inputs: Input[], maxLength: number): Promise<Examples> {
  const texts = inputs.map((input) => input.text);
  const ids = inputs.map((input) => input.id);
  const expected = inputs.map((input) => (input.label === null ? -100 : labeling.labels.indexOf(input.label)));
  const spans = inputs.map((input) => input.spans ?? []);
  if (labeling.task !== 'ner') {
    const { items, truncated } = await prepareClassification(tokenizer, texts, expected, maxLength);
    const given = labeling.task === 'multilabel' ? items.map((item) => withTargets(item, labeling, inputs[item.example])) : items;
    return { labeling, ids, expected, spans, items: given, words: null, truncated };
  }
  const cuts = inputs.map((input) => (input.pretokenized ? 'spaces' : labeling.words));
  const words = await prepareTokens(tokenizer, texts, spans, labeling.classes, maxLength, cuts);
  return { labeling, ids, expected, spans, items: words.items, words, truncated: words.truncated };
}

/** Tokenized splits of a run and the padding token of its tokenizer. */
export interface Dataset {
  padId: number;
  train: Examples;
  validation: Examples;
  test: Examples;
}

/** `folder`: the base model's, with its tokenizer.json. */
export async function prepareDataset(labeling: Labeling, folder: string, examples: LabeledExample[], maxLength: number): Promise<Dataset> {
  const tokenizer = await openTokenizer(folder);
  const prepare = (split: Split) => {
    const inputs = examples.filter((example) => example.split === split);
    return prepareExamples(labeling, tokenizer, inputs, maxLength);
  };
  return { padId: tokenizer.padId, train: await prepare('train'), validation: await prepare('validation'), test: await prepare('test') };
}
