/**
 * Whatever a person does can be taken back: a batch has a title, events name labels by id (so that a renamed label is still the same) and may
 * speak of a label itself, and who did, undid and redid a batch is a log of its own. Labels have a look, a rule and ids that are never given
 * twice. Spans may begin at the same place.
 */
const byId = (state: string) => /* sql */ `json_object(
  'annotation', json_object(
    'label', (SELECT id FROM label WHERE name = json_extract(${state}, '$.annotation.label')),
    'labels', CASE WHEN json_type(${state}, '$.annotation.labels') = 'array' THEN json((
      SELECT json_group_array(label.id) FROM json_each(${state}, '$.annotation.labels') AS given JOIN label ON label.name = given.value)) END,
    'spans', CASE WHEN json_type(${state}, '$.annotation.spans') = 'array' THEN json((
      SELECT json_group_array(json_object('start', given.value ->> 'start', 'end', given.value ->> 'end', 'label', label.id))
      FROM json_each(${state}, '$.annotation.spans') AS given JOIN label ON label.name = given.value ->> 'label')) END),
  'skipped', json(CASE json_extract(${state}, '$.skipped') WHEN 1 THEN 'true' ELSE 'false' END))`;

export const history = /* sql */ `
  ALTER TABLE batch ADD COLUMN title TEXT NOT NULL DEFAULT 'labeling';

  CREATE TABLE action (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id),
    kind TEXT NOT NULL CHECK (kind IN ('do', 'undo', 'redo')),
    at TEXT NOT NULL,
    annotator TEXT NOT NULL
  ) STRICT;
  INSERT INTO action (batch, kind, at, annotator)
    SELECT batch, CASE kind WHEN 'annotate' THEN 'do' ELSE kind END, at, annotator FROM event ORDER BY id;

  CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id),
    example INTEGER,
    label INTEGER,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    CHECK ((example IS NULL) <> (label IS NULL))
  ) STRICT;
  INSERT INTO change (batch, example, before, after)
    SELECT batch, example, ${byId('before')}, ${byId('after')} FROM event WHERE kind = 'annotate' ORDER BY id;
  DROP TABLE event;
  ALTER TABLE change RENAME TO event;
  CREATE INDEX event_batch ON event (batch);
  CREATE INDEX event_label ON event (label) WHERE label IS NOT NULL;
  CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
  CREATE TRIGGER event_is_final BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
  CREATE TRIGGER action_is_kept BEFORE DELETE ON action BEGIN SELECT RAISE(ABORT, 'actions are append-only'); END;
  CREATE TRIGGER action_is_final BEFORE UPDATE ON action BEGIN SELECT RAISE(ABORT, 'actions are append-only'); END;

  ALTER TABLE label ADD COLUMN category INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE label ADD COLUMN guideline TEXT NOT NULL DEFAULT '';
  ALTER TABLE label ADD COLUMN examples TEXT NOT NULL DEFAULT '[]';
  UPDATE label SET category = position;
  ALTER TABLE project ADD COLUMN last_label INTEGER NOT NULL DEFAULT 0;
  UPDATE project SET last_label = (SELECT coalesce(max(id), 0) FROM label);
  CREATE TRIGGER label_id_is_new AFTER INSERT ON label BEGIN UPDATE project SET last_label = max(last_label, new.id); END;

  CREATE TABLE nested_span (
    example INTEGER NOT NULL REFERENCES example (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL CHECK (end > start),
    label INTEGER NOT NULL REFERENCES label (id),
    PRIMARY KEY (example, start, end, label)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO nested_span (example, start, end, label) SELECT example, start, end, label FROM span;
  DROP TABLE span;
  ALTER TABLE nested_span RENAME TO span;
  CREATE INDEX span_label ON span (label, example);
`;
