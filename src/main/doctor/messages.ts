/** What the doctor's thread and its host say to each other. */
import type { Task } from '../../shared/domain.ts';
import type { ChosenMend, DoctorEvent, EvidencePage, FindingKind } from '../../shared/doctor.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { ImportOptions } from '../database/index.ts';
import type { MendPlan } from './row.ts';

/** The thread's workerData. */
export interface DoctorJob {
  task: Task;
  /** Left out: the project itself is examined. */
  file?: ImportOptions;
  /** Folder of the project, whose texts a file is compared with as well; null: there is none. */
  project: string | null;
  /** Folder of the base model whose tokenizer measures lengths. */
  base: string;
  /** Tokens. */
  maxLength: number;
  /** File, not there yet, in which rows are kept meanwhile. */
  spool: string;
}

export type DoctorQuestion =
  | { id: number; type: 'evidence'; finding: FindingKind; offset: number; limit: number }
  | { id: number; type: 'plan'; chosen: ChosenMend[] };

export type DoctorMessage =
  | { type: 'event'; event: DoctorEvent }
  /** The whole has been examined: the last report was of all rows. */
  | { type: 'ready' }
  | { type: 'answer'; id: number; value: EvidencePage | MendPlan }
  | { type: 'failed'; error: ErrorReport };
