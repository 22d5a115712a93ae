import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notEnglish } from './language.ts';
import { readRows } from './read.ts';

describe('surely not English', () => {
  test.each([
    ['Это совсем не по-английски', 'is not written in Latin letters'],
    ['これは英語ではありません', 'is not written in Latin letters'],
    ['هذا ليس نصا إنجليزيا', 'is not written in Latin letters'],
    ['Der Film war leider nicht gut und die Musik ist auch sehr schlecht', 'looks German'],
    ['Le film est très mauvais et je ne le recommande pas du tout', 'looks French'],
    ['La comida no es muy buena pero el servicio es lo mejor que hay para los niños', 'looks Spanish'],
    ['Het eten was niet lekker maar de bediening is wel goed en ook erg snel', 'looks Dutch'],
  ])('%s', (text, why) => expect(notEnglish(text)).toBe(why));
});

describe('nothing said of', () => {
  test.each([
    'ok',
    '10/10 !!!',
    'Curaçao',
    'He shouted: "Das ist nicht gut!" and left the room at once.',
    'La Traviata and Il Trovatore are both operas by Giuseppe Verdi',
    'El Dorado was shown in Los Angeles and Las Vegas in the same week',
    'the Greek word λόγος is translated as word',
    'Die Another Day is a 2002 spy film',
  ])('%s', (text) => expect(notEnglish(text)).toBeNull());

  test('any text of the samples', async () => {
    const folder = join(import.meta.dirname, '../../../resources/samples');
    for (const [file, task] of [
      ['sentiment.csv', 'classification'],
      ['topics.csv', 'classification'],
      ['entities.conll', 'ner'],
    ] as const)
      for await (const row of readRows(join(folder, file), { format: 'auto', header: true, task }))
        if (row.kind === 'row') expect([row.text, notEnglish(row.text)]).toEqual([row.text, null]);
  });
});
