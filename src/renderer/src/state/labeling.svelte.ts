/** Going through examples and labeling them: what is shown, what comes next, what can be taken back. */
import type { Annotation, Example, ProjectSummary } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { attempt, messages } from './messages.svelte.ts';
import { isLabeled, project } from './project.svelte.ts';
import { AllQueue, UnlabeledQueue, type Queue, type QueueName } from './queues.ts';

const RECENT = 12;

export class Labeling {
  current = $state.raw<Example | null>(null);
  /** False until the first example, or the lack of one, is known. */
  ready = $state(false);
  queue = $state<QueueName>('unlabeled');
  /** What was labeled in this sitting, the latest first. */
  recent = $state.raw<Example[]>([]);
  readonly #folder: string;
  #queue: Queue;
  /** The next example, asked for while the current one is read. */
  #ahead: Promise<Example | null> = Promise.resolve(null);
  /** Saves go to the host one after another. */
  #saves: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
    this.#queue = new UnlabeledQueue(api, folder);
  }

  /** Opens `id`, or the queue's first. */
  async start(id: number | null): Promise<void> {
    if (id !== null) this.#use('all');
    const example = await attempt(() => (id === null ? this.#queue.first() : api.labels.get({ folder: this.#folder, id })));
    this.#show(example ?? null);
    this.ready = true;
  }

  async choose(queue: QueueName): Promise<void> {
    if (queue === this.queue) return;
    await this.#saves;
    this.#use(queue);
    this.#show((await attempt(() => this.#queue.first())) ?? null);
  }

  /** Keeps `annotation` for the current example, at once on screen and then on disk. */
  save(annotation: Annotation, skipped = false): void {
    const before = this.current;
    if (!before) return;
    const after = { ...before, annotation, skipped };
    this.current = after;
    project.recount(before.annotation, annotation);
    if (isLabeled(annotation)) this.recent = [after, ...this.recent.filter(({ id }) => id !== after.id)].slice(0, RECENT);
    this.#saves = this.#saves.then(() => this.#send(before, after));
  }

  async later(): Promise<void> {
    const next = await attempt(() => this.#ahead);
    if (next) this.#show(next);
    else if (next === null) await this.#end();
  }

  async earlier(): Promise<void> {
    const { current } = this;
    if (!current) return;
    await this.#saves;
    const example = await attempt(() => this.#queue.earlier(current));
    if (example) this.#show(example);
    else if (example === null) messages.notify({ text: 'Nothing earlier.' });
  }

  /** Shows an example again, e.g. one just labeled. */
  async revisit(id: number): Promise<void> {
    await this.#saves;
    const example = await attempt(() => api.labels.get({ folder: this.#folder, id }));
    if (example) this.#show(example);
  }

  undo(): Promise<void> {
    return this.#back('undo');
  }

  redo(): Promise<void> {
    return this.#back('redo');
  }

  async #back(direction: 'undo' | 'redo'): Promise<void> {
    await this.#saves;
    const answer = await attempt(() => api.labels[direction]({ folder: this.#folder }));
    if (!answer) return;
    const { example } = answer;
    if (!example) return messages.notify({ text: `Nothing to ${direction}.` });
    this.recent = this.recent.filter(({ id }) => id !== example.id);
    if (isLabeled(example.annotation)) this.recent = [example, ...this.recent];
    this.#show(example);
    await project.refresh();
  }

  #use(queue: QueueName): void {
    this.queue = queue;
    this.#queue = queue === 'all' ? new AllQueue(api, this.#folder) : new UnlabeledQueue(api, this.#folder);
  }

  #show(example: Example | null): void {
    this.current = example;
    this.#ahead = example ? this.#saves.then(() => this.#queue.later(example)) : Promise.resolve(null);
    // Whoever waits for it meets the failure; until then it is not unhandled.
    this.#ahead.catch(() => {});
  }

  /** The queue's end: the unlabeled one shows that it is done, the other stays on its last text. */
  async #end(): Promise<void> {
    await this.#saves;
    if (this.queue === 'all') return messages.notify({ text: 'That was the last text.' });
    const next = (await attempt(() => this.#queue.first())) ?? null;
    if (next && next.id === this.current?.id) messages.notify({ text: 'This is the only text left to label.' });
    else this.#show(next);
  }

  async #send(before: Example, after: Example): Promise<void> {
    const { id, annotation, skipped } = after;
    try {
      await api.labels.annotate({ folder: this.#folder, id, annotation, skipped });
    } catch (cause) {
      messages.report(cause);
      project.recount(after.annotation, before.annotation);
      this.recent = this.recent.filter((example) => example.id !== id);
      this.#show(before);
    }
  }
}

/** Adds a label to the project; false if that failed, e.g. for a name that is there already. */
export async function addLabel({ folder }: ProjectSummary, name: string): Promise<boolean> {
  const summary = await attempt(() => api.labels.create({ folder, name: name.trim() }));
  if (summary) project.set(summary);
  return summary !== undefined;
}
