/** A session on entities: as one on labels of whole texts, with features of each word. */
import { ThawError } from '../shared/errors.ts';
import { highest } from '../engine/active/index.ts';
import { openWordEmbedder, type CutText, type WordEmbedder } from '../engine/embed/index.ts';
import { featuresOfText, wordWidth, type TextFeatures } from '../engine/tagging/index.ts';
import { cacheOptions } from '../engine/train/prefix/index.ts';
import { stratifiedFolds } from '../engine/train/probe/index.ts';
import { EntityHead } from './entity-head.ts';
import { spansFound } from './entity-texts.ts';
import { diverse } from './learning-diverse.ts';
import type { LearningAnswer, LearningAnswerOf, LearningQuestion, LearningQuestionOf } from './learning-messages.ts';
import { LearningRows } from './learning-rows.ts';
import type { LearningSession } from './learning.ts';

/** Words of which features are held before texts that wait are left out: 290 MB. */
const MOST_WORDS = 2 ** 20;

/** Throws as openWordEmbedder. */
export async function openEntities(
  { base, cache, sample, threads }: Omit<LearningQuestionOf<'begin'>, 'sample'> & { sample: CutText[] },
  signal: AbortSignal,
  mostWords = MOST_WORDS,
): Promise<LearningSession> {
  const embedder = await openWordEmbedder({ folder: base, threads, cache: { ...cacheOptions(cache), memory: 0 }, sample }, signal);
  return new EntitySession(embedder, threads, signal, mostWords);
}

class EntitySession implements LearningSession {
  readonly #embedder: WordEmbedder;
  readonly #threads: number;
  readonly #signal: AbortSignal;
  readonly #rows: LearningRows;
  readonly #features = new Map<number, TextFeatures>();
  readonly #head: EntityHead;
  readonly #mostWords: number;
  #words = 0;

  constructor(embedder: WordEmbedder, threads: number, signal: AbortSignal, mostWords: number) {
    this.#mostWords = mostWords;
    this.#embedder = embedder;
    this.#threads = threads;
    this.#signal = signal;
    this.#rows = new LearningRows(embedder.hidden);
    this.#head = new EntityHead(wordWidth(embedder.width));
  }

  async answer(question: Exclude<LearningQuestion, { type: 'begin' }>): Promise<LearningAnswer> {
    switch (question.type) {
      case 'embed':
        return { type: 'embed', leftOut: await this.#embed(question.texts) };
      case 'change':
        for (const status of question.texts) this.#rows.change(status);
        for (const id of question.forgotten) this.#forget(id);
        return { type: 'done' };
      case 'fit':
        return this.#head.fit(this.#labeled(), question.classes);
      case 'tune':
        return { type: 'tune', isDone: true, changed: false };
      case 'spans':
        return this.#spans(question);
      case 'rank':
        return this.#rank(question);
      case 'doubts':
        return this.#doubts(question);
      case 'keep':
        await this.#embedder.keep();
        return { type: 'done' };
      default:
        throw new ThawError({ code: 'internal', message: `Of entities nobody can ask for ${question.type}.` });
    }
  }

  /** Frees the model's memory. */
  close(): Promise<void> {
    return this.#embedder.close();
  }

  async #embed(texts: LearningQuestionOf<'embed'>['texts']): Promise<number[]> {
    const leftOut: number[] = [];
    const read = await this.#embedder.read(texts.map(cutText), this.#signal);
    texts.forEach(({ text, cut: _, ...status }, at) => {
      const { embedding, words, features } = read[at];
      this.#forget(status.id);
      if (status.open && this.#words + words.length > this.#mostWords) return void leftOut.push(status.id);
      this.#rows.put(status, text, embedding);
      this.#words += words.length;
      this.#features.set(status.id, featuresOfText(text, words, features));
    });
    return leftOut;
  }

  #forget(id: number): void {
    this.#rows.forget(id);
    this.#words -= (this.#features.get(id)?.ranges.length ?? 0) / 2;
    this.#features.delete(id);
  }

  #labeled() {
    return this.#rows.labeled().flatMap(({ id, textHash, labels, spans }) => {
      const features = this.#features.get(id);
      return features && spans ? [{ id, textHash, labels, features, spans }] : [];
    });
  }

  async #spans({ texts }: LearningQuestionOf<'spans'>): Promise<LearningAnswerOf<'spans'>> {
    const read = await this.#embedder.read(texts.map(cutText), this.#signal);
    const features = texts.map(({ text }, at) => featuresOfText(text, read[at].words, read[at].features));
    const spans = this.#head.decode(features).map((decoded, at) => spansFound(decoded, features[at]));
    return { type: 'spans', spans };
  }

  #doubts({ folds, seed }: LearningQuestionOf<'doubts'>): LearningAnswerOf<'doubts'> {
    const texts = this.#labeled();
    const rows = texts.map(({ textHash, labels }) => ({ group: textHash, classes: labels }));
    return this.#head.doubts(texts, stratifiedFolds(rows, folds, seed));
  }

  async #rank({ by, limit, leaveOut }: LearningQuestionOf<'rank'>): Promise<LearningAnswerOf<'rank'>> {
    if (by === 'diverse') return diverse(this.#rows, leaveOut, limit, this.#threads);
    const open = this.#rows.open(new Set(leaveOut));
    const decoded = this.#head.decode(open.map(({ id }) => this.#features.get(id)!));
    const values = Float32Array.from(decoded, ({ leastSure }) => 1 - leastSure);
    const entries = highest(values, limit).map((index) => ({ id: open[index].id, value: values[index] }));
    return { type: 'rank', entries, total: open.length };
  }
}

/** `segments` where nothing is said of it. */
export const cutText = ({ text, cut }: { text: string; cut?: CutText['cut'] }): CutText => ({ text, cut: cut ?? 'segments' });
