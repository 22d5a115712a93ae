import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProject } from './host.ts';

let folder = '';
const threads: Worker[] = [];
const remember = (thread: Worker) => void threads.push(thread);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-host-'));
  process.on('worker', remember);
});
afterEach(() => {
  process.off('worker', remember);
  threads.length = 0;
  rmSync(folder, { recursive: true });
});

test('a database thread that dies gives the project back, and whoever waited for it is told', async () => {
  const owner = join(folder, 'owner.json');
  const project = await openProject(folder, { create: { task: 'classification', name: 'x' } });
  expect(existsSync(owner)).toBe(true);

  const waiting = project.snapshot();
  void threads[0].terminate();
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable', remedy: 'Open the project again.' });
  expect(project.isOpen()).toBe(false);
  expect(existsSync(owner)).toBe(false);

  const again = await openProject(folder);
  expect(await again.summary()).toMatchObject({ name: 'x' });
  await again.close();
});

test('a reader whose thread dies leaves the project to its writer', async () => {
  const project = await openProject(folder, { create: { task: 'classification', name: 'x' } });
  const reader = await openProject(folder, { readonly: true });
  await threads[1].terminate();
  await expect(reader.summary()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(openProject(folder)).rejects.toMatchObject({ code: 'project_in_use' });
  await project.close();
});
