/** Texts drawn at random: which are to be labeled, and how often a head was right about those that were. */
import { wilsonInterval } from '../../../shared/interval.ts';
import type { LearningState } from '../../../shared/learning.ts';
import { mulberry32, shuffle } from '../../../engine/text/random.ts';
import type { Draw, Project } from '../../database/index.ts';

/** Answers of heads that had fewer than this share of today's labels say too little of today's. */
const RECENT = 0.5;

export class Draws {
  readonly #project: Project;
  /** In the order they were drawn, those of one time by id. */
  #all = new Map<number, Draw>();

  constructor(project: Project) {
    this.#project = project;
  }

  async read(): Promise<void> {
    this.#all = new Map((await this.#project.draws()).map((draw) => [draw.example, draw]));
  }

  /** Of these, the ones that were drawn and have no head's answer yet. */
  unanswered(ids: readonly number[]): number[] {
    return ids.filter((id) => this.#all.get(id)?.answer === null);
  }

  has(id: number): boolean {
    return this.#all.has(id);
  }

  async answer(ids: number[], answers: string[][], labels: number): Promise<void> {
    await this.#project.answerDraws(ids.map((example, at) => ({ example, answer: answers[at], labels })));
  }

  /**
   * So many of the texts that wait, evenly drawn: those that were drawn before and still wait, then new ones, which are noted. `leaveOut`: not
   * these.
   */
  async take(count: number, open: readonly number[], leaveOut: ReadonlySet<number>): Promise<number[]> {
    if (count === 0) return [];
    const free = new Set(open.filter((id) => !leaveOut.has(id)));
    const before = [...this.#all.keys()].filter((id) => free.has(id));
    const fresh = [...free].filter((id) => !this.#all.has(id));
    const drawn = shuffle(fresh, mulberry32(this.#all.size + 1)).slice(0, Math.max(0, count - before.length));
    drawn.sort((a, b) => a - b);
    await this.#project.addDraws(drawn);
    for (const example of drawn) this.#all.set(example, { example, answer: null, labels: 0, given: null });
    return [...before, ...drawn].slice(0, count);
  }

  /** `labels`: those of today's head. */
  heldOut(labels: number): LearningState['heldOut'] {
    const known = [...this.#all.values()].filter(({ answer, given, labels: then }) => answer && given && then >= RECENT * labels);
    if (known.length === 0) return null;
    const right = known.filter(({ answer, given }) => isSame(answer!, given!)).length;
    const accuracy = right / known.length;
    const [low, high] = wilsonInterval(accuracy, known.length);
    return { accuracy, low, high, examples: known.length };
  }
}

const isSame = (a: string[], b: string[]): boolean => a.toSorted().join('\n') === b.toSorted().join('\n');
