/** AG News for the benchmark: its labeled test part, drawn into splits of our own from a seed, as files both sides read. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { mulberry32, shuffle } from '../../src/engine/text/index.ts';
import type { Dataset } from './contestants.ts';

const COUNTS = { train: 5000, validation: 600, test: 2000 };

/** `fraction`: an n-th of each split. The file has class, title, description; a text is title and description. */
export async function agNews(file: string, folder: string, fraction: number): Promise<Dataset> {
  const rows = parse(await readFile(file, 'utf8')) as [string, string, string][];
  const lines = rows.map(([label, ...parts]) => `${parts.join(' ').replace(/\s+/g, ' ').trim()}\t${label}`);
  const drawn = shuffle(lines, mulberry32(1));
  let from = 0;
  const write = async (split: keyof typeof COUNTS): Promise<string> => {
    const own = drawn.slice(from, (from += COUNTS[split])).slice(0, Math.ceil(COUNTS[split] / fraction));
    const copy = path.join(folder, `ag-news-${split}.tsv`);
    await writeFile(copy, `${own.join('\n')}\n`);
    return copy;
  };
  const [train, validation, test] = [await write('train'), await write('validation'), await write('test')];
  return { name: 'AG News', task: 'classification', train, validation, test, epochs: 1, learningRate: 5e-5 };
}
