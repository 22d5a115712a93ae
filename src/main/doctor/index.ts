export { openDoctor } from './host.ts';
export type { Doctor } from './host.ts';
export type { MendPlan, RowMend } from './row.ts';
