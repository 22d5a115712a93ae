export { accountName } from './annotator.ts';
export { openProject } from './host.ts';
export type { Call, Project } from './host.ts';
export type { OpenOptions } from './open.ts';
export type { Snapshot, SnapshotExample } from './snapshot.ts';
export type { ImportOptions } from '../import/index.ts';
export type { StoredExample } from './tables/examples.ts';
