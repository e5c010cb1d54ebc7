import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Tests that run inside workerd. */
const WORKERD = ['test/workerd/**', 'test/faults/model/**']

/** A longer search for faults, and the repetition of one that found some: `MODEL_RUNS=5000 MODEL_SEED=1 npm test -- test/faults/model`. */
const model = {
  runs: Number(process.env.MODEL_RUNS ?? 60),
  seed: Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31),
}

export default defineConfig({
  test: {
    // Most files wait most of the time: for a queue's second, a process that starts, a service that is away.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...WORKERD],
          testTimeout: 60_000,
          hookTimeout: 60_000,
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
