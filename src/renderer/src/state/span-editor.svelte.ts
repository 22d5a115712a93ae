/** The cursor in a passage and what it does to the spans. Every change is handed to `save`, which keeps it or says no. */
import type { Example, Span } from '../../../shared/domain.ts';
import { overlap, resized, sameSpan, withSpan, wordRange, wordsOf, type Word } from './passage.ts';

export class SpanEditor {
  words = $state.raw<Word[]>([]);
  spans = $state.raw<Span[]>([]);
  /** Word the cursor is on, and the word a selection began with. */
  cursor = $state(0);
  anchor = $state(0);
  /** Index into `spans`, or null. */
  selected = $state<number | null>(null);
  #id: number | null = null;
  /** The word that outer and inner spans are looked for around. */
  #focus = 0;
  readonly #save: (spans: Span[]) => boolean;

  constructor(save: (spans: Span[]) => boolean) {
    this.#save = save;
  }

  /** Takes an example; the cursor stays where it is when it is the same one again. */
  show(example: Example): void {
    this.spans = example.annotation.spans ?? [];
    if (this.selected !== null && this.selected >= this.spans.length) this.selected = null;
    if (example.id === this.#id) return;
    this.#id = example.id;
    this.words = wordsOf(example.text);
    this.cursor = this.anchor = this.#focus = 0;
    this.selected = null;
  }

  get first(): number {
    return Math.min(this.cursor, this.anchor);
  }

  get last(): number {
    return Math.max(this.cursor, this.anchor);
  }

  move(step: number, extend: boolean): void {
    this.point(this.cursor + step, extend);
  }

  /** Puts the cursor on a word; `extend` keeps where the selection began. */
  point(word: number, extend: boolean): void {
    this.cursor = Math.max(0, Math.min(this.words.length - 1, word));
    if (!extend) this.anchor = this.cursor;
    this.#focus = this.cursor;
    this.selected = null;
  }

  /** Selects a span and the words under it. */
  select(index: number): void {
    const [first, last] = wordRange(this.words, this.spans[index]);
    this.anchor = first;
    this.cursor = last;
    this.selected = index;
    if (this.#focus < first || this.#focus > last) this.#focus = first;
  }

  /** The innermost span over a word, or null. */
  at(word: number): number | null {
    return this.#over(word)[0] ?? null;
  }

  /** The spans over a word, the innermost first. */
  #over(word: number): number[] {
    const under = this.words[word];
    if (!under) return [];
    const found = this.spans.flatMap((span, index) => (overlap(span, under) ? [index] : []));
    return found.sort((a, b) => this.#length(a) - this.#length(b) || b - a);
  }

  #length(index: number): number {
    return this.spans[index].end - this.spans[index].start;
  }

  /** Selects the next larger span around the word in focus; the innermost where none is selected. */
  outer(): void {
    const around = this.#over(this.#focus);
    const next = this.selected === null ? around[0] : around[around.indexOf(this.selected) + 1];
    if (next !== undefined) this.select(next);
  }

  /** Selects the next smaller span around the word in focus, or else the longest that lies inside the selected one. */
  inner(): void {
    const around = this.#over(this.#focus);
    const { selected, spans } = this;
    if (selected === null) return this.outer();
    const smaller = around[around.indexOf(selected) - 1];
    if (smaller !== undefined) return this.select(smaller);
    const inside = spans.flatMap((span, index) =>
      index !== selected &&
      span.start >= spans[selected].start &&
      span.end <= spans[selected].end &&
      this.#length(index) < this.#length(selected)
        ? [index]
        : [],
    );
    inside.sort((a, b) => this.#length(b) - this.#length(a) || a - b);
    if (inside.length === 0) return;
    this.#focus = wordRange(this.words, spans[inside[0]])[0];
    this.select(inside[0]);
  }

  /** Selects the next or previous span; false where there is none, so that the key keeps its own meaning. */
  step(direction: 1 | -1): boolean {
    const next = this.selected === null ? this.#near(direction) : this.selected + direction;
    if (next < 0 || next >= this.spans.length) return false;
    this.select(next);
    return true;
  }

  /** The first span that ends after the cursor's word begins, or the last that begins before it. */
  #near(direction: 1 | -1): number {
    const at = this.words[this.cursor]?.start ?? 0;
    const index = this.spans.findIndex((span) => span.end > at);
    if (direction === 1) return index === -1 ? this.spans.length : index;
    return this.spans.findLastIndex((span) => span.start < at);
  }

  /** Makes a span of the selected words; a selected span changes its label instead. */
  make(label: string): void {
    const { words, first, last, selected, spans } = this;
    if (words.length === 0) return;
    const range = selected === null ? { start: words[first].start, end: words[last].end } : spans[selected];
    this.#keep({ start: range.start, end: range.end, label }, selected);
  }

  /** Changes the label of the span selected, or of the innermost under the cursor. */
  retype(label: string): void {
    const index = this.#target();
    if (index !== null) this.#keep({ ...this.spans[index], label }, index);
  }

  /** Moves the end (or, with `start`, the beginning) of the span by a word. */
  resize(step: 1 | -1, start: boolean): void {
    const index = this.#target();
    if (index === null) return;
    this.#keep(resized(this.words, this.spans[index], start ? { from: -step } : { to: step }), index);
  }

  remove(index: number | null = this.#target()): void {
    if (index === null) return;
    const spans = this.spans.filter((_, at) => at !== index);
    if (!this.#save(spans)) return;
    this.spans = spans;
    this.selected = null;
    this.anchor = this.cursor;
  }

  #target(): number | null {
    return this.selected ?? this.at(this.cursor);
  }

  /** Puts `span` in, in place of the one at `index` where given, and selects it. */
  #keep(span: Span, index: number | null = null): void {
    const spans = withSpan(
      this.spans.filter((_, at) => at !== index),
      span,
    );
    if (!this.#save(spans)) return;
    this.spans = spans;
    this.select(spans.findIndex((other) => sameSpan(other, span)));
  }
}
