/** What a person chose for themselves. */
import { z } from 'zod';

/** What a person chose for themselves, for all projects. */
export const settingsSchema = z.object({
  /** Who their changes are signed with; empty: the name of the account. */
  annotator: z.string().trim().max(80).default(''),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  motion: z.enum(['system', 'reduced']).default('system'),
  /** Single characters without Ctrl or Alt are keys. */
  characterKeys: z.boolean().default(true),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Without defaults: fields left out stay as they are. */
export const settingsChangeSchema = z.object({
  annotator: settingsSchema.shape.annotator.unwrap().optional(),
  theme: settingsSchema.shape.theme.unwrap().optional(),
  motion: settingsSchema.shape.motion.unwrap().optional(),
  characterKeys: z.boolean().optional(),
});
