import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

export default defineConfig({
  main: {
    build: {
      rolldownOptions: {
        // The names are those src/main/entries.ts and src/engine/optimize/crew.ts look for.
        input: {
          index: resolve('src/main/index.ts'),
          cli: resolve('src/cli/index.ts'),
          trainer: resolve('src/trainer/index.ts'),
          database: resolve('src/main/database/worker.ts'),
          optimizer: resolve('src/engine/optimize/worker.ts'),
          importer: resolve('src/main/database/import-worker.ts'),
          doctor: resolve('src/main/doctor/worker.ts'),
          splits: resolve('src/main/splits/worker.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      rolldownOptions: {
        input: { index: resolve('src/preload/index.ts') },
        // A sandboxed preload is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    build: { rolldownOptions: { input: { index: resolve('src/renderer/index.html') } } },
    plugins: [svelte({ configFile: false })],
  },
});
