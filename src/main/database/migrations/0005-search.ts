/**
 * Texts are found by their words. The index follows the examples up to `indexed_examples`, a piece at a time, whenever the database has
 * nothing else to do; it keeps which examples a word is in and nothing else, since the texts are there to look at. Texts too long to be
 * indexed in one piece are looked through instead. A deleted example stays, out of sight, so that it can come back. A prediction has one
 * probability to sort and filter by.
 */
export const search = /* sql */ `
  CREATE VIRTUAL TABLE example_search USING fts5 (
    text, content = 'example', content_rowid = 'id', detail = 'none', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE TABLE long_example (example INTEGER PRIMARY KEY REFERENCES example (id) ON DELETE CASCADE) STRICT;
  ALTER TABLE project ADD COLUMN indexed_examples INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE example ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));
  CREATE INDEX example_deleted ON example (split, annotated, label) WHERE deleted = 1;

  -- An import looks at all texts there are at once.
  DROP INDEX example_text;

  ALTER TABLE prediction ADD COLUMN probability REAL;
  UPDATE prediction SET probability = coalesce(
    (SELECT max(value) FROM json_each(scores)), (SELECT min(value ->> 'score') FROM json_each(spans)));
`;
