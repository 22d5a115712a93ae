/** Takes rows one after another and keeps what the findings need: a few numbers a row in memory, the row itself on disk. */
import { hash } from 'node:crypto';
import type { TextTokenizer } from '../../engine/text/index.ts';
import { isLabeled, labelsNamed, type Annotation, type Split } from '../../shared/domain.ts';
import type { FindingKind } from '../../shared/doctor.ts';
import { Growing, NearDuplicates, Spool, TextIndex } from '../duplicates/index.ts';
import { rowChecks, type RowCheck } from './checks.ts';
import type { DoctorRow } from './row.ts';

export interface LengthLimit {
  tokenizer: TextTokenizer;
  /** Tokens, special ones included. */
  maxLength: number;
}

export interface LabelCount {
  examples: number;
  /** Of them in a split other than training. */
  elsewhere: number;
}

const splitCodes: (Split | null)[] = [null, 'train', 'validation', 'test'];
const tokenizedAtOnce = 512;

/** `limit`: null where lengths cannot be measured. `path`: where the rows are kept meanwhile. */
export class Examination {
  readonly limit: LengthLimit | null;
  readonly rejected: { line: number; reason: string }[] = [];
  /** By finding, the rows that have it, in order. */
  readonly found = new Map<FindingKind, Growing<Uint32Array>>();
  readonly labels = new Map<string, LabelCount>();
  /** Tokens of the rows of too_long, in their order. */
  readonly tokens = new Growing(new Uint32Array(0));
  readonly near = new NearDuplicates();
  private readonly spool: Spool;
  private readonly places = new Growing(new Float64Array(0));
  /** Split and origin. */
  private readonly flags = new Growing(new Uint8Array(0));
  /** 0: not labeled; else equal for equal annotations. */
  private readonly annotations = new Growing(new Uint32Array(0));
  /** The first row with the same text. */
  private readonly firsts = new Growing(new Uint32Array(0));
  private readonly texts = new TextIndex();
  /** The first rows, to which those after them are only compared: a project's, while a file for it is examined. */
  known = 0;
  private waiting: { row: number; text: string }[] = [];

  constructor(path: string, limit: LengthLimit | null) {
    this.spool = new Spool(path);
    this.limit = limit;
  }

  get length(): number {
    return this.places.length;
  }

  /** A row that the later ones are compared to, and that nothing is said of for itself; comes before the others. */
  addKnown(row: DoctorRow): void {
    this.keep(row);
    this.known = this.length;
  }

  async add(row: DoctorRow): Promise<void> {
    const index = this.length;
    this.keep(row);
    for (const kind of Object.keys(rowChecks) as RowCheck[]) if (rowChecks[kind](row) !== null) this.note(kind, index);
    if (this.limit && mayBeLong(row.text, this.limit)) this.waiting.push({ row: index, text: row.text });
    if (this.waiting.length >= tokenizedAtOnce) await this.measure();
  }

  private keep(row: DoctorRow): void {
    this.spool.append(row.text, JSON.stringify([row.annotation, row.pretokenized]));
    this.places.push(row.place);
    this.flags.push(splitCodes.indexOf(row.split) + (row.ofProject ? 4 : 0));
    this.annotations.push(keyOf(row.annotation));
    this.firsts.push(this.texts.add(row.text));
    this.near.add(row.text);
    this.countLabels(row);
  }

  /** Measures the lengths that wait for it. */
  async measure(): Promise<void> {
    if (!this.limit) return;
    const rows = this.waiting;
    this.waiting = [];
    const lengths = await this.limit.tokenizer.lengths(rows.map(({ text }) => text));
    lengths.forEach((length, index) => {
      if (length <= this.limit!.maxLength) return;
      this.note('too_long', rows[index].row);
      this.tokens.push(length);
    });
  }

  row(index: number): DoctorRow {
    const [annotation, pretokenized] = JSON.parse(this.spool.rest(index)) as [Annotation, boolean];
    return {
      place: this.places.at(index),
      ofProject: this.isOfProject(index),
      text: this.text(index),
      annotation,
      split: this.splitOf(index),
      pretokenized,
    };
  }

  text(index: number): string {
    return this.spool.text(index);
  }

  splitOf(index: number): Split | null {
    return splitCodes[this.flags.at(index) & 3];
  }

  isOfProject(index: number): boolean {
    return (this.flags.at(index) & 4) !== 0;
  }

  /** 0: not labeled. */
  annotationOf(index: number): number {
    return this.annotations.at(index);
  }

  /** The lowest row with the same text. */
  firstOf(index: number): number {
    return this.firsts.at(index);
  }

  close(): void {
    this.spool.close();
  }

  private countLabels({ annotation, split }: DoctorRow): void {
    for (const name of new Set(labelsNamed(annotation))) {
      const count = this.labels.get(name) ?? { examples: 0, elsewhere: 0 };
      count.examples++;
      if (split !== null && split !== 'train') count.elsewhere++;
      this.labels.set(name, count);
    }
  }

  private note(kind: FindingKind, row: number): void {
    const rows = this.found.get(kind) ?? new Growing(new Uint32Array(0));
    rows.push(row);
    this.found.set(kind, rows);
  }
}

/**
 * A tokenizer makes no more tokens of ASCII than it has characters, but for the special ones and a mark at the start; of any other character at
 * most 18, which is what Unicode's compatibility forms (NFKC) make of U+FDFA.
 */
function mayBeLong(text: string, { tokenizer, maxLength }: LengthLimit): boolean {
  const { opening, closing } = tokenizer.special;
  const room = maxLength - opening.length - closing.length - 1;
  // eslint-disable-next-line no-control-regex -- ASCII is what is asked for
  return text.length > room || (18 * text.length > room && !/^[\x00-\x7f]*$/.test(text));
}

/** 32 bits of what was said, the order of labels and spans aside; 0: nothing. */
function keyOf(annotation: Annotation): number {
  if (!isLabeled(annotation)) return 0;
  const { label, labels, spans } = annotation;
  const said = JSON.stringify([label, labels?.toSorted(), spans?.map((span) => `${span.start} ${span.end} ${span.label}`).sort()]);
  return hash('sha256', said, 'buffer').readUInt32LE(0) || 1;
}
