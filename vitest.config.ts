import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Tests that run inside workerd. */
const WORKERD = ['test/workerd/**', 'test/faults/model/**']

/** Tests of plain functions. They share their workers and what these have loaded: starting anew would take longer than the tests. */
const UNITS = ['client', 'conversation', 'feed', 'http', 'ingest', 'model', 'protocol', 'security', 'segment'].map(
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
          include: UNITS.map((folder) => `${folder}/*.test.ts`),
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...WORKERD, ...UNITS],
          globalSetup: 'test/support/build-worker.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          provide: { kill },
        },
      },
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
