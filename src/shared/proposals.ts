/** What a run is proposed to be set to, from how much there is to learn from. */
import { runConfigurationSchema, type RunConfiguration } from './domain.ts';

export type Proposal = Pick<RunConfiguration, 'epochs' | 'warmup'>;

/** Training texts below which they are few. */
export const FEW_TEXTS = 1000;
/** Texts seen, over all epochs, until a base model has learned a small task. */
const SEEN = 4000;
const MOST_EPOCHS = 20;

/**
 * Few texts take many epochs and a warm-up: with the usual three, a run ends before it has learned, or depends on its seed (Mosbach et al. 2021, On the
 * Stability of Fine-tuning BERT: 20 epochs, a tenth of them warm-up). `examples`: labeled training texts.
 */
export function proposedFor(examples: number): Proposal {
  const { epochs, warmup } = runConfigurationSchema.parse({});
  if (examples >= FEW_TEXTS) return { epochs, warmup };
  return { epochs: Math.max(epochs, Math.min(MOST_EPOCHS, Math.ceil(SEEN / Math.max(1, examples)))), warmup: 0.1 };
}
