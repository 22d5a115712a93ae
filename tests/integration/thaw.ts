/** Runs the command line as a user does, in a process of its own. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const command = path.join(root, 'src/cli/index.ts');
export const fixture = (family: string): string => path.join(root, 'tests/fixtures/models', family);
export const sample = (name: string): string => path.join(root, 'resources/samples', name);

export interface Outcome {
  code: number | null;
  output: string;
  errors: string;
}

export interface ThawOptions {
  input?: string;
  /** Besides this process's own. */
  environment?: NodeJS.ProcessEnv;
  /** In a process group of its own. */
  detached?: boolean;
  /** Called with all of standard error so far, whenever there is more. */
  watch?: (errors: string, kill: (signal: NodeJS.Signals) => void, pid: number) => void;
}

export function thaw(args: string[], { input = '', environment, detached, watch }: ThawOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [command, ...args], { stdio: 'pipe', detached, env: { ...process.env, ...environment } });
  const outcome: Outcome = { code: null, output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    outcome.errors += text;
    watch?.(outcome.errors, (signal) => child.kill(signal), child.pid as number);
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...outcome, code })));
}

/** The one JSON object a command printed; its failure otherwise. */
export async function thawJson<T = Record<string, never>>(...args: string[]): Promise<T> {
  const { code, output, errors } = await thaw([...args, '--json']);
  if (code !== 0) throw new Error(`thaw ${args.join(' ')} ended with ${code}: ${errors}`);
  return JSON.parse(output) as T;
}

export const temporaryFolder = (): Promise<string> => fs.mkdtemp(path.join(os.tmpdir(), 'thaw-test-'));

/** The first rows of the sentiment sample as a file. */
export async function sentiment(folder: string, rows: number, name = 'sentiment.csv'): Promise<string> {
  const file = path.join(folder, name);
  const lines = (await fs.readFile(sample('sentiment.csv'), 'utf8')).split('\n');
  await fs.writeFile(file, lines.slice(0, rows + 1).join('\n'));
  return file;
}

/** The first sentences of the entities sample as a file. */
export async function entities(folder: string, sentences: number): Promise<string> {
  const file = path.join(folder, 'entities.conll');
  const parts = (await fs.readFile(sample('entities.conll'), 'utf8')).split('\n\n');
  await fs.writeFile(file, `${parts.slice(0, sentences).join('\n\n')}\n`);
  return file;
}

/** Ids of a process's trainers. */
export const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => Number(line.trim().split(/\s+/)[1]) === pid && line.includes('trainer'))
    .map((line) => Number(line.trim().split(/\s+/)[0]));
