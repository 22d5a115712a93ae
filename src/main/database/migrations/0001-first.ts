/**
 * The first schema of project.db.
 *
 * Examples above `project.visible_examples` and labels that are `pending` belong to an import that has not ended: no query
 * shows them, and opening the project removes them.
 */
export const first = /* sql */ `
  CREATE TABLE project (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    task TEXT NOT NULL CHECK (task IN ('classification', 'ner')),
    attribution TEXT,
    created_at TEXT NOT NULL,
    visible_examples INTEGER NOT NULL DEFAULT 0,
    given_splits TEXT NOT NULL DEFAULT '[]'
  ) STRICT;

  CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    pending INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE example (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
    annotated INTEGER NOT NULL DEFAULT 0,
    label INTEGER REFERENCES label (id),
    skipped INTEGER NOT NULL DEFAULT 0,
    pretokenized INTEGER NOT NULL DEFAULT 0,
    source_row INTEGER NOT NULL,
    extra TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE INDEX example_text ON example (text_hash);
  CREATE INDEX example_counts ON example (split, annotated, label);
  CREATE INDEX example_label ON example (label) WHERE label IS NOT NULL;
  CREATE INDEX example_queue ON example (id) WHERE annotated = 0 AND skipped = 0;

  CREATE TABLE span (
    example INTEGER NOT NULL REFERENCES example (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL CHECK (end > start),
    label INTEGER NOT NULL REFERENCES label (id),
    PRIMARY KEY (example, start)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX span_label ON span (label, example);

  CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'dropped'))
  ) STRICT;
  CREATE INDEX batch_state ON batch (state, id);

  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id),
    kind TEXT NOT NULL CHECK (kind IN ('annotate', 'undo', 'redo')),
    example INTEGER NOT NULL REFERENCES example (id),
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    at TEXT NOT NULL,
    annotator TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_batch ON event (batch);
  CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
  CREATE TRIGGER event_is_final BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

  CREATE TABLE snapshot (
    hash TEXT PRIMARY KEY,
    examples INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT GENERATED ALWAYS AS ('r' || number) STORED UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    base TEXT NOT NULL,
    snapshot TEXT NOT NULL REFERENCES snapshot (hash),
    configuration TEXT NOT NULL,
    labels TEXT NOT NULL,
    created_at TEXT NOT NULL,
    figures TEXT,
    validation TEXT,
    test TEXT,
    error TEXT
  ) STRICT;

  CREATE TABLE epoch (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    train_loss REAL NOT NULL,
    validation_loss REAL,
    validation TEXT,
    PRIMARY KEY (run, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE prediction (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    example INTEGER NOT NULL REFERENCES example (id),
    label TEXT,
    scores TEXT NOT NULL,
    spans TEXT,
    PRIMARY KEY (run, split, example)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE test_opening (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    at TEXT NOT NULL
  ) STRICT;
`;
