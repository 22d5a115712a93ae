import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { sample, thaw, thawJson } from './thaw.ts';

interface Listed {
  total: number;
  examples: { id: number; text: string; label: string | null; split: string }[];
}

test('`data` lists what a filter lets through, changes it in one step, and takes that back', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-cli-data-'));
  try {
    await thaw(['import', sample('topics.csv'), '--project', folder]);
    const data = <T = Listed>(...args: string[]) => thawJson<T>('data', '--project', folder, ...args);
    const hotels = await data('label:travel', 'hotel', '--limit', '1000');
    expect(hotels.total).toBe(hotels.examples.length);
    for (const { text, label } of hotels.examples) expect([text.includes('hotel'), label]).toEqual([true, 'travel']);
    const longest = await data('/fligh?t/', '--sort', 'length', '--descending', '--limit', '2');
    expect(longest.examples[0].text.length).toBeGreaterThanOrEqual(longest.examples[1].text.length);
    expect(await data<{ changed: number }>('label:kitchen and dining', '--set-label', 'home')).toMatchObject({ changed: 250 });
    expect((await data('label:home', '--limit', '1')).total).toBe(500);
    expect(await data<{ title: string }>('--undo')).toEqual({ title: 'label “home” for 250 texts' });
    expect((await data('label:home', '--limit', '1')).total).toBe(250);
    const wrong = await thaw(['data', 'split:dev', '--project', folder]);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('Splits are train, validation and test.')]);
    expect((await thaw(['data', '--project', folder, '--delete', '--skip'])).code).toBe(2);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
});
