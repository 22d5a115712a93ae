/**
 * A label may be an approved suggestion of a run rather than one that a person gave; a run says how many of its training labels were. A step
 * over a long batch that was cut off is known by its row, so that opening the project brings every example back to where it was before it.
 */
export const suggestions = /* sql */ `
  CREATE TABLE approval (
    example INTEGER PRIMARY KEY REFERENCES example (id) ON DELETE CASCADE,
    -- Stays when the run is deleted.
    run TEXT NOT NULL
  ) STRICT;
  ALTER TABLE run ADD COLUMN approved_labels INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE long_step (
    batch INTEGER PRIMARY KEY REFERENCES batch (id),
    kind TEXT NOT NULL CHECK (kind IN ('do', 'undo', 'redo'))
  ) STRICT;
`;
