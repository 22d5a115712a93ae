export { findTask, previewFile } from './inspect.ts';
export { notEnglish } from './language.ts';
export { readRows } from './read.ts';
export type { ParsedRow, ReadOptions } from './row.ts';
export { drawSplits, parseShares } from './splits.ts';
export { stratifyLabels } from './stratify.ts';
