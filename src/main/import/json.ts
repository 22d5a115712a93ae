/** Objects of json files: a list of them, or one object whose `data` is the list. Read in pieces, so that no file is too large. */
import { ThawError } from '../../shared/errors.ts';
import { parseObject } from './jsonl.ts';
import { rejected } from './row.ts';
import type { Fields, Note, Records, RejectedRow } from './row.ts';

const [quote, backslash, comma, newline] = ['"', '\\', ',', '\n'].map((mark) => mark.charCodeAt(0));
const [openList, closeList, openObject, closeObject] = ['[', ']', '{', '}'].map((mark) => mark.charCodeAt(0));

interface Element {
  line: number;
  text: string;
}

/** In UTF-16 units; a string can hold twice as many. */
const longestElement = 2 ** 28;

/** Cuts JSON text into the elements of its list, without reading them. */
class ListScanner {
  /** Where the elements are: 1 in a list, 2 in the `data` of an object; 0 until that is known. */
  private listDepth = 0;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private line = 1;
  /** The last string of the object at the top, which may turn out to be a key. */
  private key = '';
  private held = '';
  private elementLine = 0;
  private closed = false;

  *read(piece: string): Generator<Element> {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code === newline) this.line++;
      if (this.inString) this.string(code, piece[at]);
      else if (this.listDepth === 0 || this.closed) {
        this.outside(code);
        if (this.depth === this.listDepth) start = at + 1;
      } else if (this.depth === this.listDepth && (code === comma || code === closeList)) {
        yield* this.element(piece.slice(start, at));
        start = at + 1;
        if (code === closeList) {
          this.depth--;
          this.closed = true;
        }
      } else {
        if (this.elementLine === 0 && code > 32) this.elementLine = this.line;
        this.inside(code);
      }
    }
    if (this.listDepth > 0 && !this.closed) this.hold(piece.slice(start));
  }

  /** What is left at the end of a file that ends too soon. */
  *end(): Generator<Fields | RejectedRow | Note> {
    if (this.closed) return;
    const last = this.held.trim() ? parseObject(this.elementLine, this.held) : null;
    if (last?.kind === 'fields') yield last;
    else if (last) yield rejected(this.elementLine, 'the file ends inside this value');
    yield { kind: 'note', text: `The list is never closed (line ${this.line}): the file may have been cut.` };
  }

  get found(): boolean {
    return this.listDepth > 0;
  }

  private hold(text: string): void {
    this.held += text;
    if (this.held.length > longestElement)
      throw new ThawError({
        code: 'wrong_format',
        message: `The value at line ${this.elementLine} does not end within ${longestElement / 2 ** 20} million characters.`,
        remedy: 'Check that the file is JSON.',
        place: { line: this.elementLine },
      });
  }

  private string(code: number, character: string): void {
    if (this.escaped) this.escaped = false;
    else if (code === backslash) this.escaped = true;
    else if (code === quote) this.inString = false;
    else if (this.depth === 1 && this.listDepth === 0) this.key += character;
  }

  private inside(code: number): void {
    if (code === quote) this.inString = true;
    else if (code === openList || code === openObject) this.depth++;
    else if ((code === closeList || code === closeObject) && this.depth > this.listDepth) this.depth--;
  }

  private outside(code: number): void {
    if (code === quote) {
      this.inString = true;
      this.key = '';
    } else if (code === openList && !this.closed && (this.depth === 0 || (this.depth === 1 && this.key === 'data')))
      this.listDepth = ++this.depth;
    else this.inside(code);
  }

  private *element(last: string): Generator<Element> {
    const text = this.held + last;
    this.held = '';
    if (text.trim()) yield { line: this.elementLine, text };
    this.elementLine = 0;
  }
}

/** Throws wrong_format where there is no list. An element that is no object is rejected at the line where it starts. */
export async function* readJson(pieces: AsyncIterable<string>, { fileName }: { fileName: string }): Records<Fields> {
  const scanner = new ListScanner();
  for await (const piece of pieces) for (const { line, text } of scanner.read(piece)) yield parseObject(line, text);
  if (!scanner.found)
    throw new ThawError({
      code: 'wrong_format',
      message: `${fileName} holds no list of objects.`,
      remedy: 'Give a JSON list of objects, or an object whose "data" is one; a file of one object a line is jsonl.',
      place: { file: fileName, line: 1 },
    });
  yield* scanner.end();
}
