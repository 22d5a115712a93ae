/** Where the program's other processes and threads start, and its resources lie: in a checkout, or bundled beside the app. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { ThawError } from '../shared/errors.ts';

const here = import.meta.filename;
const inCheckout = here.endsWith('.ts');
const checkoutEntries = {
  trainer: '../trainer/index.ts',
  database: 'database/worker.ts',
  importer: 'database/import-worker.ts',
  doctor: 'doctor/worker.ts',
  splits: 'splits/worker.ts',
} as const;

/** `out/main`, of which this file, once bundled, is a part (or its chunks are); outside app.asar, where a plain Node can read it. */
function bundleFolder(): string {
  const marker = path.join('out', 'main');
  const end = here.lastIndexOf(marker) + marker.length;
  return here.slice(0, end).replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
}

/** File in which a child process or thread starts. */
export function entry(name: keyof typeof checkoutEntries): string {
  return inCheckout ? path.resolve(path.dirname(here), checkoutEntries[name]) : path.join(bundleFolder(), `${name}.js`);
}

/**
 * Of threads that go through many rows: new objects, nearly all of which are soon useless, are collected each time they fill a third of this. Left to
 * itself V8 lets such a thread take several times as much, for no gain in time.
 */
export const rowThreadLimits = { maxYoungGenerationSizeMb: 24 };

/** Folder of the embedded models and samples. */
export function resourcesFolder(): string {
  if (inCheckout) return path.resolve(path.dirname(here), '../../resources');
  // A packaged app has them beside app.asar and app.asar.unpacked.
  return path.resolve(bundleFolder(), here.includes('app.asar') ? '../../../resources' : '../../resources');
}

/** Folder of the built screens. */
export function screensFolder(): string {
  return inCheckout ? path.resolve(path.dirname(here), '../../out/renderer') : path.resolve(bundleFolder(), '../renderer');
}

/** A plain Node to run the trainer with: this one, unless this is Electron, whose allocator gives up at about 1 GB. */
export function plainNode(): string {
  if (!process.versions.electron) return process.execPath;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  try {
    const folder = path.dirname(createRequire(here).resolve('node/package.json'));
    return path.join(folder, 'bin', binary).replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
  } catch (cause) {
    throw new ThawError(
      { code: 'unavailable', message: 'The Node that training runs on is missing.', remedy: 'Install the app again.' },
      { cause },
    );
  }
}
