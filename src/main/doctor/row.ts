/** What the doctor looks at: a row of a file or an example of a project. */
import type { Annotation, Split } from '../../shared/domain.ts';

export interface DoctorRow {
  /** Line of the file, or id of the example. */
  place: number;
  ofProject: boolean;
  text: string;
  annotation: Annotation;
  /** Null: to be drawn. */
  split: Split | null;
  /** Its words are the runs of text between single spaces. */
  pretokenized: boolean;
}

/** What mending does to one row; fields left out stay as they are. */
export interface RowMend {
  leaveOut?: true;
  unlabel?: true;
  split?: Split;
  text?: string;
  spans?: NonNullable<Annotation['spans']>;
}

/** What chosen mends do, all together. */
export interface MendPlan {
  /** By the place among the rows of the file that can be read, from 0, or by the id of the example. */
  rows: Map<number, RowMend>;
  /** New names of labels by the names they have. */
  labels: Record<string, string>;
}
