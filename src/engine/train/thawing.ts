/** Gradual unfreezing (Howard and Ruder 2018, §3.3): the top layer first, then one more from the top each epoch. */
import type { EncoderConfig } from '../models/family.ts';
import { depthOf } from '../models/graphs.ts';
import type { Parameter } from '../models/parameters.ts';

/** The layers of parameters, from the head down to the embeddings. */
export function fromTheTop(parameters: Parameter[], config: EncoderConfig): string[] {
  const downwards = [...new Set(parameters.map(({ layer }) => layer))].reverse();
  return downwards.sort((one, other) => depthOf(other, config) - depthOf(one, config));
}

/**
 * The layers of `downwards` (from the top) that epoch `epoch` of `epochs`, counted from 1, trains: one more each epoch until all are. With fewer epochs
 * than layers they are spread evenly, so that the first epoch trains the top layer alone and the last one all.
 */
export function thawedIn(epoch: number, epochs: number, downwards: string[]): string[] {
  const pace = Math.max(1, (downwards.length - 1) / Math.max(1, epochs - 1));
  return downwards.slice(0, 1 + Math.round((epoch - 1) * pace));
}
