/** Type-checks every runtime with its own tsconfig: `npm run check`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const checks: [name: string, script: string, args: string[]][] = [
  ['node', 'typescript/bin/tsc', ['-p', 'tsconfig.node.json']],
  // Node that hands functions to a page.
  ['end to end', 'typescript/bin/tsc', ['-p', 'tsconfig.e2e.json']],
  ['preload', 'typescript/bin/tsc', ['-p', 'tsconfig.preload.json']],
  ['renderer', 'svelte-check/bin/svelte-check', ['--tsconfig', './tsconfig.renderer.json', '--fail-on-warnings', '--output', 'human']],
];

for (const [name, script, args] of checks) {
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { cwd: root, stdio: 'inherit' });
  console.log(`${name}: ${status === 0 ? 'ok' : 'failed'}`);
  if (status !== 0) process.exitCode = 1;
}
