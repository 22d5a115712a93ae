/**
 * Preloaded into a trainer (NODE_OPTIONS): writes its memory, after a collection of garbage, to THAW_TEST_GAUGE at the steps named there. V8 lets its heap
 * grow before it collects, so that without one a small process's size says nothing of what it holds.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Kilobytes, a line a step. */
export const growthGauge = (file: string, steps: number[]): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import ${pathToFileURL(import.meta.filename).href}`,
  THAW_TEST_GAUGE: [file, ...steps].join(' '),
});

const [file, ...steps] = (process.env.THAW_TEST_GAUGE ?? '').split(' ');

if (process.argv[1]?.endsWith(path.join('trainer', 'index.ts')) && file) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const send = process.send?.bind(process) as (...given: unknown[]) => boolean;
  process.send = (...given: unknown[]): boolean => {
    const { event } = given[0] as { event?: { type: string; step: number } };
    if (event?.type === 'step' && steps.includes(String(event.step))) {
      collect();
      const kilobytes = /^RssAnon:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1];
      fs.appendFileSync(file, `${kilobytes}\n`);
    }
    return send(...given);
  };
}
