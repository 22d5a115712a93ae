/**
 * Of the search index: segments are joined sixteen at a time and not four, so that what is in it is written half as often while it is made; the
 * few hundred that would be joined at once, for long, never come together. Once all is indexed, search-index.ts joins what is left.
 */
export const searchSegments = /* sql */ `
  INSERT INTO example_search (example_search, rank) VALUES ('automerge', 16);
  INSERT INTO example_search (example_search, rank) VALUES ('crisismerge', 256);
`;
