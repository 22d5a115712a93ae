import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// ONNX Runtime crashes in worker threads, so every test file has its own process.
const node = { environment: 'node', pool: 'forks', testTimeout: 60_000, hookTimeout: 60_000 } as const;

/** What takes long by its nature: kills again and again, many steps, the real base model. */
const endurance = ['kills', 'resume', 'long-runs', 'demo', 'learning', 'learning-entities'].map(
  (name) => `tests/integration/${name}.test.ts`,
);

export default defineConfig({
  test: {
    // All of them: a test waits for the processes it starts more than it computes.
    maxWorkers: availableParallelism(),
    projects: [
      { test: { ...node, name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'] } },
      {
        test: {
          ...node,
          name: 'integration',
          include: ['tests/integration/**/*.test.ts', 'tests/parity/**/*.test.ts'],
          exclude: endurance,
          testTimeout: 120_000,
        },
      },
      { test: { ...node, name: 'endurance', include: endurance, testTimeout: 120_000 } },
      { test: { ...node, name: 'e2e', include: ['tests/e2e/**/*.test.ts'], testTimeout: 240_000, fileParallelism: false } },
      { test: { ...node, name: 'interop', include: ['tests/interop/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false } },
    ],
  },
});
