/** Going through examples and labeling them: what is shown, what comes next, what can be taken back. */
import { isLabeled, type Annotation, type Example, type HistoryStep, type Remark } from '../../../shared/domain.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import type { QueueEntry, LabelSuspect } from '../../../shared/learning.ts';
import { api, toReport } from '../api.ts';
import type { LabelPlace, QueueName } from '../router.svelte.ts';
import { FoundQueue } from './found-queue.ts';
import { history, type Direction } from './history.svelte.ts';
import { digitOf } from './keys.ts';
import { LearnedQueue } from './learned-queue.ts';
import { attempt, messages } from './messages.svelte.ts';
import { project } from './project.svelte.ts';
import { AllQueue, NextExample, UnlabeledQueue, type Queue } from './queues.ts';
import { SuspectQueue } from './suspect-queue.ts';

const RECENT = 12;

/** The queue of texts without a label that was gone through last: whoever comes back goes on with it. */
let last: { folder: string; queue: QueueName } | null = null;

export class Labeling {
  current = $state.raw<Example | null>(null);
  /** False until the first example, or the lack of one, is known. */
  ready = $state(false);
  queue = $state<QueueName>('unlabeled');
  /** Of the queue `found`: the filter. */
  query = $state('');
  /** Which one of its queue the text is that is shown; null where the queue does not say. */
  place = $state.raw<{ at: number; of: number } | null>(null);
  /** Why the text that is shown comes now; null where its queue does not say. */
  entry = $state.raw<QueueEntry | null>(null);
  /** Why the label of the text that is shown looks wrong; null: it is not asked about. */
  suspect = $state.raw<LabelSuspect | null>(null);
  /** Why the queue cannot be had; null: it can. */
  refused = $state.raw<ErrorReport | null>(null);
  /** What was labeled in this sitting, the latest first. */
  recent = $state.raw<Example[]>([]);
  readonly #folder: string;
  #queue: Queue;
  readonly #ahead = new NextExample();
  /** Saves go to the host one after another. */
  #saves: Promise<void> = Promise.resolve();
  #unsent = 0;
  /** Examples a save failed for, as they were before it, until the disk is read again. */
  readonly #failed = new Map<number, Example>();
  /** Moves to other examples go one after another. */
  #moves: Promise<void> = Promise.resolve();
  #moving = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#queue = new UnlabeledQueue(api, folder);
  }

  start({ example: id, queue, query = '' }: LabelPlace): Promise<void> {
    // Whoever chooses another queue does not wait for this one.
    this.#queue.close?.();
    return this.#move(async () => {
      await this.#saves;
      this.#use(id === null ? (queue ?? this.#last()) : 'all', query);
      await this.#begin(id);
    });
  }

  /** Begins the queue once more. */
  again(): Promise<void> {
    return this.start({ example: null, queue: this.queue, query: this.query });
  }

  close(): void {
    this.#queue.close?.();
  }

  /**
   * Keeps `annotation` for the current example, at once on screen and then on disk. False, and nothing kept, while the next
   * example is on its way: what is on screen is done with, and what comes has not been seen.
   */
  save(annotation: Annotation, skipped = false): boolean {
    const before = this.current;
    if (!before || this.#moving > 0 || this.#failed.has(before.id)) return false;
    const after = { ...before, annotation, skipped };
    this.current = after;
    project.recount(before.annotation, annotation);
    if (isLabeled(annotation)) this.recent = [after, ...this.recent.filter(({ id }) => id !== after.id)].slice(0, RECENT);
    this.#unsent++;
    this.#saves = this.#saves.then(() => this.#send(before, after));
    return true;
  }

  /** Keeps that the label of the current example is right, whatever else says, and goes on. */
  async keepGiven(): Promise<void> {
    const id = this.current?.id;
    if (id === undefined || this.#moving > 0) return;
    this.#saves = this.#saves.then(async () => void (await attempt(() => api.learning.confirm({ folder: this.#folder, id }))));
    await this.later();
  }

  /** Keeps a note and a doubt of an example; its label stays as it is. */
  async remark(id: number, remark: Remark): Promise<void> {
    const stored = await attempt(() => api.labels.remark({ folder: this.#folder, id, remark }));
    if (stored && this.current?.id === id) this.current = { ...this.current, remark: stored.remark };
  }

  /** Like `earlier`, one step at a time: ignored while a move is under way. */
  async later(): Promise<void> {
    if (this.#moving > 0) return;
    await this.#move(async () => {
      const next = await attempt(() => this.#ahead.take());
      if (next) this.#show(next);
      else if (next === null) await this.#end();
    });
  }

  async earlier(): Promise<void> {
    const { current } = this;
    if (this.#moving > 0) return;
    if (!current) {
      // Past the end of a queue the last text labeled is the one before.
      if (this.recent[0]) await this.revisit(this.recent[0].id);
      return;
    }
    await this.#move(async () => {
      await this.#saves;
      const example = await attempt(() => this.#queue.earlier(current));
      if (example) this.#show(example);
      else if (example === null) messages.notify({ text: 'Nothing earlier.' });
    });
  }

  /** Shows an example again, e.g. one just labeled. */
  revisit(id: number): Promise<void> {
    return this.#move(async () => {
      await this.#saves;
      const example = await attempt(() => api.labels.get({ folder: this.#folder, id }));
      if (example) this.#show(example);
    });
  }

  /** Undo or redo, and to the example that it changed. */
  async back(direction: Direction): Promise<void> {
    let step: HistoryStep | null = null;
    await this.#move(async () => {
      await this.#saves;
      step = await history.take(direction);
      if (step) await this.#goTo(step);
    });
    if (step) await project.refresh();
  }

  async #goTo({ example, examples, labels }: HistoryStep): Promise<void> {
    if (example && examples === 1 && !labels) {
      this.recent = this.recent.filter(({ id }) => id !== example.id);
      if (isLabeled(example.annotation)) this.recent = [example, ...this.recent].slice(0, RECENT);
      return this.#show(example);
    }
    // Of many examples any may be on screen, and any label may be called otherwise now.
    const { current } = this;
    const ids = this.recent.map(({ id }) => id);
    const read = (id: number) => api.labels.get({ folder: this.#folder, id });
    const recent = await attempt(() => Promise.all(ids.map(read)));
    this.recent = (recent ?? []).filter((seen) => isLabeled(seen.annotation));
    if (current) this.#show((await attempt(() => read(current.id))) ?? null);
  }

  #move(work: () => Promise<void>): Promise<void> {
    this.#moving++;
    this.#moves = this.#moves
      .then(() => attempt(work))
      .then(() => {
        this.#moving--;
      });
    return this.#moves;
  }

  #last(): QueueName {
    return last?.folder === this.#folder ? last.queue : 'unlabeled';
  }

  #use(queue: QueueName, query: string): void {
    this.queue = queue;
    this.query = query;
    if (!['all', 'suspects', 'found'].includes(queue)) last = { folder: this.#folder, queue };
    if (queue === 'all') this.#queue = new AllQueue(api, this.#folder);
    else if (queue === 'unlabeled') this.#queue = new UnlabeledQueue(api, this.#folder);
    else if (queue === 'suspects') this.#queue = new SuspectQueue(api, this.#folder);
    else if (queue === 'found') this.#queue = new FoundQueue(api, this.#folder, query);
    else this.#queue = new LearnedQueue(api, this.#folder, queue);
  }

  /** Shows `id`, or the first of the queue. No text is shown while a queue is waited for: what would be said of it would be lost. */
  async #begin(id: number | null): Promise<void> {
    const queue = this.#queue;
    this.refused = null;
    this.ready = false;
    if (queue.close) this.#show(null);
    try {
      this.#show(await (id === null ? queue.first() : api.labels.get({ folder: this.#folder, id })));
    } catch (cause) {
      if (queue.isClosed) return;
      const report = toReport(cause);
      if (report.code === 'unavailable') this.refused = report;
      else messages.report(cause);
      this.#show(null);
    }
    this.ready = true;
  }

  #show(example: Example | null): void {
    this.current = example;
    this.entry = (example && this.#queue.entry?.(example.id)) ?? null;
    this.suspect = (example && this.#queue.suspect?.(example.id)) ?? null;
    this.place = (example && this.#queue.place?.(example.id)) ?? null;
    this.#ahead.prepare(async () => (example ? this.#saves.then(() => this.#queue.later(example)) : null));
  }

  /** The queue's end: those of labeled texts too stay on their last one, the others show that they are done. */
  async #end(): Promise<void> {
    await this.#saves;
    if (this.queue === 'all') return messages.notify({ text: 'That was the last text.' });
    if (this.queue === 'found') return messages.notify({ text: 'That was the last text that was found.' });
    const next = (await attempt(() => this.#queue.first())) ?? null;
    if (next && next.id === this.current?.id) messages.notify({ text: 'This is the only text left to label.' });
    else this.#show(next);
  }

  /** After a failure the saves queued for the same example are dropped: they were made on what the disk does not have. */
  async #send(before: Example, after: Example): Promise<void> {
    const { id, annotation, skipped } = after;
    try {
      if (!this.#failed.has(id)) await api.labels.annotate({ folder: this.#folder, id, annotation, skipped });
    } catch (cause) {
      messages.report(cause);
      this.#failed.set(id, before);
    }
    if (this.#failed.has(id)) {
      project.recount(annotation, before.annotation);
      this.recent = this.recent.filter((example) => example.id !== id);
    }
    this.#unsent--;
    if (this.#unsent === 0) await this.#restore();
  }

  /** Brings screen and counts back to what the disk has of the examples that a save failed for. */
  async #restore(): Promise<void> {
    for (const [id, before] of this.#failed) {
      const stored = await api.labels.get({ folder: this.#folder, id }).catch(() => before);
      this.#failed.delete(id);
      project.recount(before.annotation, stored.annotation);
      if (this.current?.id === id) this.#show(stored);
    }
  }
}

/** A digit, skip or done key that is held down: it acts once a press, or texts nobody has read would be labeled. */
export function isHeldAction(event: KeyboardEvent): boolean {
  return event.repeat && (digitOf(event) !== null || event.key === 'Enter' || event.key.toLowerCase() === 's');
}
