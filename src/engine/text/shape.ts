/**
 * How a word is written, which many encoders do not see, since their tokenizers lower all letters (the spelling features of Collobert et al. 2011,
 * section 5.1, and of Ratinov and Roth 2009).
 */
const TRAITS: ((word: string, index: number) => boolean)[] = [
  (word) => /^\p{Lu}/u.test(word),
  (word) => /^\p{Lu}{2,}$/u.test(word),
  (word) => /^.+\p{Lu}/u.test(word),
  (word) => /^\p{Ll}/u.test(word),
  (word) => /\p{N}/u.test(word),
  (word) => /^[^\p{L}\p{N}]+$/u.test(word),
  (word) => /.[-.'’]/.test(word),
  (_, index) => index === 0,
];
export const traitsOfWord = TRAITS.length;

/** [traits], 1 for what is so. `index`: the word's place in its text. */
export const wordTraits = (word: string, index: number): number[] => TRAITS.map((holds) => Number(holds(word, index)));
