/**
 * Tells texts that are surely not English, since the base model is. It would rather miss one than accuse one: names, quotes and
 * short texts pass.
 */

/** Frequent function words of other languages in Latin script that are not English words. */
const functionWords: Record<string, string> = {
  German:
    'der das und ist nicht ich mit auf für sich dem ein eine auch wir ihr sie noch wie einen nur aber bei kann sehr wenn haben wird zum zur oder',
  French: 'le les et est une dans que qui pas pour vous nous avec sur ce cette sont mais très plus elle au aux je du ont été être tout',
  Spanish: 'el los las una que es y por con para pero muy más este esta como lo se su del al son está todo fue tiene',
  Italian: 'il gli una che è di per non con sono ma molto più questo questa come della nel alla anche stato essere ho lo si',
  Portuguese: 'os uma que é não com para mas muito mais este esta como dos das em ao são foi ele ela isso seu sua você',
  Dutch: 'het een en van niet dat ik met voor zijn maar ook aan er naar bij heeft deze dit worden wordt hebben wij jullie',
  Polish: 'nie jest się na że w z do jak ale to tak był bardzo przez są tylko może już czy oraz',
  Turkish: 've bir bu için çok ile değil daha ama gibi olarak olan kadar ben sen var yok',
};

const languages = Object.keys(functionWords);
/** Frequent English words that the languages above do not share, as they do is, was, in, a, on. */
const english = new Set('the and it of to this that with for you not are be have my they she but from at by or if your'.split(' '));

/** By word, the positions in `languages` that have it: one look instead of one a language. */
const languagesOf = new Map<string, number[]>();
for (const [position, language] of languages.entries())
  for (const word of functionWords[language].split(' ')) languagesOf.set(word, [...(languagesOf.get(word) ?? []), position]);

const plain = /^[\0-\x7f]*$/;
const beyondLatin = /[\u0250-\uffff]/;
const letters = /\p{L}/gu;
const latinLetters = /\p{Script=Latin}/gu;
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

/** Why the text is surely not English, or null. */
export function notEnglish(text: string): string | null {
  // Most texts are cleared by these two looks, and an import takes them at every text.
  const mayBeOtherScript = beyondLatin.test(text);
  if (!mayBeOtherScript && text.includes(' the ')) return null;
  const all = mayBeOtherScript ? count(text, letters) : 0;
  if (all >= 4 && count(text, latinLetters) < all / 2) return 'is not written in Latin letters';
  const lower = text.toLowerCase();
  const words = lower.match(plain.test(lower) ? /[a-z]+/g : /\p{L}+/gu) ?? [];
  if (words.length < 6) return null;
  const hits = languages.map(() => 0);
  let englishWords = 0;
  for (const word of words) {
    if (english.has(word)) englishWords++;
    for (const position of languagesOf.get(word) ?? []) hits[position]++;
  }
  for (const [position, count] of hits.entries()) {
    const isEnough = count >= Math.max(3, words.length / 5) && count > 3 * englishWords;
    if (isEnough && new Set(words.filter((word) => languagesOf.get(word)?.includes(position))).size >= 3)
      return `looks ${languages[position]}`;
  }
  return null;
}

/** Texts in another language up to this share of a file are strays: they do not ask for another base model. */
const strayShare = 0.01;

/** The texts of a file that are surely not English. */
export class ForeignTexts {
  #first: { line: number; why: string } | null = null;
  #count = 0;

  look({ text, line }: { text: string; line: number }): void {
    const why = notEnglish(text);
    if (!why) return;
    this.#first ??= { line, why };
    this.#count++;
  }

  /** Names the first of them. A few strays are no reason to doubt the base model, and none is given. Null without any. */
  note(texts: number, fileName: string): string | null {
    if (!this.#first) return null;
    const among = `${texts} texts that ${this.#count === 1 ? 'does' : 'do'} not look English.`;
    const all = this.#count === 1 ? `the only one of ${among}` : `one of ${this.#count} among ${among}`;
    const advice =
      this.#count < strayShare * texts ? '' : ' The built-in base model is English: take a multilingual base for other languages.';
    return `Line ${this.#first.line} of ${fileName} ${this.#first.why}, ${all}${advice}`;
  }
}
