/** Texts a run would see, or evenly spaced ones where there are many: enough to know how long they are. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import type { Split } from '../../shared/domain.ts';
import { databaseFile } from './open.ts';

export interface TextSample {
  texts: string[];
  /** Labeled texts of the split. */
  count: number;
}

const largest: Record<Split, number> = { train: 20_000, validation: 5000, test: 5000 };
const pieceTexts = 1000;

const labeled = 'FROM example WHERE split = ? AND annotated = 1 AND id <= (SELECT visible_examples FROM project)';

/** Reads through a connection of its own, in pieces, so that labeling goes on beside it. */
export async function sampleTexts(folder: string): Promise<Record<Split, TextSample>> {
  const database = new SqliteDatabase(databaseFile(folder), { readonly: true, timeout: 5000 });
  try {
    database.exec('BEGIN');
    const ofSplit = async (split: Split): Promise<TextSample> => {
      const count = database.prepare(`SELECT count(*) ${labeled}`).pluck().get(split) as number;
      const stride = Math.max(1, Math.ceil(count / largest[split]));
      const ids = [...everyNth(database.prepare(`SELECT id ${labeled} ORDER BY id`).pluck().iterate(split), stride)];
      const text = database.prepare('SELECT text FROM example WHERE id = ?').pluck();
      const texts: string[] = [];
      for (let at = 0; at < ids.length; at += pieceTexts) {
        texts.push(...ids.slice(at, at + pieceTexts).map((id) => text.get(id) as string));
        await nextTurn();
      }
      return { texts, count };
    };
    return { train: await ofSplit('train'), validation: await ofSplit('validation'), test: await ofSplit('test') };
  } finally {
    database.close();
  }
}

function* everyNth<T>(values: Iterable<T>, stride: number): Generator<T> {
  let at = 0;
  for (const value of values) if (at++ % stride === 0) yield value;
}
