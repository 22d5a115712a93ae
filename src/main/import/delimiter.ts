/** Which character parts the columns of a csv file. */
import { parse } from 'csv-parse/sync';

const candidates = [',', ';', '\t', '|'];

function columnCounts(sample: string, delimiter: string): number[] {
  const counts: number[] = [];
  const take = (record: string[]) => void counts.push(record.length);
  try {
    parse(sample, { delimiter, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, to: 50, on_record: take });
  } catch {
    // The sample may end inside a quoted field; the records before it count all the same.
  }
  return counts;
}

/** The candidate that gives most rows the first row's number of columns (at least two); a comma where none does. */
export function findDelimiter(sample: string): string {
  let best = { delimiter: ',', share: 0, columns: 1 };
  for (const delimiter of candidates) {
    const counts = columnCounts(sample, delimiter);
    const columns = counts[0] ?? 0;
    if (columns < 2) continue;
    const share = counts.filter((count) => count === columns).length / counts.length;
    if (share > best.share) best = { delimiter, share, columns };
  }
  return best.delimiter;
}
