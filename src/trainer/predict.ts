/** Predictions of texts that are no examples of a project. */
import { prepareExamples } from '../engine/train/dataset.ts';
import { itemLogits, predictionsFrom } from '../engine/train/evaluation.ts';
import type { JobOf, ResultOf, TextPrediction } from './messages.ts';
import { openSource, type OpenedModel } from './model.ts';

export async function performPrediction({ source, texts }: JobOf<'predict'>, signal: AbortSignal): Promise<ResultOf<'predict'>> {
  return { type: 'predict', predictions: await predictTexts(await openSource(source), texts, signal) };
}

/** @throws cancelled */
export async function predictTexts(
  { model, labeling, tokenizer, maxLength }: OpenedModel,
  texts: string[],
  signal: AbortSignal,
): Promise<TextPrediction[]> {
  const inputs = texts.map((text, id) => ({ id, text, label: null, spans: null }));
  const examples = await prepareExamples(labeling, tokenizer, inputs, maxLength);
  const { predictions, logits } = predictionsFrom(examples, await itemLogits(model, examples, tokenizer.padId, signal));
  return predictions.map(({ label, labels, scores, spans }, index) => ({
    text: texts[index],
    label,
    labels,
    scores: scores.map((score, at) => ({ label: labeling.labels[at], score })),
    logits: logits[index] ?? [],
    spans,
  }));
}
