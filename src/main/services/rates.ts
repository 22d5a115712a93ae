/** How fast this machine computes, measured once for each number of threads and kept in the app's folder. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ratesSchema, type Rates } from '../../trainer/messages.ts';
import { thawHome } from './recent.ts';
import { runJob } from './trainer.ts';
import { writeWholeFile } from '../whole-file.ts';

/** Changes when what is measured does. */
const EDITION = 1;
const rateFileSchema = z.record(z.string(), ratesSchema);
const rateFile = () => path.join(thawHome(), 'rates.json');

const keyOf = (threads: number) => [`v${EDITION}`, os.cpus()[0]?.model.trim(), process.arch, `${threads} threads`].join(', ');
const measuring = new Map<string, Promise<Rates>>();

/** About a second the first time. */
export async function ratesFor(threads: number): Promise<Rates> {
  const key = keyOf(threads);
  const known = await readRates();
  if (known[key]) return known[key];
  const measured = measuring.get(key) ?? runJob<'rates'>({ type: 'rates', threads }).then(({ rates }) => rates);
  measuring.set(key, measured);
  try {
    const rates = await measured;
    // A folder that can not be written costs the next one a second.
    await writeRates({ ...(await readRates()), [key]: rates }).catch(() => {});
    return rates;
  } finally {
    measuring.delete(key);
  }
}
async function readRates(): Promise<Record<string, Rates>> {
  try {
    return rateFileSchema.parse(JSON.parse(await fs.readFile(rateFile(), 'utf8')));
  } catch {
    return {};
  }
}
async function writeRates(rates: Record<string, Rates>): Promise<void> {
  await writeWholeFile(rateFile(), (file) => file.writeFile(JSON.stringify(rates, null, 2)));
}
