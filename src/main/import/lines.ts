/** Pieces of text to lines, ended by \n or \r\n. */
import { ThawError } from '../../shared/errors.ts';

/** In UTF-16 units; a string can hold twice as many. */
const longestLine = 2 ** 28;

/** Throws wrong_format where a line is too long to be one. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let held: string[] = [];
  let heldLength = 0;
  let line = 0;
  for await (const piece of pieces) {
    const parts = piece.split('\n');
    const last = parts.pop() as string;
    if (parts.length > 0) {
      parts[0] = held.join('') + parts[0];
      held = [];
      heldLength = 0;
    }
    for (const text of parts) yield { line: ++line, text: text.endsWith('\r') ? text.slice(0, -1) : text };
    if (last) held.push(last);
    heldLength += last.length;
    if (heldLength > longestLine)
      throw new ThawError({
        code: 'wrong_format',
        message: `Line ${line + 1} does not end within ${longestLine / 2 ** 20} million characters.`,
        remedy: 'Check that the file has the format it is read as.',
        place: { line: line + 1 },
      });
  }
  const rest = held.join('');
  if (rest) yield { line: ++line, text: rest };
}
