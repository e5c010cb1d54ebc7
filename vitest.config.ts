import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Tests that run inside workerd. */
const WORKERD = ['test/workerd/**', 'test/faults/model/**']

/** Tests that put something in the place of a module, which must not last longer than they do. */
const ISOLATED = 'test/isolated/**'

/**
 * Tests of plain functions. They and those in Node share their workers and what these have loaded: to start anew and load it takes
 * longer than most of the tests.
 */
const UNITS = ['client', 'conversation', 'feed', 'http', 'ingest', 'model', 'protocol', 'retention', 'security', 'segment'].map(
  (folder) => `test/${folder}/**`,
)

/** A seed that nobody chose is printed, so that what it found can be found again. */
const seed = Date.now() % 2 ** 31

/** How long the tests with faults look: `MODEL_RUNS=5000 npm test -- test/faults`; `MODEL_SEED` and `KILL_SEED` repeat one. */
const model = { runs: Number(process.env.MODEL_RUNS ?? 60), seed: Number(process.env.MODEL_SEED ?? seed) }
const kill = { rounds: Number(process.env.KILL_ROUNDS ?? 4), seed: Number(process.env.KILL_SEED ?? seed) }

export default defineConfig({
  test: {
    // Most files wait most of the time: for a queue's second, a process that starts, a service that is away.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'unit',
          isolate: false,
          include: UNITS.map((folder) => `${folder}/*.test.ts`),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'node',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...WORKERD, ...UNITS, ISOLATED],
          globalSetup: ['test/support/build-worker.ts', 'test/support/prepare-clusters.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          provide: { kill },
        },
      },
      { test: { name: 'isolated', include: [`${ISOLATED}/*.test.ts`] } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          name: 'workerd',
          include: WORKERD.map((folder) => `${folder}/*.test.ts`),
          testTimeout: 30_000,
          provide: { model },
        },
      },
    ],
  },
})
