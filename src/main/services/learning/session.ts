/** A trainer process that learns, as its host asks it: one question at a time. */
import path from 'node:path';
import { embeddedBase } from '../../../shared/domain.ts';
import { physicalCores } from '../../../engine/runtimes/cores.ts';
import type {
  LearningAnswer,
  LearningAnswerOf,
  LearningQuestion,
  LearningQuestionOf,
  TextStatus,
} from '../../../trainer/learning-messages.ts';
import type { ResultOf } from '../../../trainer/messages.ts';
import { baseFolder } from '../models.ts';
import { TrainerProcess } from '../trainer.ts';

export type Ranking = LearningAnswerOf<'rank'>;
export type OutOfSample = LearningAnswerOf<'out-of-sample'>;
export type Fit = LearningAnswerOf<'fit'>;
/** A text, and of entities how it is cut into words. */
export type CutText = LearningQuestionOf<'spans'>['texts'][number];

export class LearningProcess {
  readonly #trainer = new TrainerProcess();

  get isAlive(): boolean {
    return this.#trainer.isAlive;
  }

  /** Resolves when it is gone. */
  get ended(): Promise<unknown> {
    return this.#trainer.ended;
  }

  /** `sample`: of entities, texts like those to come. Throws as the base model's opening does, and `trainer_died`. */
  async begin(projectFolder: string, several: boolean, sample?: CutText[]): Promise<void> {
    const base = baseFolder(embeddedBase);
    await this.#ask({ type: 'begin', base, cache: path.join(projectFolder, 'cache'), several, threads: physicalCores(), sample });
  }

  /** Gives the ids of those that were not taken in. */
  async embed(texts: (TextStatus & CutText)[]): Promise<number[]> {
    return (await this.#ask<'embed'>({ type: 'embed', texts })).leftOut;
  }

  async change(texts: TextStatus[], forgotten: number[]): Promise<void> {
    await this.#ask({ type: 'change', texts, forgotten });
  }

  fit(classes: number[]): Promise<Fit> {
    return this.#ask<'fit'>({ type: 'fit', classes });
  }

  tune(): Promise<LearningAnswerOf<'tune'>> {
    return this.#ask<'tune'>({ type: 'tune' });
  }

  curve(): Promise<LearningAnswerOf<'curve'>> {
    return this.#ask<'curve'>({ type: 'curve' });
  }

  /** One array a text, in the order of `classes`; NaN for an id it does not have. */
  async probabilities(ids: number[], texts: string[] = []): Promise<{ classes: number[]; rows: number[][] }> {
    const { classes, probabilities } = await this.#ask<'probabilities'>({ type: 'probabilities', ids, texts });
    const width = classes.length;
    const rows = [...ids, ...texts].map((_, row) => [...probabilities.subarray(row * width, (row + 1) * width)]);
    return { classes, rows };
  }

  /** Entities: what the head finds, by text. */
  async spans(texts: CutText[]): Promise<LearningAnswerOf<'spans'>['spans']> {
    return (await this.#ask<'spans'>({ type: 'spans', texts })).spans;
  }

  rank(question: Omit<LearningQuestionOf<'rank'>, 'type'>): Promise<Ranking> {
    return this.#ask<'rank'>({ type: 'rank', ...question });
  }

  outOfSample(folds: number, seed: number): Promise<OutOfSample> {
    return this.#ask<'out-of-sample'>({ type: 'out-of-sample', folds, seed });
  }

  /** Entities: what looks wrong, the worst first. */
  doubts(folds: number, seed: number): Promise<LearningAnswerOf<'doubts'>> {
    return this.#ask<'doubts'>({ type: 'doubts', folds, seed });
  }

  async keep(): Promise<void> {
    await this.#ask({ type: 'keep' });
  }

  /** Ends it wherever it is. */
  kill(): Promise<void> {
    return this.#trainer.kill();
  }

  async #ask<T extends LearningAnswer['type'] = 'done'>(question: LearningQuestion): Promise<LearningAnswerOf<T>> {
    const { answer } = (await this.#trainer.ask({ type: 'learn', question })) as ResultOf<'learning'>;
    return answer as LearningAnswerOf<T>;
  }
}
