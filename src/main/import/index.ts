export { findTask, previewFile } from './inspect.ts';
export { ForeignTexts } from './language.ts';
export type { ImportOptions } from './options.ts';
export type { ImportJob, ImportMessage, MovePiece, ReadReport, RowPiece } from './pieces.ts';
export { readRows } from './read.ts';
export type { ParsedRow, ReadOptions } from './row.ts';
export { drawSplits, parseShares } from './splits.ts';
export { stratifyLabels } from './stratify.ts';
export { TextGroups } from './text-groups.ts';
