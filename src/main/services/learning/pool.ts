/** Which training texts are learned from and queued: what is known of each, and in what order they are run through the base model. */
import type { LearningExample, LearningSpan, Project, TrainingLimits } from '../../database/index.ts';

/** Labeled texts a head is fitted to, and texts that wait which are run through the base model: of more, a part that is drawn evenly. */
export const poolLimits: TrainingLimits = { labeled: 20_000, open: 50_000 };

/** Of entities, where every word has features: what is held of these is some 100 MB, of long texts up to 600. */
export const entityLimits: TrainingLimits = { labeled: 5000, open: 10_000 };

const PIECE = 500;

export interface PooledText {
  /** By id. Null: not labeled. Of entities those of its spans. */
  labels: number[] | null;
  /** Entities of a labeled text. */
  spans: LearningSpan[] | null;
  /** Waits to be labeled. */
  open: boolean;
  /** Hash of the text that the session has the embedding of; null: it has none. */
  embedded: string | null;
}

/** What the session has to be told. */
export interface PoolChange {
  changed: number[];
  forgotten: number[];
  /** Labels to learn from have changed. */
  labels: boolean;
}

export class Pool {
  readonly #limits: TrainingLimits;
  /** Those of an import in the order they were drawn. */
  readonly #texts = new Map<number, PooledText>();
  /** Labeled ones that the session does not have. */
  readonly #labeledMissing = new Set<number>();
  /** Others that it may not have, the next one last. */
  #waiting: number[] = [];
  #embedded = 0;
  #labeled = 0;
  /** Training texts that are not in the pool, since there are too many. */
  leftOut = 0;

  constructor(limits = poolLimits) {
    this.#limits = limits;
  }

  get labeled(): number {
    return this.#labeled;
  }
  get embedded(): { done: number; total: number } {
    return { done: this.#embedded, total: this.#texts.size };
  }
  /** Labeled texts that cannot be learned from yet. */
  get labeledMissing(): number {
    return this.#labeledMissing.size;
  }

  get(id: number): PooledText | undefined {
    return this.#texts.get(id);
  }

  /** Takes in the training texts above an id, as far as there is room. */
  async load(project: Project, after: number): Promise<void> {
    const room = {
      labeled: Math.max(0, this.#limits.labeled - this.#labeled),
      open: Math.max(0, this.#limits.open - (this.#texts.size - this.#labeled)),
    };
    const { labeled, open, leftOut } = await project.drawTraining(after, room);
    this.leftOut += leftOut;
    for (const { id, labels, spans } of await examplesOf(project, [...labeled]))
      this.#set(id, { labels, spans, open: false, embedded: null });
    for (const id of open) this.#set(id, { labels: null, spans: null, open: true, embedded: null });
    this.#waiting = [...open].reverse().concat(this.#waiting);
  }

  /** Brings texts up to date. `ids`: those that were looked for; `found`: those that are there. */
  update(ids: readonly number[], found: readonly LearningExample[]): PoolChange {
    const byId = new Map(found.map((example) => [example.id, example]));
    const change: PoolChange = { changed: [], forgotten: [], labels: false };
    for (const id of ids) {
      const now = byId.get(id);
      if (now?.split === 'train') this.#take(now, change);
      else this.#forget(id, change);
    }
    return change;
  }

  #take({ id, textHash, labels, spans, skipped }: LearningExample, change: PoolChange): void {
    const before = this.#texts.get(id);
    const now = { labels, spans, open: labels === null && !skipped, embedded: before?.embedded === textHash ? textHash : null };
    if (labels === null && skipped && now.embedded === null) return this.#forget(id, change);
    // Of more labeled texts than are taken, those that were not drawn stay out.
    if (!before && labels !== null && this.#labeled >= this.#limits.labeled) return;
    if (!before && this.leftOut > 0) this.leftOut--;
    if (before?.embedded && !now.embedded) change.forgotten.push(id);
    change.changed.push(id);
    change.labels ||= !isSame(before?.labels ?? null, labels) || !isSame(before?.spans ?? null, spans);
    this.#set(id, now);
    if (now.open && !now.embedded) this.#waiting.push(id);
  }

  #forget(id: number, change: PoolChange): void {
    const before = this.#texts.get(id);
    if (!before) return;
    change.labels ||= before.labels !== null;
    change.forgotten.push(id);
    this.#count(before, -1);
    this.#texts.delete(id);
    this.#labeledMissing.delete(id);
  }

  #set(id: number, text: PooledText): void {
    const before = this.#texts.get(id);
    if (before) this.#count(before, -1);
    this.#count(text, 1);
    this.#texts.set(id, text);
    if (text.labels && !text.embedded) this.#labeledMissing.add(id);
    else this.#labeledMissing.delete(id);
  }

  #count({ labels, embedded }: PooledText, by: 1 | -1): void {
    if (labels) this.#labeled += by;
    if (embedded) this.#embedded += by;
  }

  /**
   * Up to so many texts to run through the model next: as long as labeled ones are missing three of four are, so that queues have texts soon too;
   * then the others, in the order they were drawn.
   */
  next(count: number): number[] {
    const ids = new Set(first(this.#labeledMissing, this.#waiting.length > 0 ? Math.ceil(count * 0.75) : count));
    while (this.#waiting.length > 0 && ids.size < count) {
      const id = this.#waiting.pop()!;
      const text = this.#texts.get(id);
      if (text && !text.embedded) ids.add(id);
    }
    return [...ids];
  }

  /** The session has the embedding of a text with this hash. */
  setEmbedded(id: number, textHash: string): void {
    const text = this.#texts.get(id);
    if (text) this.#set(id, { ...text, embedded: textHash });
  }

  /** The session has no room for a text that waits; once it is labeled it comes again. */
  leaveOut(id: number): void {
    const text = this.#texts.get(id);
    if (!text) return;
    this.#count(text, -1);
    this.#texts.delete(id);
    this.leftOut++;
  }

  /** The session that had them is gone. */
  forgetEmbeddings(): void {
    for (const [id, text] of this.#texts) this.#set(id, { ...text, embedded: null });
    this.#waiting = this.open().reverse();
  }

  /** Ids of up to so many texts, labeled ones and others as they were drawn. */
  some(count: number): number[] {
    return first(this.#texts.keys(), count);
  }

  /** Texts that carry each label. */
  counts(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { labels } of this.#texts.values()) for (const label of labels ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts;
  }

  /** Of the labeled texts, those for which every label is one of these. */
  countWithin(labels: ReadonlySet<number>): number {
    let count = 0;
    for (const text of this.#texts.values()) if (text.labels?.every((label) => labels.has(label))) count++;
    return count;
  }

  /** Ids of those that wait to be labeled. */
  open(): number[] {
    return [...this.#texts].flatMap(([id, { open }]) => (open ? [id] : []));
  }
}

function first(ids: Iterable<number>, count: number): number[] {
  const taken: number[] = [];
  for (const id of ids) {
    if (taken.length === count) break;
    taken.push(id);
  }
  return taken;
}

const isSame = <T>(a: T[] | null, b: T[] | null): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Asked for in pieces, so that nobody else waits long. */
export async function examplesOf(project: Project, ids: readonly number[]): Promise<LearningExample[]> {
  const examples: LearningExample[] = [];
  for (let at = 0; at < ids.length; at += PIECE) examples.push(...(await project.learningExamples(ids.slice(at, at + PIECE))));
  return examples;
}
