/** What the newest run says of the text that is shown, unless a person hides that: it may sway them. */
import type { Example, Suggested, Suggestion } from '../../../shared/domain.ts';
import type { LabelSuspect } from '../../../shared/learning.ts';
import { api } from '../api.ts';
import { suggesting } from './suggesting.svelte.ts';
import { messages } from './messages.svelte.ts';

const KEY = 'thaw.suggestions';

/** Of all labelers: whoever hides suggestions means it. */
const choice = $state({ hidden: localStorage.getItem(KEY) === 'hidden' });

const nothing: Suggested = { suggestion: null, measures: false, headSaid: null };

export class Suggestions {
  #found = $state.raw<({ id: number } & Suggested) | null>(null);
  /** How often suggestions had been made when it was asked for. */
  #made = 0;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get hidden(): boolean {
    return choice.hidden;
  }

  /** Whether there is one of the text shown, hidden or not. */
  get any(): boolean {
    return this.#found?.suggestion != null;
  }

  /** What to show; null where there is none, or it is hidden. */
  get shown(): Suggestion | null {
    return choice.hidden ? null : (this.#found?.suggestion ?? null);
  }

  /** The text measures what learns meanwhile: nothing is suggested until it is labeled. */
  get measures(): boolean {
    return this.#found?.measures ?? false;
  }

  /** What the head had said of a text that measured it; null: nothing, or the text did not. */
  get headSaid(): string[] | null {
    return this.#found?.headSaid ?? null;
  }

  /** Takes the example that is shown now. A failure leaves it without suggestion: labeling goes on. */
  async follow(example: Example | null): Promise<void> {
    const { made } = suggesting;
    if (example?.id === this.#found?.id && made === this.#made) return;
    this.#made = made;
    this.#found = example && { id: example.id, ...nothing };
    if (!example) return;
    const answer = await api.labels.suggestion({ folder: this.#folder, id: example.id }).catch(() => null);
    if (answer && this.#found?.id === example.id) this.#found = { id: example.id, ...answer };
  }

  toggle(): void {
    if (this.measures) return messages.notify({ text: 'This text measures suggestions: there is none until you have labeled it.' });
    if (!this.any)
      return messages.notify({ text: 'No run has an answer for this text. A finished run can suggest labels for all texts that wait.' });
    choice.hidden = !choice.hidden;
    localStorage.setItem(KEY, choice.hidden ? 'hidden' : 'shown');
  }
}

/** What the other labels say in place of one that looks wrong: it is shown also where suggestions are hidden, being what is asked about. */
export function suggestionInstead({ given, suggested, probability, givenProbability }: LabelSuspect): Suggestion {
  const scores = [
    ...suggested.map((label) => ({ label, score: probability })),
    ...given.map((label) => ({ label, score: givenProbability })),
  ];
  return { source: 'live', run: null, name: null, labels: suggested, scores, spans: null };
}
