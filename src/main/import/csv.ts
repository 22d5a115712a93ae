/**
 * Records of csv text that comes in pieces (RFC 4180). A quote inside a field that does not begin with one is text, and so are both quotes of
 * a field in which something follows the closing one. Written here because an import spends most of its time on it: see docs/benchmarks.md.
 */

export interface CsvRecord {
  /** 1-based line where it starts. */
  line: number;
  cells: string[];
}

const QUOTE = 34;
const LF = 10;
const CR = 13;

/** The line ends inside a quoted field. */
const lineEnds = /\r\n|\r|\n/g;

export class CsvRecords {
  /** Line of the record that is read next. After the last piece: of a record whose quote is never closed, see `unclosed`. */
  line = 1;
  /** Whether the text ended inside quotes. */
  unclosed = false;
  readonly #delimiter: number;
  #text = '';
  #at = 0;
  #last = false;
  /** Below this length the text is known to hold no further whole record. */
  #enough = 0;
  /** Whether a lone \r ends a line, as it does in files whose first line ends so; null: not known yet. */
  #returnEnds: boolean | null = null;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** UTF-16 units of the record that is not whole yet. */
  get held(): number {
    return this.#text.length - this.#at;
  }

  /** The records that are whole with this piece. */
  read(piece: string): CsvRecord[] {
    this.#text = this.#text.slice(this.#at) + piece;
    this.#at = 0;
    return this.#text.length < this.#enough ? [] : this.#records();
  }

  /** The records left at the end of the text. */
  end(): CsvRecord[] {
    this.#last = true;
    this.#enough = 0;
    return this.read('');
  }

  #records(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#at < this.#text.length) {
      const { line } = this;
      const cells = this.#record();
      if (!cells) break;
      records.push({ line, cells });
    }
    // A field that goes on for many pieces is looked through again at each doubling only.
    const left = this.#text.length - this.#at;
    this.#enough = this.#last || left < 1 << 20 ? 0 : 2 * left;
    return records;
  }

  /** The record at `#at`, which moves behind it; null, and nothing moves, where it is not whole yet. */
  #record(): string[] | null {
    const text = this.#text;
    const cells: string[] = [];
    let { line } = this;
    for (let at = this.#at; ;) {
      const field = text.charCodeAt(at) === QUOTE ? this.#quoted(at) : this.#plain(at, at, '');
      if (!field || (field.end >= text.length && !this.#last)) return null;
      cells.push(field.value);
      if (field.value.length > 0) line += this.#linesIn(field.value);
      at = field.end + 1;
      if (text.charCodeAt(field.end) === this.#delimiter) continue;
      const code = text.charCodeAt(field.end);
      if (code === CR && at >= text.length && !this.#last) return null;
      const isPair = code === CR && text.charCodeAt(at) === LF;
      if (field.end < text.length) this.#returnEnds ??= code === CR && !isPair;
      this.#at = isPair ? at + 1 : at;
      this.line = line + 1;
      return cells;
    }
  }

  #linesIn(value: string): number {
    return value.includes('\n') || value.includes('\r') ? (value.match(lineEnds)?.length ?? 0) : 0;
  }

  /** The field whose opening quote is at `at`; null where its closing one is not there (yet). */
  #quoted(at: number): { value: string; end: number } | null {
    const text = this.#text;
    let isDoubled = false;
    let close = text.indexOf('"', at + 1);
    while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) {
      isDoubled = true;
      close = text.indexOf('"', close + 2);
    }
    if (close < 0) {
      this.unclosed = this.#last;
      return null;
    }
    const inside = text.slice(at + 1, close);
    const value = isDoubled ? inside.replaceAll('""', '"') : inside;
    return this.#endsAt(close + 1) ? { value, end: close + 1 } : this.#plain(close, close + 1, `"${value}`);
  }

  /** The field up to the next delimiter or line end; its text is `before` and what lies from `from` on. */
  #plain(from: number, at: number, before: string): { value: string; end: number } {
    let end = at;
    while (!this.#endsAt(end)) end++;
    const rest = this.#text.slice(from, end);
    return { value: before ? before + rest : rest, end };
  }

  #endsAt(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    if (code === this.#delimiter || code === LF || at >= this.#text.length) return true;
    if (code !== CR) return false;
    return this.#returnEnds !== false || at + 1 >= this.#text.length || this.#text.charCodeAt(at + 1) === LF;
  }
}
