/** Numbers and times as the screens write them. */
import type { FileFormat, Split, Task } from '../../../shared/domain.ts';

export { count, countOf } from '../../../shared/counts.ts';

const days = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const times = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const DAY_MS = 86_400_000;

/** Code points, which no list of a long text's would have room for. */
export function charactersIn(text: string): number {
  let characters = text.length;
  for (let at = 0; at < text.length; at++) {
    if (text.codePointAt(at)! <= 0xffff) continue;
    characters--;
    at++;
  }
  return characters;
}

export function taskName(task: Task): string {
  return { classification: 'One label per text', multilabel: 'Several labels per text', ner: 'Entity spans' }[task];
}

/** `today, 09:12`, `yesterday`, `3 Nov`; `at` in ISO 8601. */
export function dayOf(at: string, now = new Date()): string {
  const date = new Date(at);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (date.getTime() >= midnight) return `today, ${times.format(date)}`;
  if (date.getTime() >= midnight - DAY_MS) return 'yesterday';
  return days.format(date);
}

/** `under a minute left`, `18 min left`. */
export function timeLeft(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 1 ? 'under a minute left' : `${minutes} min left`;
}

export function splitName(split: Split): string {
  return { train: 'Training', validation: 'Validation', test: 'Test' }[split];
}

/** What a person calls a format. */
export const formatNames: Record<FileFormat, string> = {
  csv: 'CSV',
  tsv: 'TSV',
  jsonl: 'JSON lines',
  json: 'JSON',
  txt: 'Plain text',
  conll: 'CoNLL',
  xlsx: 'Excel',
  parquet: 'Parquet',
  'label-studio': 'Label Studio',
  doccano: 'doccano',
  prodigy: 'Prodigy',
  spacy: 'spaCy',
  brat: 'brat',
};

/** Encodings to choose among, by the names of the Encoding Standard. */
export const encodingNames: Record<string, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-1252': 'Western (Windows-1252)',
  'windows-1250': 'Central European (Windows-1250)',
  'windows-1251': 'Cyrillic (Windows-1251)',
  'iso-8859-2': 'Central European (ISO 8859-2)',
  'koi8-r': 'Cyrillic (KOI8-R)',
  shift_jis: 'Japanese (Shift JIS)',
  'euc-jp': 'Japanese (EUC)',
  gb18030: 'Chinese (GB 18030)',
  big5: 'Chinese (Big5)',
  'euc-kr': 'Korean (EUC)',
};
