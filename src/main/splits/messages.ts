/** What the thread that draws a project's splits anew is asked and says. */
import type { Split } from '../../shared/domain.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { RedrawOptions, RedrawPreview } from '../../shared/splits.ts';

/** The thread's workerData. */
export interface RedrawJob {
  /** Of the project. */
  folder: string;
  options: RedrawOptions;
  /** File, not there yet, in which texts are kept meanwhile. */
  spool: string;
}

/** Examples that change their split, by id. */
export interface Moves {
  ids: Float64Array;
  splits: Split[];
}

export interface Redraw {
  preview: RedrawPreview;
  moves: Moves;
}

export type RedrawMessage = { type: 'done'; redraw: Redraw } | { type: 'failed'; error: ErrorReport };
