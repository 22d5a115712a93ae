import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openServices } from './open-services.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'thaw-services-'));
  vi.stubEnv('THAW_HOME', home);
  await writeFile(file.file, 'text,label\ngood,yes\nbad,no\n');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
  await rm(file.file);
});

const file = { name: 'Mail', file: join(tmpdir(), `thaw-mail-${process.pid}.csv`) };

it('opens a project once, with its runs, and gives it back when it closes', async () => {
  const services = openServices();
  const { project } = await services.projects.createFromFile(file);
  const [first, second] = await Promise.all([services.open(project.folder), services.open(`${project.folder}/`)]);
  expect(second.project).toBe(first.project);
  expect(second.runs).toBe(first.runs);
  await services.close();
  expect(first.project.isOpen()).toBe(false);

  // The next process, here the next services, finds it free.
  const later = openServices();
  expect((await (await later.open(project.folder)).project.summary()).examples).toBe(2);
  await later.close();
});

it('forgets a project without touching its files, and opens it again when asked', async () => {
  const services = openServices();
  const { folder } = (await services.projects.createFromFile(file)).project;
  const { runs } = await services.open(folder);
  await services.forget(folder);
  expect(await services.projects.list()).toEqual([]);
  expect(existsSync(join(folder, 'project.db'))).toBe(true);
  const again = await services.open(folder);
  expect(again.runs).not.toBe(runs);
  await services.close();
});
