/** The sample projects that come with the app: files in resources/samples, whose README.md holds their attributions. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { resourcesFolder } from '../entries.ts';
import { readRows } from '../import/index.ts';

interface SampleFile {
  id: string;
  name: string;
  file: string;
  task: Task;
  description: string;
}

export interface Sample extends SampleFile {
  /** Path of the data. */
  path: string;
  attribution: string;
  examples: number;
}

const sampleFiles: SampleFile[] = [
  {
    id: 'sentiment',
    name: 'Sentiment',
    file: 'sentiment.csv',
    task: 'classification',
    description: 'Sentences from reviews of products, films and restaurants: positive or negative.',
  },
  {
    id: 'topics',
    name: 'Topics',
    file: 'topics.csv',
    task: 'classification',
    description: 'Short requests to an assistant, in ten topics from banking to travel.',
  },
  {
    id: 'entities',
    name: 'Entities',
    file: 'entities.conll',
    task: 'ner',
    description: 'Sentences from Wikipedia with people, places, organisations and other names marked.',
  },
];

/** The README's list item on the file, without its Markdown. */
function attributionOf(readme: string, file: string): string {
  const item = readme.split(/^- /m).find((part) => part.startsWith(file)) ?? '';
  return item
    .slice(item.indexOf('): ') + 3)
    .replace(/\s+/g, ' ')
    .replaceAll('*', '')
    .trim();
}

async function countRows(path: string, task: Task): Promise<number> {
  let rows = 0;
  for await (const row of readRows(path, { format: 'auto', header: true, task })) if (row.kind === 'row') rows++;
  return rows;
}

/** Throws file_not_found where the app's own files are missing. */
export async function readSamples(): Promise<Sample[]> {
  const folder = join(resourcesFolder(), 'samples');
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  return Promise.all(
    sampleFiles.map(async (sample) => {
      const path = join(folder, sample.file);
      return { ...sample, path, attribution: attributionOf(readme, sample.file), examples: await countRows(path, sample.task) };
    }),
  );
}

/** Throws unknown_option, naming the samples there are. */
export function findSample(samples: Sample[], id: string): Sample {
  const sample = samples.find((candidate) => candidate.id === id);
  if (sample) return sample;
  throw new ThawError({
    code: 'unknown_option',
    message: `There is no sample '${id}'.`,
    remedy: `Samples: ${samples.map((known) => known.id).join(', ')}.`,
  });
}
