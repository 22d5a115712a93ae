/** Labels that looked wrong and that a person says are right: they are not asked about again, unless they change. */
export const confirmedLabels = /* sql */ `
  CREATE TABLE confirmed_label (
    example INTEGER PRIMARY KEY REFERENCES example (id) ON DELETE CASCADE,
    -- Ids of the labels it had (JSON, ascending).
    labels TEXT NOT NULL,
    annotator TEXT NOT NULL,
    at TEXT NOT NULL
  ) STRICT;
`;
