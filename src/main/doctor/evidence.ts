/** The texts behind a finding, a page at a time. */
import { labelsNamed, type Annotation } from '../../shared/domain.ts';
import type { Evidence, EvidencePage, FindingKind, Place } from '../../shared/doctor.ts';
import { rowChecks, type RowCheck } from './checks.ts';
import type { Examination } from './examination.ts';
import type { Diagnosis } from './findings.ts';

const excerptLength = 400;
const placesShown = 20;

/** Rows of one text that are told together. */
interface Item {
  group: number;
  rows: number[];
}

/** Groups as items of one text each. */
function itemsOf(examination: Examination, groups: number[][]): Item[] {
  return groups.flatMap((rows, group) => {
    if (rows.length === 1) return [{ group, rows }];
    return [...Map.groupBy(rows, (row) => examination.firstOf(row)).values()].map((same) => ({ group, rows: same }));
  });
}

const labelOf = (annotation: Annotation): string | null => {
  const names = [...new Set(labelsNamed(annotation))];
  if (names.length > 0) return names.join(', ');
  return annotation.labels || annotation.spans ? 'none' : null;
};

function placeOf(examination: Examination, index: number): Place {
  const { place, ofProject, split, annotation } = examination.row(index);
  return { line: ofProject ? null : place, example: ofProject ? place : null, split, label: labelOf(annotation) };
}

function detailOf(kind: FindingKind, examination: Examination, row: number): string | null {
  if (kind in rowChecks) return rowChecks[kind as RowCheck](examination.row(row));
  if (kind !== 'too_long') return null;
  const at = examination.found.get('too_long')!.all().indexOf(row);
  return `${examination.tokens.at(at).toLocaleString('en')} tokens`;
}

export class EvidenceShelf {
  private readonly examination: Examination;
  private readonly diagnosis: Diagnosis;
  private readonly items = new Map<FindingKind, Item[]>();

  constructor(examination: Examination, diagnosis: Diagnosis) {
    this.examination = examination;
    this.diagnosis = diagnosis;
  }

  page(kind: FindingKind, offset: number, limit: number): EvidencePage {
    if (kind === 'broken_rows') return this.broken(offset, limit);
    const items = this.items.get(kind) ?? itemsOf(this.examination, this.diagnosis.rows.get(kind)?.groups ?? []);
    this.items.set(kind, items);
    return { total: items.length, evidence: items.slice(offset, offset + limit).map((item) => this.evidence(kind, item)) };
  }

  private evidence(kind: FindingKind, { group, rows }: Item): Evidence {
    const text = this.examination.text(rows[0]);
    return {
      group,
      text: text.length > excerptLength ? `${text.slice(0, excerptLength).toWellFormed()}…` : text,
      places: rows.slice(0, placesShown).map((row) => placeOf(this.examination, row)),
      more: Math.max(0, rows.length - placesShown),
      detail: detailOf(kind, this.examination, rows[0]),
    };
  }

  private broken(offset: number, limit: number): EvidencePage {
    const { rejected } = this.examination;
    const evidence = rejected.slice(offset, offset + limit).map(({ line, reason }, index) => ({
      group: offset + index,
      text: '',
      places: [{ line, example: null, split: null, label: null }],
      more: 0,
      detail: reason,
    }));
    return { total: rejected.length, evidence };
  }
}
