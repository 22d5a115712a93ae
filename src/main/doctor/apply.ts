/** Mends of a file's rows, done while they are read: what is imported is what a person chose. */
import type { ParsedRow } from '../import/index.ts';
import type { MendPlan } from './row.ts';

/** The row as the plan makes it; null: it is left out. `place`: among the rows that can be read, from 0. */
export function mendRow(row: ParsedRow, place: number, { rows, labels: renamed }: MendPlan): ParsedRow | null {
  const { leaveOut, unlabel, text, split, spans } = rows.get(place) ?? {};
  if (leaveOut) return null;
  const nameOf = (label: string) => renamed[label] ?? label;
  const { labels, ...rest } = row;
  const mended = { ...rest, text: text ?? row.text, split: split ?? row.split };
  if (unlabel) return { ...mended, label: null, spans: null };
  return {
    ...mended,
    label: row.label === null ? null : nameOf(row.label),
    ...(labels && { labels: [...new Set(labels.map(nameOf))] }),
    spans: (spans ?? row.spans)?.map((span) => ({ ...span, label: nameOf(span.label) })) ?? null,
  };
}
