/** Models to predict with: a run's own parameters, or a fine-tuned Hugging Face folder. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { ThawError } from '../shared/errors.ts';
import { thresholdsOf } from '../shared/metrics.ts';
import { describeBase, openBase, openModel, type Base, type TrainableModel } from '../engine/index.ts';
import { labelsOf, openTokenizer, type TaggedWords, type TextTokenizer } from '../engine/text/index.ts';
import { readCheckpoint } from '../engine/train/checkpoints.ts';
import { headOf, labelingOf, type Labeling } from '../engine/train/dataset.ts';
import { openStart } from '../engine/train/start.ts';
import type { ModelSource, RunSource } from './messages.ts';

/** Where the config.json of an exported token model says what it tags: transformers passes over fields that it does not know. */
export const wordsField = 'thaw_words';

/** Where the config.json of an exported multi-label model has the probability from which each label is given, by its name. */
export const thresholdsField = 'label_thresholds';

export interface OpenedModel {
  base: Base;
  labeling: Labeling;
  model: TrainableModel;
  tokenizer: TextTokenizer;
  maxLength: number;
}

export const openSource = (source: ModelSource): Promise<OpenedModel> => (source.kind === 'run' ? openRun(source) : openFolder(source));

/** What the run started from with its checkpoint over it. The head of a run that froze its head comes from the seed, as it did in training. */
export async function openRun(source: RunSource): Promise<OpenedModel> {
  const { base } = await openStart(source.start);
  const { tensors, place } = readCheckpoint(source.directory, source.checkpoint, base);
  const measured = place.lastEpoch?.validation;
  const labeling = { ...labelingOf(source.task, source.labels, place.words), thresholds: measured ? thresholdsOf(measured) : undefined };
  const { seed, threads, maxLength } = source;
  const model = await openModel({
    base,
    head: headOf(source.task),
    labels: labeling.classes,
    frozen: [],
    dropout: 0,
    seed,
    device: 'cpu',
    threads,
  });
  await model.load(tensors);
  return { base, labeling, model, tokenizer: await openTokenizer(base.folder), maxLength };
}

/** @throws not_a_model for a folder without a head of a known kind */
async function openFolder({ folder, maxLength, threads }: Extract<ModelSource, { kind: 'folder' }>): Promise<OpenedModel> {
  const base = await openBase(folder);
  const labeling = await labelingOfFolder(base);
  const head = headOf(labeling.task);
  const model = await openModel({
    base,
    head,
    labels: labeling.classes,
    frozen: [],
    dropout: 0,
    seed: 0,
    device: 'cpu',
    threads,
    keepHead: true,
  });
  const longest = (await describeBase(folder)).maxLength;
  return {
    base,
    labeling,
    model,
    tokenizer: await openTokenizer(folder),
    maxLength: maxLength > 0 ? Math.min(maxLength, longest) : longest,
  };
}

async function labelingOfFolder({ folder, labels: classes }: Base): Promise<Labeling> {
  const config = JSON.parse(await fs.readFile(path.join(folder, 'config.json'), 'utf8'));
  const architecture = String(config.architectures?.[0] ?? '');
  const words: TaggedWords = config[wordsField] === 'tokens' ? 'tokens' : 'segments';
  if (classes && architecture.endsWith('ForSequenceClassification') && config.problem_type === 'multi_label_classification')
    return {
      task: 'multilabel',
      labels: classes,
      classes,
      words,
      thresholds: classes.map((name) => config[thresholdsField]?.[name] ?? 0.5),
    };
  if (classes && architecture.endsWith('ForSequenceClassification')) return { task: 'classification', labels: classes, classes, words };
  if (classes && architecture.endsWith('ForTokenClassification'))
    return { task: 'ner', labels: labelsOfTags(folder, classes), classes, words };
  throw new ThawError({
    code: 'not_a_model',
    message: `${folder} has no head that says a label${architecture ? `: its config.json names ${architecture}` : ''}.`,
    remedy: 'Give a folder that Thaw exported, or one with a sequence or token classification head.',
    place: { file: folder },
  });
}

/** @throws unsupported_model for a tag set that is not IOB2 */
function labelsOfTags(folder: string, tags: string[]): string[] {
  const strange = tags.filter((tag) => !/^(O|[BI]-.+)$/.test(tag));
  if (strange.length === 0) return labelsOf(tags);
  throw new ThawError({
    code: 'unsupported_model',
    message: `${folder} tags tokens with ${strange
      .slice(0, 5)
      .map((tag) => `“${tag}”`)
      .join(', ')}: Thaw reads O, B-LABEL and I-LABEL.`,
    remedy: 'Give a model whose id2label has tags of that scheme (IOB2).',
    place: { file: path.join(folder, 'config.json'), field: 'id2label' },
  });
}
