/**
 * Learns while a person labels: holds embeddings of texts, solves for a head on those with a label, and says what the head makes of the others. One
 * question after another, each short, so that the next label never waits long.
 */
import { ThawError } from '../shared/errors.ts';
import { entropies, highest, margins } from '../engine/active/index.ts';
import { openEmbedder, rowsOf, type Embedder } from '../engine/embed/index.ts';
import { cacheOptions } from '../engine/train/prefix/index.ts';
import { probabilitiesOf } from '../engine/train/probe/index.ts';
import { LearningCurveWork } from './learning-curve.ts';
import { diverse } from './learning-diverse.ts';
import { cutText, openEntities } from './learning-entities.ts';
import { LearningHead } from './learning-head.ts';
import type { LearningAnswer, LearningAnswerOf, LearningQuestion, LearningQuestionOf } from './learning-messages.ts';
import { LearningRows } from './learning-rows.ts';

/** On entities where there is a sample. Throws as openEmbedder and openWordEmbedder. */
export async function openLearning({ sample, ...begin }: LearningQuestionOf<'begin'>, signal: AbortSignal): Promise<LearningSession> {
  if (sample) return openEntities({ ...begin, sample: sample.map(cutText) }, signal);
  const { base, cache, several, threads } = begin;
  // Every embedding is in the session's own memory: the cache needs none.
  const embedder = await openEmbedder({ folder: base, threads, cache: { ...cacheOptions(cache), memory: 0 } });
  return new LabelSession(embedder, several, threads, signal);
}

export interface LearningSession {
  answer(question: Exclude<LearningQuestion, { type: 'begin' }>): Promise<LearningAnswer>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

/** On labels of whole texts. */
class LabelSession implements LearningSession {
  readonly #embedder: Embedder;
  readonly #several: boolean;
  readonly #threads: number;
  readonly #signal: AbortSignal;
  readonly #rows: LearningRows;
  readonly #head: LearningHead;
  readonly #curve: LearningCurveWork;

  constructor(embedder: Embedder, several: boolean, threads: number, signal: AbortSignal) {
    this.#embedder = embedder;
    this.#several = several;
    this.#threads = threads;
    this.#signal = signal;
    this.#rows = new LearningRows(embedder.hidden);
    this.#head = new LearningHead(this.#rows, several);
    this.#curve = new LearningCurveWork(this.#rows, this.#head, several);
  }

  async answer(question: Exclude<LearningQuestion, { type: 'begin' }>): Promise<LearningAnswer> {
    switch (question.type) {
      case 'embed':
        await this.#embed(question.texts);
        return { type: 'embed', leftOut: [] };
      case 'change':
        for (const status of question.texts) this.#rows.change(status);
        for (const id of question.forgotten) this.#rows.forget(id);
        return { type: 'done' };
      case 'fit':
        return this.#head.fit(question.classes);
      case 'tune':
        return this.#head.tune();
      case 'probabilities':
        return this.#probabilities(question);
      case 'rank':
        return this.#rank(question);
      case 'out-of-sample':
        return this.#head.outOfSample(question);
      case 'curve':
        return this.#curve.advance();
      case 'spans':
      case 'doubts':
        throw new ThawError({ code: 'internal', message: 'Labels of whole texts have no spans.' });
      case 'keep':
        await this.#embedder.keep();
        return { type: 'done' };
    }
  }

  /** Frees the model's memory. */
  close(): Promise<void> {
    return this.#embedder.close();
  }

  async #embed(texts: LearningQuestionOf<'embed'>['texts']): Promise<void> {
    const { width } = this.#rows;
    const embedded = await this.#embedder.embed(
      texts.map(({ text }) => text),
      this.#signal,
    );
    texts.forEach(({ text, ...status }, at) => this.#rows.put(status, text, embedded.subarray(at * width, (at + 1) * width)));
  }

  async #probabilities({ ids, texts }: LearningQuestionOf<'probabilities'>): Promise<LearningAnswerOf<'probabilities'>> {
    const { probe, classes } = this.#head.fitted();
    const { width, values } = this.#rows;
    const features = new Float32Array((ids.length + texts.length) * width).fill(NaN);
    ids.forEach((id, at) => {
      const row = this.#rows.get(id);
      if (row) features.set(values.subarray(row.at * width, (row.at + 1) * width), at * width);
    });
    if (texts.length > 0) features.set(await this.#embedder.embed(texts, this.#signal), ids.length * width);
    return { type: 'probabilities', classes, probabilities: probabilitiesOf(probe, features, this.#several) };
  }

  async #rank({ by, limit, leaveOut }: LearningQuestionOf<'rank'>): Promise<LearningAnswerOf<'rank'>> {
    if (by === 'diverse') return diverse(this.#rows, leaveOut, limit, this.#threads);
    const open = this.#rows.open(new Set(leaveOut));
    const points = this.#rows.points(open);
    const { probe, classes } = this.#head.fitted();
    const probabilities = probabilitiesOf(probe, rowsOf(points.values, points.width, points.rows), this.#several);
    const kind = this.#several ? 'several' : 'one';
    const values =
      by === 'entropy'
        ? entropies(probabilities, classes.length, kind)
        : margins(probabilities, classes.length, kind).map((margin) => 1 - margin);
    const entries = highest(values, limit).map((index) => ({ id: open[index].id, value: values[index] }));
    return { type: 'rank', entries, total: open.length };
  }
}
