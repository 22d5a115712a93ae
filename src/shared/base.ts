/** What a run's `base` names. */
import { embeddedBase } from './domain.ts';

export type NamedBase =
  /** A run of the same project. */
  | { kind: 'run'; run: string }
  /** Random weights in the architecture of this base model. */
  | { kind: 'scratch'; model: string }
  /** The name of an embedded base model, or a folder. */
  | { kind: 'model'; model: string };

/** `r3`; `scratch` or `scratch:BASE`; anything else is a base model. A folder of such a name is given as `./r3`. */
export function parseBase(base: string): NamedBase {
  if (/^r[1-9]\d*$/.test(base)) return { kind: 'run', run: base };
  const scratch = /^scratch(?::(.+))?$/.exec(base);
  return scratch ? { kind: 'scratch', model: scratch[1] ?? embeddedBase } : { kind: 'model', model: base };
}
