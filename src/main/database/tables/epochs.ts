/** Finished epochs of runs. */
import type { Database } from 'better-sqlite3';
import type { Epoch, Metrics } from '../../../shared/domain.ts';

interface EpochRow {
  epoch: number;
  step: number;
  train_loss: number;
  validation_loss: number | null;
  validation: string | null;
}

export function listEpochs(database: Database, run: string): Epoch[] {
  const rows = database.prepare('SELECT * FROM epoch WHERE run = ? ORDER BY epoch').all(run) as EpochRow[];
  return rows.map((row) => ({
    epoch: row.epoch,
    step: row.step,
    trainLoss: row.train_loss,
    validationLoss: row.validation_loss,
    validation: row.validation === null ? null : (JSON.parse(row.validation) as Metrics),
  }));
}

/** Those that a resumed run goes over again. */
export function deleteEpochsAfter(database: Database, run: string, epoch: number): void {
  database.prepare('DELETE FROM epoch WHERE run = ? AND epoch > ?').run(run, epoch);
}

/** Adds the epoch, or replaces it when a run went over it again. */
export function storeEpoch(database: Database, run: string, { epoch, step, trainLoss, validationLoss, validation }: Epoch): void {
  database
    .prepare('INSERT OR REPLACE INTO epoch (run, epoch, step, train_loss, validation_loss, validation) VALUES (?, ?, ?, ?, ?, ?)')
    .run(run, epoch, step, trainLoss, validationLoss, validation && JSON.stringify(validation));
}
