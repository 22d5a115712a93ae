/** Entity spans. */
import type { Database } from 'better-sqlite3';
import { learnable } from '../../../shared/spans.ts';

/** How many spans the labeled training examples have, and how many of them a run leaves out because they overlap another one. */
export function countOverlaps(database: Database): { spans: number; leftOut: number } {
  const rows = database
    .prepare(
      `SELECT example, start, end FROM span JOIN example ON example.id = span.example
       WHERE example.split = 'train' AND example.id <= (SELECT visible_examples FROM project) ORDER BY example`,
    )
    .all() as { example: number; start: number; end: number }[];
  let leftOut = 0;
  for (let from = 0; from < rows.length;) {
    let to = from;
    while (to < rows.length && rows[to].example === rows[from].example) to++;
    leftOut += learnable(rows.slice(from, to)).leftOut.length;
    from = to;
  }
  return { spans: rows.length, leftOut };
}
