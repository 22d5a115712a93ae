/** What a person notes of an example besides its label: a text, and that they are unsure. No row where there is neither. */
export const remarks = /* sql */ `
  CREATE TABLE remark (
    example INTEGER PRIMARY KEY REFERENCES example (id) ON DELETE CASCADE,
    note TEXT NOT NULL,
    unsure INTEGER NOT NULL CHECK (unsure IN (0, 1))
  ) STRICT;
`;
