export { Growing } from './growing.ts';
export { NearDuplicates, nearThreshold } from './near.ts';
export { TextIndex } from './text-index.ts';
