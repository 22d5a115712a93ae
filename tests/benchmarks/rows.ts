/**
 * Writes a csv file of made-up texts, the same for the same seed: 15 to 20 words each, drawn as often as words are in English (Zipf), some quoted,
 * one in a hundred there twice. Usage: node tests/benchmarks/rows.ts FILE [ROWS] [LABELS] [SEED]
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { mulberry32 } from '../../src/engine/text/random.ts';

interface RowsOptions {
  rows: number;
  /** 2 to 10. */
  labels: number;
  seed: number;
}

const WORDS = 40_000;
const onsets = 'b c d f g h j k l m n p r s t v w br ch cl dr fl gr pl sh sl st th tr'.split(' ');
const vowels = 'a e i o u ai ea ee io oo ou'.split(' ');
const codas = ['', '', '', 'd', 'l', 'm', 'n', 'r', 's', 't', 'ck', 'ng', 'st'];
const frequent = 'the of and a to in is you that it he was for on are as with his they at be this have from or one had by'.split(' ');
const names = ['Billing', 'Delivery', 'Account access', 'Faulty product', 'Feedback', 'Returns', 'Pricing', 'Praise', 'Spam', 'Other'];

function vocabulary(random: () => number): string[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const words = new Set(frequent);
  while (words.size < WORDS) {
    const syllables = 1 + Math.floor(random() * 3);
    words.add(Array.from({ length: syllables }, () => pick(onsets) + pick(vowels)).join('') + pick(codas));
  }
  return [...words];
}

/** Draws a rank from 0 with a chance of about 1 / (rank + 2.7). */
const zipf = (random: () => number) => Math.min(WORDS - 1, Math.floor(2.7 * (Math.pow(1 + WORDS / 2.7, random()) - 1)));

function* rowsOf({ rows, labels, seed }: RowsOptions): Generator<string> {
  const random = mulberry32(seed);
  const words = vocabulary(random);
  let before = '';
  yield 'text,label\n';
  for (let row = 0; row < rows; row++) {
    const parts = Array.from({ length: 15 + Math.floor(random() * 6) }, () => words[zipf(random)]);
    const again = row > 0 && random() < 0.01;
    if (random() < 0.3) parts[4] += ',';
    const text = again ? before : parts.join(' ');
    before = text;
    const cell = random() < 0.05 ? `"He said ""${text}"""` : text.includes(',') ? `"${text}"` : text;
    yield `${cell},${random() < 0.5 ? names[Math.floor(random() * labels)] : ''}\n`;
  }
}

async function writeRows(file: string, options: RowsOptions): Promise<void> {
  const output = createWriteStream(file);
  let waiting: string[] = [];
  for (const row of rowsOf(options)) {
    if (waiting.push(row) < 5000) continue;
    if (!output.write(waiting.join(''))) await once(output, 'drain');
    waiting = [];
  }
  output.end(waiting.join(''));
  await finished(output);
}

if (process.argv[1] === import.meta.filename) {
  const [file, rows = '1000000', labels = '5', seed = '1'] = process.argv.slice(2);
  if (!file) {
    console.error('Usage: node tests/benchmarks/rows.ts FILE [ROWS] [LABELS] [SEED]');
    process.exit(2);
  }
  await writeRows(file, { rows: Number(rows), labels: Number(labels), seed: Number(seed) });
}
