/** The cursor in a passage and what it does to the spans. Every change is handed to `save`, which keeps it or says no. */
import type { Example, Span, Suggestion } from '../../../shared/domain.ts';
import { inTextOrder } from '../../../shared/spans.ts';
import { partsOf, type Part } from './parts.ts';
import { overlap, resized, sameSpan, withSpan, wordRange, wordsOf, type Word } from './passage.ts';

export type SuggestedSpan = NonNullable<Suggestion['spans']>[number];

const keyOf = ({ start, end, label }: Span) => `${start}/${end}/${label}`;

/** UTF-16 units of a passage whose words are on screen at a time: some three pages. */
const PART = 12_000;
/** With a capital letter, or a digit. */
const NAME = /^[\p{Lu}\p{Lt}\p{Nd}]/u;

export class SpanEditor {
  /** Of the part that is shown. */
  words = $state.raw<Word[]>([]);
  /** Of a long passage; a short one is one part. No span that it came with lies in two. */
  parts = $state.raw<Part[]>([{ start: 0, end: 0 }]);
  #part = $state(0);
  #text = '';
  spans = $state.raw<Span[]>([]);
  /** Word the cursor is on, and the word a selection began with. */
  cursor = $state(0);
  anchor = $state(0);
  /** Index into `spans`, or null. */
  selected = $state<number | null>(null);
  /** What a run says of the passage. */
  #offered = $state.raw<SuggestedSpan[]>([]);
  /** Those a person does not want to see again, by example. */
  #dismissed = $state.raw(new Map<number, string[]>());
  /** The suggestion that was gone to. */
  #pointed = $state.raw<SuggestedSpan | null>(null);
  /** Suggested spans that no span overlaps, in text order. */
  readonly suggested = $derived.by(() => {
    const dismissed = this.#dismissed.get(this.#id ?? -1) ?? [];
    const isOpen = (span: SuggestedSpan) => !this.spans.some((own) => overlap(own, span)) && !dismissed.includes(keyOf(span));
    return this.#offered.filter(isOpen).sort(inTextOrder);
  });
  #id = $state<number | null>(null);
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
    this.#text = example.text;
    this.parts = partsOf(example.text, PART, this.spans);
    this.#open(0);
  }

  /** Which part is shown, from 0. */
  get partIndex(): number {
    return this.#part;
  }
  get part(): Part {
    return this.parts[this.#part];
  }

  /** Shows another part, from its first word on, or where it is entered backwards from its last; false where there is none. */
  showPart(index: number, backwards = false): boolean {
    if (this.parts[index] === undefined) return false;
    this.#open(index);
    if (backwards) this.point(this.words.length - 1, false);
    return true;
  }

  #open(index: number): void {
    const { start, end } = this.parts[index];
    this.#part = index;
    this.words = wordsOf(this.#text.slice(start, end), start);
    this.cursor = this.anchor = this.#focus = 0;
    this.selected = null;
    this.#pointed = null;
  }

  /** Shows the part that a span begins in. */
  #reach({ start }: Span): void {
    const index = this.parts.findIndex((part) => start < part.end);
    if (index !== -1 && index !== this.#part) this.#open(index);
  }

  /** Takes what a run says of the passage; none where that is hidden. */
  offer(spans: SuggestedSpan[]): void {
    this.#offered = spans;
  }

  /** The suggestion that keys are for: the one gone to, or else that under the cursor where no span and no words are chosen. */
  get suggestion(): SuggestedSpan | null {
    if (this.selected !== null) return null;
    const { suggested, cursor, anchor } = this;
    if (this.#pointed && suggested.includes(this.#pointed)) return this.#pointed;
    const word = this.words[cursor];
    return (cursor === anchor && word && suggested.find((span) => overlap(span, word))) || null;
  }

  /** Goes to a suggestion and the words under it. */
  pointAt(span: SuggestedSpan): void {
    this.#reach(span);
    const [first, last] = wordRange(this.words, span);
    this.anchor = this.#focus = first;
    this.cursor = last;
    this.selected = null;
    this.#pointed = span;
  }

  /** Makes the suggestion in question a span; all of them where none is. False where there was none. */
  accept(): boolean {
    const { suggestion } = this;
    if (suggestion) this.#keep(spanOf(suggestion));
    else return this.acceptAll();
    return true;
  }

  /** Makes all suggestions spans, as one change. False where there are none, or they could not be kept. */
  acceptAll(): boolean {
    if (this.suggested.length === 0) return false;
    const spans = this.suggested.reduce((kept, span) => withSpan(kept, spanOf(span)), this.spans);
    if (!this.#save(spans)) return false;
    this.spans = spans;
    return true;
  }

  /** Puts others in place of all spans, as one change. False where they could not be kept. */
  replace(spans: readonly Span[]): boolean {
    const all = spans.map(({ start, end, label }) => ({ start, end, label }));
    if (!this.#save(all)) return false;
    this.spans = all;
    this.selected = null;
    return true;
  }

  get first(): number {
    return Math.min(this.cursor, this.anchor);
  }

  get last(): number {
    return Math.max(this.cursor, this.anchor);
  }

  /** On from the last word of a part to the next one, where nothing is being selected. */
  move(step: 1 | -1, extend: boolean): void {
    const leaves = this.cursor + step < 0 || this.cursor + step >= this.words.length;
    if (leaves && !extend && this.showPart(this.#part + step, step < 0)) return;
    this.point(this.cursor + step, extend);
  }

  /** To the next word that begins like a name or a number, or else to the last one. */
  jump(step: 1 | -1, extend: boolean): void {
    const { words } = this;
    let at = this.cursor + step;
    while (words[at] && !NAME.test(this.#text.slice(words[at].start, words[at].end))) at += step;
    if (words[at]) this.point(at, extend);
    else if (words[this.cursor + step]) this.point(step > 0 ? words.length - 1 : 0, extend);
    else this.move(step, extend);
  }

  /** Puts the cursor on a word; `extend` keeps where the selection began. */
  point(word: number, extend: boolean): void {
    this.cursor = Math.max(0, Math.min(this.words.length - 1, word));
    if (!extend) this.anchor = this.cursor;
    this.#focus = this.cursor;
    this.selected = null;
    this.#pointed = null;
  }

  /** Selects a span and the words under it. */
  select(index: number): void {
    this.#reach(this.spans[index]);
    const [first, last] = wordRange(this.words, this.spans[index]);
    this.anchor = first;
    this.cursor = last;
    this.selected = index;
    this.#pointed = null;
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

  /** Goes to the next or previous span or suggestion; false where there is none, so that the key keeps its own meaning. */
  step(direction: 1 | -1): boolean {
    const stops: (Span | SuggestedSpan)[] = [...this.spans, ...this.suggested].sort(inTextOrder);
    const here = this.selected === null ? this.#pointed : this.spans[this.selected];
    const at = here ? stops.indexOf(here) : -1;
    const next = stops[at < 0 ? this.#near(stops, direction) : at + direction];
    if (!next) return false;
    if ('score' in next) this.pointAt(next);
    else this.select(this.spans.indexOf(next));
    return true;
  }

  /** The first that ends after the cursor's word begins, or the last that begins before it. */
  #near(stops: Span[], direction: 1 | -1): number {
    const at = this.words[this.cursor]?.start ?? 0;
    return direction === 1 ? stops.findIndex((span) => span.end > at) : stops.findLastIndex((span) => span.start < at);
  }

  /** Makes a span of the selected words, or of the suggestion there; a selected span changes its label instead. */
  make(label: string): void {
    const { words, first, last, selected, spans, suggestion } = this;
    if (words.length === 0) return;
    const range = selected !== null ? spans[selected] : (suggestion ?? { start: words[first].start, end: words[last].end });
    this.#keep({ start: range.start, end: range.end, label }, selected);
  }

  /** Changes the label of the span selected, or of the innermost under the cursor. */
  retype(label: string): void {
    const index = this.#target();
    if (index !== null) this.#keep({ ...this.spans[index], label }, index);
    else if (this.suggestion) this.make(label);
  }

  /** Moves the end (or, with `start`, the beginning) of the span by a word. */
  resize(step: 1 | -1, start: boolean): void {
    const index = this.#target();
    const span = index === null ? this.suggestion && spanOf(this.suggestion) : this.spans[index];
    if (span) this.#keep(resized(this.words, span, start ? { from: -step } : { to: step }), index);
  }

  /** A suggestion is dismissed instead. */
  remove(index: number | null = this.#target()): void {
    if (index === null) return this.dismiss();
    const spans = this.spans.filter((_, at) => at !== index);
    if (!this.#save(spans)) return;
    this.spans = spans;
    this.selected = null;
    this.anchor = this.cursor;
  }

  dismiss(span: SuggestedSpan | null = this.suggestion): void {
    if (!span || this.#id === null) return;
    this.#dismissed = new Map(this.#dismissed).set(this.#id, [...(this.#dismissed.get(this.#id) ?? []), keyOf(span)]);
    this.#pointed = null;
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

const spanOf = ({ start, end, label }: SuggestedSpan): Span => ({ start, end, label });
