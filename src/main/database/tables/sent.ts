/** Which project examples were sent from, and under which ids: how answers find their way back. */
import type { Database } from 'better-sqlite3';
import { ThawError } from '../../../shared/errors.ts';
import { shown } from './examples.ts';

export interface ExchangeIdentity {
  /** Of this project. */
  identity: string;
  /** Of the one whose texts these are; null: its own. */
  origin: string | null;
}

export const exchangeIdentity = (database: Database): ExchangeIdentity =>
  database.prepare('SELECT identity, origin FROM project').get() as ExchangeIdentity;

export interface SentKey {
  /** Id in the project of origin. */
  example: number;
  /** Hexadecimal. */
  textHash: string;
}

/** The id here of an example there. */
export function sentFinder(database: Database): (origin: number) => number | null {
  const { origin: from } = exchangeIdentity(database);
  const find = database
    .prepare(
      from === null
        ? `SELECT id FROM example WHERE id = ? AND ${shown}`
        : `SELECT id FROM sent_example JOIN example ON example.id = sent_example.example WHERE origin = ? AND ${shown}`,
    )
    .pluck();
  return (origin) => (find.get(origin) as number | undefined) ?? null;
}

/** The id there of an example here; null for one that did not come from there. */
export function originFinder(database: Database): (example: number) => number | null {
  if (exchangeIdentity(database).origin === null) return (example) => example;
  const find = database.prepare('SELECT origin FROM sent_example WHERE example = ?').pluck();
  return (example) => (find.get(example) as number | undefined) ?? null;
}

/** Notes that the examples after `after` are those of the project `origin`, in this order. */
export function recordOrigin(database: Database, { origin, keys, after }: { origin: string; keys: SentKey[]; after: number }): void {
  const textHash = database.prepare('SELECT lower(hex(text_hash)) FROM example WHERE id = ?').pluck();
  const insert = database.prepare('INSERT INTO sent_example (example, origin) VALUES (?, ?)');
  database
    .transaction(() => {
      database.prepare('UPDATE project SET origin = ?').run(origin);
      keys.forEach((key, index) => {
        if (textHash.get(after + 1 + index) !== key.textHash)
          throw new ThawError({ code: 'internal', message: `Text ${key.example} of the exchange file did not arrive as it was sent.` });
        insert.run(after + 1 + index, key.example);
      });
    })
    .immediate();
}
