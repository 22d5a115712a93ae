export { Growing } from './growing.ts';
export { NearDuplicates, nearThreshold } from './near.ts';
export { Spool } from './spool.ts';
export { TextIndex } from './text-index.ts';
export { DisjointSets } from './union.ts';
