/** A run on spans that overlap: says what it leaves out before it starts and in its notes, and counts that as missed. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { fixture, temporaryFolder, thaw } from './thaw.ts';

it('is told before the start and in the notes', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'nested.jsonl');
  const spans = [
    { start: 0, end: 18, label: 'Company' },
    { start: 8, end: 18, label: 'Place' },
  ];
  const lines = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ text: `Bank of Netherland ${index}`, spans, split: index < 8 ? 'train' : index < 10 ? 'validation' : 'test' }),
  );
  await fs.writeFile(file, lines.join('\n'));
  const project = path.join(folder, 'project');
  expect((await thaw(['import', file, '--project', project])).code).toBe(0);
  const { code, output, errors } = await thaw([
    ...['train', '--project', project, '--base', fixture('bert'), '--epochs', '1', '--threads', '1', '--max-length', '32', '--json'],
  ]);
  expect(errors).toContain('8 of 16 training spans overlap another one.');
  expect(errors).toContain('the others will be left out');
  expect(code).toBe(0);
  const { notes, validation } = JSON.parse(output) as { notes: string[]; validation: { perLabel: { label: string; support: number }[] } };
  expect(notes).toEqual([expect.stringContaining('8 of 16 training spans overlap another one.')]);
  expect(validation.perLabel.map(({ label, support }) => [label, support])).toEqual(
    expect.arrayContaining([
      ['Company', 2],
      ['Place', 2],
    ]),
  );
  await fs.rm(folder, { recursive: true });
});
