/**
 * Preloaded into a trainer (NODE_OPTIONS, see `killAt`): ends it by SIGKILL at the point that THAW_TEST_KILL names, with its host where it says so.
 * What is patched is the trainer's own way to the disk and to its host, so that a point is met exactly, whatever the machine's speed.
 */
import fsp, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export type KillPoint =
  /** Before a message: the nth step, the nth time in a phase, the result. */
  | `step ${number}`
  | `phase ${'preparing' | 'training' | 'validating' | 'saving' | 'testing'} ${number}`
  | 'result 1'
  /** Before the nth batch of all validations, or of the test. */
  | `within ${'validating' | 'testing'} ${number}`
  /** In the middle of the nth checkpoint file; before its bytes are flushed; before and after the nth rename of one. */
  | `write ${number}`
  | `flush ${number}`
  | `rename ${number}`
  | `renamed ${number}`;

/** Of a trainer that is to be killed: alone, or with all of its process group. */
export const killAt = (point: KillPoint, whole: boolean): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import ${pathToFileURL(import.meta.filename).href}`,
  THAW_TEST_KILL: `${whole ? 'group' : 'trainer'} ${point}`,
});

if (process.argv[1]?.endsWith(path.join('trainer', 'index.ts')) && process.env.THAW_TEST_KILL) arm(process.env.THAW_TEST_KILL.split(' '));

function arm([scope, ...wanted]: string[]): void {
  const seen = new Map<string, number>();
  /** Counts what happens, and kills where it is the point. */
  const pass = (...what: string[]): void => {
    const name = what.join(' ');
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if (`${name} ${seen.get(name)}` !== wanted.join(' ')) return;
    process.kill(scope === 'group' ? 0 : process.pid, 'SIGKILL');
  };
  watchMessages(pass);
  watchFiles(pass);
}

type Pass = (...what: string[]) => void;
type Message = { type: string; event?: { type: string; phase?: string } };

function watchMessages(pass: Pass): void {
  const send = process.send?.bind(process) as (...given: unknown[]) => boolean;
  let phase = '';
  process.send = (...given: unknown[]): boolean => {
    const { type, event } = given[0] as Message;
    if (type === 'result') pass('result');
    if (event?.type === 'step') pass('step');
    if (event?.type === 'phase') pass('phase', (phase = event.phase ?? ''));
    return send(...given);
  };
  // The trainer lets the event loop turn before each batch.
  const immediate = globalThis.setImmediate;
  globalThis.setImmediate = Object.assign((...given: Parameters<typeof immediate>) => {
    if (phase === 'validating' || phase === 'testing') pass('within', phase);
    return immediate(...given);
  }, immediate) as typeof immediate;
}

function watchFiles(pass: Pass): void {
  const { open, rename } = fsp;
  const isCheckpoint = (file: unknown) => String(file).includes('.safetensors');
  fsp.open = async (...given: Parameters<typeof open>) => {
    const handle = await open(...given);
    return isCheckpoint(given[0]) && given[1] === 'w' ? watched(handle, pass) : handle;
  };
  fsp.rename = async (...given: Parameters<typeof rename>) => {
    if (isCheckpoint(given[0])) pass('rename');
    await rename(...given);
    if (isCheckpoint(given[0])) pass('renamed');
  };
}

/** The third piece of a checkpoint is its first tensor. */
function watched(handle: FileHandle, pass: Pass): FileHandle {
  const { appendFile, sync } = handle;
  let pieces = 0;
  handle.appendFile = async (data, ...rest) => {
    if (++pieces === 3) {
      await appendFile.call(handle, (data as Uint8Array).subarray(0, (data as Uint8Array).length / 2));
      pass('write');
      await appendFile.call(handle, (data as Uint8Array).subarray((data as Uint8Array).length / 2));
      return;
    }
    await appendFile.call(handle, data, ...rest);
  };
  handle.sync = async () => {
    pass('flush');
    await sync.call(handle);
  };
  return handle;
}
