/** What may go wrong around a project, and that it opens afterwards as before. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { runConfigurationSchema } from '../../src/shared/domain.ts';
import { newProject, open, rows, temporaryFile } from './data-places.ts';

const all = { offset: 0, limit: 500, search: '', split: null, label: null, labeled: null };
const children: ChildProcess[] = [];

function writer(...given: string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, 'data-writer.ts'), given, { execArgv: [] });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  // The channel closes once everything the child had sent is read.
  const gone = [once(child, 'exit'), once(child, 'disconnect')];
  child.kill('SIGKILL');
  await Promise.all(gone);
}

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => (child.exitCode === null && child.signalCode === null ? kill(child) : undefined)));
});

async function filledProject(count: number): Promise<string> {
  const project = await newProject();
  await project.importFile({ file: temporaryFile('a.csv', rows(count)) });
  await project.close();
  return project.folder;
}

describe('one writer', () => {
  test('a second one is refused by name, a reader is not, and a dead one is followed at once', async () => {
    const folder = await filledProject(3);
    const child = writer('hold', folder);
    await once(child, 'message');
    await expect(open(folder)).rejects.toMatchObject({ code: 'project_in_use', message: expect.stringContaining(`process ${child.pid}`) });
    const reader = await open(folder, { readonly: true });
    expect(await reader.summary()).toMatchObject({ examples: 3 });
    await expect(reader.createLabel('x')).rejects.toMatchObject({ code: 'file_unreadable' });
    await kill(child);
    const project = await open(folder);
    expect(JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'))).toMatchObject({ pid: process.pid });
    await expect(open(folder)).rejects.toMatchObject({ code: 'project_in_use' });
    await project.close();
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
  });

  test('of two that find a dead owner, one gets the project', async () => {
    const folder = await filledProject(3);
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, started: 'before this process' }));
    const outcomes = await Promise.allSettled([open(folder), open(folder), open(folder)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'project_in_use' });
  });

  test('runs of a dead host are interrupted', async () => {
    const folder = await filledProject(3);
    const project = await open(folder);
    const { hash } = await project.snapshot();
    const configuration = runConfigurationSchema.parse({});
    const { run } = await project.createRun({ name: 'a', configuration, snapshot: hash, labels: [] });
    await project.createRun({ name: 'b', configuration, snapshot: hash, labels: [] });
    await project.updateRun(run, { status: 'running' });
    await project.close();
    const reader = await open(folder, { readonly: true });
    expect((await reader.runs()).map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
    expect((await (await open(folder)).runs()).map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
  });
});

describe('SIGKILL', () => {
  test('while importing leaves nothing of the import', async () => {
    const folder = await filledProject(5);
    const child = writer('import', folder, temporaryFile('b.csv', rows(60_000, ['new', 'newer'])));
    await once(child, 'message');
    const database = new SqliteDatabase(join(folder, 'project.db'), { readonly: true });
    while ((database.prepare('SELECT max(id) AS id FROM example').get() as { id: number }).id <= 5) await new Promise(setImmediate);
    await kill(child);
    database.close();
    const project = await open(folder);
    expect(await project.summary()).toMatchObject({ examples: 5, labels: [{ name: 'no' }, { name: 'yes' }] });
    expect(await project.importFile({ file: temporaryFile('c.csv', rows(5, ['new'])) })).toMatchObject({ imported: 5, duplicates: 5 });
  });
});

describe('files', () => {
  test('a full disk stops an import, and the project is as before', async () => {
    const folder = await filledProject(50);
    const before = await open(folder);
    const summary = await before.summary();
    await before.close();
    const full = await open(folder, { maximumBytes: 400_000 });
    await expect(full.importFile({ file: temporaryFile('b.csv', rows(20_000, ['new'])) })).rejects.toMatchObject({ code: 'disk_full' });
    expect(await full.annotate({ id: 1, annotation: { label: 'yes', spans: null }, skipped: false })).toMatchObject({
      annotation: { label: 'yes' },
    });
    await full.undo();
    await full.close();
    const after = await open(folder);
    expect({ ...(await after.summary()), openedAt: '' }).toEqual({ ...summary, openedAt: '' });
    expect(await after.importFile({ file: temporaryFile('c.csv', rows(100, ['new'])) })).toMatchObject({ imported: 100 });
  });

  test('a newer schema is refused and left alone', async () => {
    const folder = await filledProject(3);
    const database = new SqliteDatabase(join(folder, 'project.db'));
    database.pragma('user_version = 99');
    database.close();
    await expect(open(folder)).rejects.toMatchObject({ code: 'newer_project', message: expect.stringContaining('99') });
    await expect(open(folder, { readonly: true })).rejects.toMatchObject({ code: 'newer_project' });
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
  });

  test('a damaged or cut-off database is named', async () => {
    const damaged = await filledProject(3);
    writeFileSync(join(damaged, 'project.db'), 'this is no database, whatever its name says'.repeat(50));
    await expect(open(damaged)).rejects.toMatchObject({ code: 'damaged_file', place: { file: join(damaged, 'project.db') } });
    const cut = await filledProject(3000);
    truncateSync(join(cut, 'project.db'), 100_000);
    await expect(open(cut).then((project) => project.page({ ...all, offset: 2500 }))).rejects.toMatchObject({ code: 'damaged_file' });
  });
});
