/** A person's regular expression, run on many texts at a time under a clock: some expressions take longer than anyone lives. */
import { createContext, Script } from 'node:vm';
import { ThawError } from '../../shared/errors.ts';

const limitMilliseconds = 400;

export class Pattern {
  readonly #source: string;
  readonly #context: { expression?: RegExp; texts: string[] } = { texts: [] };
  readonly #script = new Script('texts.map((text) => expression.test(text))');

  /** Throws wrong_format for what is no expression, saying why. */
  constructor(source: string) {
    this.#source = source;
    try {
      this.#context.expression = new RegExp(source, 'iu');
    } catch (cause) {
      const why = (cause as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
      throw this.#refused(`“${source}” is no regular expression: ${why}.`, 'Mend it, or search for the words instead.', cause);
    }
    createContext(this.#context);
  }

  /** Whether each text matches. Throws wrong_format when that takes too long. */
  test(texts: string[]): boolean[] {
    this.#context.texts = texts;
    try {
      return this.#script.runInContext(this.#context, { timeout: limitMilliseconds }) as boolean[];
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
      throw this.#refused(
        `“${this.#source}” takes too long on some texts.`,
        'Avoid repeating what repeats already, such as (a+)+, or bound how often: {0,20}.',
        cause,
      );
    }
  }

  #refused(message: string, remedy: string, cause: unknown): ThawError {
    return new ThawError({ code: 'wrong_format', message, remedy, place: { field: 'pattern' } }, { cause });
  }
}
