/**
 * Several annotators: what others say of the examples stands beside the project's own label. A project has an identity, and where its texts were
 * sent from another one, that one's identity and ids, so that answers find their way back. An example that was settled keeps what its own label
 * was before.
 */
export const annotators = /* sql */ `
  ALTER TABLE project ADD COLUMN identity TEXT NOT NULL DEFAULT '';
  UPDATE project SET identity = lower(hex(randomblob(16)));
  ALTER TABLE project ADD COLUMN origin TEXT;

  CREATE TABLE sent_example (
    example INTEGER PRIMARY KEY REFERENCES example (id) ON DELETE CASCADE,
    origin INTEGER NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE answer (
    example INTEGER NOT NULL REFERENCES example (id) ON DELETE CASCADE,
    annotator TEXT NOT NULL,
    -- With labels by id, as events have it.
    annotation TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (example, annotator)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE example ADD COLUMN settled TEXT;
  CREATE INDEX event_example ON event (example) WHERE example IS NOT NULL;
`;
