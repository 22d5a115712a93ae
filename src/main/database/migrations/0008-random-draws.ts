/** Texts that were drawn at random for labeling, and what a head said of each before its label was known: how honestly its accuracy is estimated. */
export const randomDraws = /* sql */ `
  CREATE TABLE random_draw (
    example INTEGER PRIMARY KEY REFERENCES example (id) ON DELETE CASCADE,
    drawn_at TEXT NOT NULL,
    -- Names of labels (JSON) and how many labeled texts the head had been fitted to; NULL until the text was labeled, and where there was no head.
    answer TEXT,
    labels INTEGER
  ) STRICT;
`;
