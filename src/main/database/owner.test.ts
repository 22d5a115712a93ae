import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processStart } from '../process-start.ts';
import { liveOwner, releaseOwnership, takeOwnership } from './owner.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-owner-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const owner = (content: string) => writeFileSync(join(folder, 'owner.json'), content);

test('a process has the same start each time, one that is gone has none', () => {
  expect(processStart(process.pid)).toBe(processStart(process.pid));
  expect(processStart(process.pid)).not.toBeNull();
  expect(processStart(spawnSync(process.execPath, ['-e', '']).pid)).toBeNull();
});

test('taken, refused, given back', () => {
  takeOwnership(folder);
  expect(liveOwner(folder)).toMatchObject({ pid: process.pid });
  expect(() => takeOwnership(folder)).toThrow(
    expect.objectContaining({ code: 'project_in_use', message: expect.stringContaining(String(process.pid)) }),
  );
  releaseOwnership(folder);
  expect(existsSync(join(folder, 'owner.json'))).toBe(false);
});

test('an owner that is gone, a process id used again and a broken file do not hold the project', () => {
  for (const content of [
    JSON.stringify({ pid: spawnSync(process.execPath, ['-e', '']).pid, started: 'x' }),
    JSON.stringify({ pid: process.pid, started: 'earlier' }),
    '{"pid":',
  ]) {
    owner(content);
    expect(liveOwner(folder)).toBeNull();
    takeOwnership(folder);
    releaseOwnership(folder);
  }
});
