/** What chosen mends change, row by row. Nothing is changed here. */
import type { Split } from '../../shared/domain.ts';
import { mendKindSchema, type ChosenMend, type MendKind } from '../../shared/doctor.ts';
import { spansOnWords } from './checks.ts';
import type { Examination } from './examination.ts';
import type { Diagnosis } from './findings.ts';
import { repairText } from './mojibake.ts';
import type { DoctorRow, MendPlan, RowMend } from './row.ts';

interface Member {
  row: DoctorRow;
  isFirst: boolean;
  /** Where its group goes. */
  home: Split;
}

/** Where a group goes: to the part of it that is in the project already, else to training. */
function home(rows: number[], examination: Examination): Split {
  const settled = rows.find((row) => row < examination.known);
  return (settled === undefined ? null : examination.splitOf(settled)) ?? 'train';
}

/** What a mend does to a row, which the mends before it have changed already. */
const mendings: Record<Exclude<MendKind, 'merge_labels'>, (member: Member) => RowMend> = {
  one_split: ({ home }) => ({ split: home }),
  keep_first: ({ isFirst }) => (isFirst ? {} : { leaveOut: true }),
  leave_out: () => ({ leaveOut: true }),
  unlabel: () => ({ unlabel: true }),
  repair_text: ({ row: { text, annotation } }) => {
    const { text: repaired, moved } = repairText(text);
    const spans = annotation.spans?.map((span) => ({ ...span, start: moved(span.start), end: moved(span.end) }));
    return { text: repaired, ...(spans && { spans }) };
  },
  trim_spans: ({ row }) => ({ spans: withoutTwins(spansOnWords(row)) }),
};

/** Spans that came to mark the same words with the same label are one. */
function withoutTwins(spans: NonNullable<RowMend['spans']>): NonNullable<RowMend['spans']> {
  const known = new Set<string>();
  return spans.filter(({ start, end, label }) => {
    const key = `${start} ${end} ${label}`;
    return !known.has(key) && known.add(key);
  });
}

/** Of leaks, the test texts are left out (validation ones where no test text is among them); of all else, every row. */
function concerned(finding: ChosenMend['finding'], mend: MendKind, rows: number[], examination: Examination): number[] {
  if (mend !== 'leave_out' || (finding !== 'split_leak' && finding !== 'near_leak')) return rows;
  return rows.filter((row) => examination.splitOf(row) === 'test');
}

/** The row as a mend makes it. */
export function mended(row: DoctorRow, { text, spans, split, unlabel }: RowMend): DoctorRow {
  const annotation = unlabel ? { label: null, spans: null } : { ...row.annotation, ...(spans && { spans }) };
  return { ...row, text: text ?? row.text, split: split ?? row.split, annotation };
}

/** Texts are repaired before entities are fitted to their words. */
const inOrder = (chosen: ChosenMend[]) =>
  chosen.toSorted((a, b) => mendKindSchema.options.indexOf(a.mend) - mendKindSchema.options.indexOf(b.mend));

export function planMends(examination: Examination, { rows, renamed }: Diagnosis, chosen: ChosenMend[]): MendPlan {
  const plan: MendPlan = { rows: new Map(), labels: {} };
  for (const { finding, mend } of inOrder(chosen)) {
    if (mend === 'merge_labels') plan.labels = renamed;
    else
      for (const group of rows.get(finding)?.groups ?? []) mendGroup(plan, examination, concerned(finding, mend, group, examination), mend);
  }
  return plan;
}

/** Rows of the project beside an examined file stay as they are. */
function mendGroup(plan: MendPlan, examination: Examination, rows: number[], mend: keyof typeof mendings): void {
  const goesTo = home(rows, examination);
  for (const index of rows.filter((row) => row >= examination.known)) {
    const row = examination.row(index);
    const key = row.ofProject ? row.place : index - examination.known;
    const before = plan.rows.get(key) ?? {};
    const change = mendings[mend]({ row: mended(row, before), isFirst: index === rows[0], home: goesTo });
    if (Object.keys(change).length > 0) plan.rows.set(key, { ...before, ...change });
  }
}
