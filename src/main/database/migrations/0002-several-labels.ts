/** A text may carry several labels: a third task, what its examples are labeled with, and what runs say of them. */
export const severalLabels = /* sql */ `
  CREATE TABLE project_of_three_tasks (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    task TEXT NOT NULL CHECK (task IN ('classification', 'multilabel', 'ner')),
    attribution TEXT,
    created_at TEXT NOT NULL,
    visible_examples INTEGER NOT NULL DEFAULT 0,
    given_splits TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  INSERT INTO project_of_three_tasks (id, name, task, attribution, created_at, visible_examples, given_splits)
    SELECT id, name, task, attribution, created_at, visible_examples, given_splits FROM project;
  DROP TABLE project;
  ALTER TABLE project_of_three_tasks RENAME TO project;

  CREATE TABLE text_label (
    example INTEGER NOT NULL REFERENCES example (id) ON DELETE CASCADE,
    label INTEGER NOT NULL REFERENCES label (id),
    PRIMARY KEY (example, label)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX text_label_label ON text_label (label, example);

  ALTER TABLE prediction ADD COLUMN labels TEXT;
`;
