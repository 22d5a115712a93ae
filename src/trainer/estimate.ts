/** Estimates of runs that are being put together, from texts that are sent once and kept as lengths. */
import { adaptersOfRank, numberedLayers } from '../engine/models/adapters.ts';
import { architectureOf } from '../engine/models/base.ts';
import { estimate, type StageMemory, type TextLengths } from '../engine/estimate/index.ts';
import { openTokenizer } from '../engine/text/index.ts';
import { headOf, labelingOf } from '../engine/train/dataset.ts';
import { withDropout } from '../engine/train/dropout.ts';
import type { EstimateQuestion, ResultOf } from './messages.ts';

type Texts = NonNullable<EstimateQuestion['texts']>;

/** One question after another. */
export class Estimates {
  #texts: Texts | null = null;
  /** By base folder. */
  readonly #lengths = new Map<string, TextLengths>();
  /** By what graphs are traced from, besides the layers that are trained. */
  readonly #stages = new Map<string, StageMemory>();

  async answer(question: EstimateQuestion): Promise<ResultOf<'estimate'>> {
    const { texts, task, labels, configuration, base, ...rest } = question;
    if (texts) {
      this.#texts = texts;
      this.#lengths.clear();
    }
    const { dropout, labelSmoothing, lora, freeze } = configuration;
    const { family, config } = architectureOf(base);
    const classes = labelingOf(task, labels, 'segments').classes.length;
    const loss = { labelSmoothing, classWeights: null, binary: task === 'multilabel' };
    const layers = numberedLayers(config).filter((layer) => !freeze.includes(layer));
    const adapters = lora > 0 ? { ...adaptersOfRank(lora), layers } : undefined;
    const specification = { family, config: withDropout(config, dropout), head: headOf(task), classes, loss, adapters };
    const key = JSON.stringify([base, task, classes, dropout, adapters]);
    const stages = this.#stages.get(key) ?? new Map();
    this.#stages.set(key, stages);
    const lengths = await this.#lengthsFor(base);
    return { type: 'estimate', estimate: estimate({ ...rest, specification, task, configuration, lengths }, stages) };
  }

  async #lengthsFor(base: string): Promise<TextLengths> {
    const known = this.#lengths.get(base);
    if (known) return known;
    const tokenizer = await openTokenizer(base);
    const words = new Set<number>();
    const of = async ({ texts, count }: Texts['train']) => {
      const all = await tokenizer.ids(texts);
      for (const ids of all) for (const id of ids) words.add(id);
      return { tokens: all.map((ids) => ids.length), count };
    };
    const { train, validation, test } = this.#texts ?? none;
    const lengths = {
      train: await of(train),
      validation: await of(validation),
      test: await of(test),
      special: tokenizer.special.opening.length + tokenizer.special.closing.length,
      words: words.size,
    };
    this.#lengths.set(base, lengths);
    return lengths;
  }
}
const nothing = { texts: [], count: 0 };
const none: Texts = { train: nothing, validation: nothing, test: nothing };
