/** Filters that a person keeps under names. */
export const views = /* sql */ `
  CREATE TABLE view (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, query TEXT NOT NULL) STRICT;
`;
