import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFolder } from './replace-folder.ts';

const marker = 'mark.json';
let home = '';
let target = '';
const mounted: string[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'thaw-replace-'));
  target = join(home, 'out', 'export');
  mkdirSync(target, { recursive: true });
});
afterEach(() => {
  for (const point of mounted.splice(0).reverse()) spawnSync('umount', [point]);
  rmSync(home, { recursive: true });
});

function mount(point: string, ...options: string[]): void {
  mkdirSync(point, { recursive: true });
  const { status, stderr } = spawnSync('mount', [...options, point], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  mounted.push(point);
}

/** Mounting takes the rights of root, which continuous integration may not have. */
const mayMount = (() => {
  const point = mkdtempSync(join(tmpdir(), 'thaw-mount-'));
  const may = spawnSync('mount', ['-t', 'tmpfs', 'none', point]).status === 0 && spawnSync('umount', [point]).status === 0;
  rmSync(point, { recursive: true });
  return may;
})();

/** Files whose content is `version`. */
const fill =
  (version: string, ...names: string[]) =>
  async (folder: string) => {
    for (const name of [...names, marker]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), version);
    }
  };

/** All files under the target, hidden ones too, with what they hold; nothing may lie beside it. */
function found(): Record<string, string> {
  expect(readdirSync(dirname(target))).toEqual(['export']);
  const files = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name).slice(target.length + 1), readFileSync(join(parentPath, name), 'utf8')]),
  );
}

async function replaceTwice(): Promise<void> {
  await replaceFolder({ target, marker }, fill('1', 'a', 'only-first', 'onnx/b'));
  expect(found()).toEqual({ a: '1', 'only-first': '1', 'onnx/b': '1', [marker]: '1' });
  await replaceFolder({ target, marker }, fill('2', 'a', 'onnx/b'));
  expect(found()).toEqual({ a: '2', 'onnx/b': '2', [marker]: '2' });
}

it('replaces a folder of its own, and nothing else', async () => {
  await replaceTwice();
  rmSync(join(target, marker));
  await expect(replaceFolder({ target, marker }, fill('3', 'a'))).rejects.toMatchObject({ code: 'unavailable' });
  expect(found()).toEqual({ a: '2', 'onnx/b': '2' });
});

it('keeps what was there when filling fails', async () => {
  await replaceFolder({ target, marker }, fill('1', 'a'));
  const failing = async (folder: string) => {
    await fill('2', 'a')(folder);
    throw new Error('no more');
  };
  await expect(replaceFolder({ target, marker }, failing)).rejects.toThrow('no more');
  expect(found()).toEqual({ a: '1', [marker]: '1' });
});

it.skipIf(process.platform === 'win32')('works in a folder that may be written where the one around it may not', async () => {
  const isRoot = process.geteuid?.() === 0;
  for (const folder of [home, target]) chmodSync(folder, 0o777);
  chmodSync(dirname(target), 0o555);
  // Root may write anywhere: the user `nobody` may not.
  if (isRoot) process.seteuid?.(65534);
  try {
    await replaceTwice();
    await expect(replaceFolder({ target: join(home, 'out', 'other'), marker }, fill('1', 'a'))).rejects.toMatchObject({ code: 'EACCES' });
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(dirname(target), 0o777);
  }
});

describe.skipIf(!mayMount)('a mount point', () => {
  it('of another device', async () => {
    mount(target, '-t', 'tmpfs', 'none');
    await replaceTwice();
  });

  it('of the same device', async () => {
    mkdirSync(join(home, 'elsewhere'));
    mount(target, '--bind', join(home, 'elsewhere'));
    await replaceTwice();
  });

  it('keeps what was there when an entry of it cannot be moved', async () => {
    mount(target, '-t', 'tmpfs', 'none');
    await replaceFolder({ target, marker }, fill('1', 'a', 'onnx/b', 'z'));
    mount(join(target, 'onnx'), '-t', 'tmpfs', 'none');
    writeFileSync(join(target, 'onnx', 'c'), '1');
    await expect(replaceFolder({ target, marker }, fill('2', 'a', 'z'))).rejects.toMatchObject({ code: 'EBUSY' });
    expect(found()).toEqual({ a: '1', 'onnx/c': '1', z: '1', [marker]: '1' });
    expect(readdirSync(target).sort()).toEqual(['a', marker, 'onnx', 'z']);
  });
});
