export { findTask } from './format.ts';
export { notEnglish } from './language.ts';
export { readRows } from './read.ts';
export type { FileFormat, ParsedRow, ReadOptions } from './row.ts';
export { drawSplits, parseShares } from './splits.ts';
export { stratifyLabels } from './stratify.ts';
