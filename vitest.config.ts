import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const conditions = ['@etherloom/source'];
const source = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } };

/** Tests that measure the heap: what V8 has made of a function depends on who else called it in the process. */
const heap = readdirSync('packages', { recursive: true, encoding: 'utf8' })
  .map((path) => `packages/${path.replaceAll('\\', '/')}`)
  .filter((path) => /^packages\/[^/]+\/src\/.*\.test\.ts$/.test(path))
  .filter((path) => readFileSync(path, 'utf8').includes('heapPerCall'));

export default defineConfig({
  ...source,
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          testTimeout: 60_000,
          include: ['packages/*/src/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: heap,
          execArgv: ['--expose-gc'],
          // Nothing here keeps state in a module; loading all of them for each file took more time than the tests.
          isolate: false,
          // A core for each, which vitest leaves one of free by itself; the labs come after, one at a time.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...source,
        test: {
          name: 'heap',
          testTimeout: 60_000,
          include: heap,
          execArgv: ['--expose-gc'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...source,
        test: {
          name: 'lab',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
