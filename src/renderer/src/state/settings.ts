/** The settings of a run that is being put together: defaults, usual ranges, and what the person changed. */
import { runConfigurationSchema, type RunConfiguration } from '../../../shared/domain.ts';
import { proposedFor } from '../../../shared/proposals.ts';
import { percent, scientific } from '../domain/numbers.ts';

export type SettingName =
  'lora' | 'batchSize' | 'accumulate' | 'learningRate' | 'epochs' | 'maxLength' | 'warmup' | 'dropout' | 'weightDecay' | 'seed';

export interface Setting {
  name: SettingName;
  title: string;
  /** Shown scale; logarithmic when `log`. */
  scale: [low: number, high: number];
  log?: boolean;
  usual: [low: number, high: number] | null;
  notes: [low: string, high: string];
  write: (value: number) => string;
  /** null: not a value that can be used. */
  read: (text: string) => number | null;
  /** What it must be, for an input that is not. */
  must: string;
  step: (value: number, direction: 1 | -1) => number;
}

const decimal = (text: string) => (/^\s*[+]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text.replace(',', '.')) : null);
const between =
  (low: number, high: number, whole = false) =>
  (text: string) => {
    const value = decimal(text);
    return value !== null && value >= low && value <= high && (!whole || Number.isInteger(value)) ? value : null;
  };
const share = (high: number) => (text: string) => {
  const value = text.includes('%') ? decimal(text.replace('%', '')) : null;
  const asShare = value === null ? decimal(text) : value / 100;
  return asShare !== null && asShare <= high ? asShare : null;
};
const logStep = (value: number, direction: 1 | -1) => Number((value * (direction > 0 ? 1.25 : 0.8)).toPrecision(2));
const whole = (by: number, low: number, high: number) => (value: number, direction: 1 | -1) =>
  Math.max(low, Math.min(high, value + by * direction));

export const batchSizes = [8, 16, 32, 64];

/** How what is chosen learns: the head is solved for, adapters or the layers themselves take steps. */
export type Method = 'head' | 'adapters' | 'layers';
/** All that a head which is solved for can be told. */
const ofHead: SettingName[] = ['maxLength'];

export function settingsFor(longest: number, method: Method): Setting[] {
  const all = allSettings(longest, method);
  return method === 'head'
    ? all.filter(({ name }) => ofHead.includes(name))
    : all.filter(({ name }) => name !== 'lora' || method === 'adapters');
}
/** Adapters stand a learning rate some 10 times as high as the layers do. */
function allSettings(longest: number, method: Method): Setting[] {
  return [
    {
      name: 'lora',
      title: 'Rank',
      scale: [1, 64],
      log: true,
      usual: [4, 16],
      notes: ['Of the adapters. Low: may not be enough', 'High: more to train, slower'],
      write: String,
      read: between(1, 1024, true),
      must: 'a whole number from 1 to 1024',
      step: (value, direction) => Math.max(1, Math.min(1024, direction > 0 ? value * 2 : Math.floor(value / 2))),
    },
    {
      name: 'learningRate',
      title: 'Learning rate',
      scale: [1e-6, 1e-2],
      log: true,
      usual: method === 'adapters' ? [1e-4, 1e-3] : [1e-5, 1e-4],
      notes: ['Too low: loss hardly moves', 'Too high: loss jumps, scores collapse'],
      write: scientific,
      read: (text) => {
        const value = decimal(text);
        return value !== null && value > 0 && value <= 1 ? value : null;
      },
      must: 'a number above 0, at most 1',
      step: logStep,
    },
    {
      name: 'epochs',
      title: 'Epochs',
      scale: [1, 20],
      usual: [2, 6],
      notes: ['Too few: both curves still falling', 'Too many: validation loss turns upward'],
      write: String,
      read: between(1, 1000, true),
      must: 'a whole number from 1 to 1000',
      step: whole(1, 1, 1000),
    },
    {
      name: 'maxLength',
      title: 'Longest text',
      scale: [16, Math.min(longest, 512)],
      usual: [64, Math.min(longest, 256)],
      notes: ['In tokens. Too short: texts lose their end', 'Too long: slower, more memory'],
      write: String,
      read: between(4, longest, true),
      must: `a whole number of tokens from 4 to ${longest}`,
      step: whole(16, 4, longest),
    },
    {
      name: 'accumulate',
      title: 'Batches a step',
      scale: [1, 16],
      usual: [1, 4],
      notes: ['1: each batch is a step', 'More: larger steps in the memory of one batch'],
      write: String,
      read: between(1, 1024, true),
      must: 'a whole number from 1 to 1024',
      step: whole(1, 1, 1024),
    },
    {
      name: 'warmup',
      title: 'Warm-up',
      scale: [0, 0.4],
      usual: [0, 0.1],
      notes: ['None: rough first steps', 'Long: learns late'],
      write: (value) => percent(value, value * 100 === Math.round(value * 100) ? 0 : 1),
      read: share(1),
      must: 'a share of the steps, 0 to 100 %',
      step: (value, d) => Math.max(0, Math.min(1, Number((value + 0.05 * d).toFixed(2)))),
    },
    {
      name: 'dropout',
      title: 'Dropout',
      scale: [0, 0.5],
      usual: [0, 0.2],
      notes: ['None: may memorise the texts', 'Much: learns slowly'],
      write: String,
      read: between(0, 0.9),
      must: 'a number from 0 to 0.9',
      step: (value, d) => Math.max(0, Math.min(0.9, Number((value + 0.05 * d).toFixed(2)))),
    },
    {
      name: 'weightDecay',
      title: 'Weight decay',
      scale: [0, 0.2],
      usual: [0, 0.1],
      notes: ['None: weights may grow large', 'Much: forgets what it knew'],
      write: String,
      read: between(0, 10),
      must: 'a number from 0 to 10',
      step: (value, d) => Math.max(0, Number((value + 0.01 * d).toFixed(3))),
    },
    {
      name: 'seed',
      title: 'Seed',
      scale: [0, 1],
      usual: null,
      notes: ['Decides the order of texts and dropout.', 'The same seed gives the same run.'],
      write: String,
      read: between(0, Number.MAX_SAFE_INTEGER, true),
      must: 'a whole number, 0 or more',
      step: whole(1, 0, Number.MAX_SAFE_INTEGER),
    },
  ];
}

