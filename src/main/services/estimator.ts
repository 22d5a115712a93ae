/** Estimates of a project's runs, answered by a trainer process that stays a while: a screen asks again with every change. */
import type { Estimate, RunConfiguration } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { memoryCeiling } from '../../engine/estimate/ceiling.ts';
import { architectureOf } from '../../engine/models/base.ts';
import { physicalCores } from '../../engine/runtimes/cores.ts';
import { tagsOf } from '../../engine/text/tags.ts';
import { cacheOptions } from '../../engine/train/prefix/cache.ts';
import type { ResultOf } from '../../trainer/messages.ts';
import type { Project, Snapshot } from '../database/index.ts';
import { availableMemory } from './memory.ts';
import { checkedConfiguration } from './models.ts';
import { originOf } from './origin.ts';
import { ratesFor } from './rates.ts';
import { databaseStamp } from './recent.ts';
import { TrainerProcess } from './trainer.ts';

const idleMs = 60_000;

export class Estimator {
  readonly #project: Project;
  /** In MiB. */
  readonly #available: () => Promise<number>;
  #kept: { trainer: TrainerProcess; stamp: string | null } | null = null;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(project: Project, available = availableMemory) {
    this.#project = project;
    this.#available = available;
  }

  /**
   * Refuses a run that will not fit; takes no time for one that surely will. `labels`: those it learns.
   * @throws out_of_memory, saying what would fit
   */
  async checkFits(configuration: RunConfiguration, folder: string, labels: string[], { task, examples }: Snapshot): Promise<void> {
    if (configuration.device !== 'cpu') return;
    const units = examples.reduce((sum, { text }) => sum + text.length, 0);
    const ner = task === 'ner';
    const head = ner ? ('token' as const) : ('classification' as const);
    const specification = { ...architectureOf(folder), head, classes: ner ? tagsOf(labels).length : labels.length };
    if (memoryCeiling(specification, configuration, { count: examples.length, units }) <= (await this.#available())) return;
    const { refusal } = await this.estimate(configuration);
    if (refusal) throw new ThawError({ code: 'out_of_memory', ...refusal });
  }

  /** One question after another. @throws what makes the run impossible (unknown_option, not_a_model, …) */
  estimate(configuration: RunConfiguration): Promise<Estimate> {
    const answer = this.#last.then(() => this.#answer(configuration));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    await this.#drop();
    await this.#last;
    await this.#drop();
  }

  async #answer(given: RunConfiguration): Promise<Estimate> {
    clearTimeout(this.#idle);
    const { folder } = await originOf(this.#project, given);
    const chosen = await checkedConfiguration(given, folder);
    const threads = given.threads || physicalCores();
    const rates = await ratesFor(threads);
    const { task, labels } = await this.#project.summary();
    const stamp = await databaseStamp(this.#project.folder);
    const kept = this.#kept?.trainer.isAlive ? this.#kept : { trainer: new TrainerProcess(), stamp: null };
    this.#kept = kept;
    const texts = kept.stamp !== null && kept.stamp === stamp ? null : await this.#project.sampleTexts();
    const used = labels.filter(({ count }) => count > 0).map(({ name }) => name);
    try {
      const question = {
        base: folder,
        task,
        labels: used,
        configuration: { ...chosen, threads },
        texts,
        rates,
        availableMB: await this.#available(),
        cacheBytes: cacheOptions(this.#project.folder).memory,
      };
      const result = await kept.trainer.ask({ type: 'estimate', question });
      kept.stamp = stamp;
      return (result as ResultOf<'estimate'>).estimate;
    } catch (error) {
      // It ends after a failure.
      await this.#drop();
      throw error;
    } finally {
      this.#idle = setTimeout(() => void this.#drop(), idleMs).unref();
    }
  }

  async #drop(): Promise<void> {
    clearTimeout(this.#idle);
    const kept = this.#kept;
    this.#kept = null;
    await kept?.trainer.kill();
  }
}