export type SettingValues = Record<SettingName, number>;

/** What a setting is when nobody touches it. `dropout`: the base model's own; `scratch`: its weights are random; `examples`: labeled training texts. */
export function defaultSettings(
  dropout: number,
  longest: number,
  { method, scratch, examples }: { method: Method; scratch: boolean; examples: number },
): SettingValues {
  const defaults = { ...runConfigurationSchema.parse({}), ...proposedFor(examples) };
  const { batchSize, accumulate, epochs, warmup, weightDecay, seed } = defaults;
  return {
    batchSize,
    accumulate,
    epochs,
    warmup,
    weightDecay,
    seed,
    dropout,
    maxLength: Math.min(defaults.maxLength, longest),
    lora: 8,
    learningRate: method === 'adapters' || scratch ? 5e-4 : defaults.learningRate,
  };
}

/** The settings of a run; `dropout`: the base model's own. */
export function settingsOf(run: RunConfiguration, dropout: number): SettingValues {
  const { batchSize, accumulate, epochs, warmup, weightDecay, seed, maxLength, lora, learningRate } = run;
  const own = typeof run.dropout === 'number' ? run.dropout : dropout;
  return { batchSize, accumulate, epochs, warmup, weightDecay, seed, maxLength, lora, learningRate, dropout: own };
}

/** What a run that continues another has of its configuration, as the command line takes it. */
export const continuedFrom = (run: RunConfiguration): Partial<RunConfiguration> => ({
  ...run,
  baseHash: null,
  continues: true,
  gradual: false,
  reinitTop: 0,
});

/** The whole configuration of a run; `under`: what the settings do not say. A dropout that is the standard one stays what it was there. */
export function configurationOf(
  under: Partial<RunConfiguration>,
  values: SettingValues,
  standardDropout: number,
  method: Method,
): RunConfiguration {
  if (method === 'head') return runConfigurationSchema.parse({ ...under, headOnly: true, maxLength: values.maxLength });
  const dropout = values.dropout === standardDropout ? (under.dropout ?? null) : values.dropout;
  return runConfigurationSchema.parse({ ...under, ...values, dropout, lora: method === 'adapters' ? values.lora : 0 });
}
