import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { checkAll } from './checks.ts'
import { renderReport } from './report.ts'
import { runSoak, type SoakResult } from './run-soak.ts'

const { seed } = inject('kill')

/** Short, so that the command that runs for half an hour is run with every test; what it says of memory takes longer. */
const DURATION_MS = 14_000
const RETENTION_SECONDS = 2

/** A slower machine is to be able to keep it while other tests run. */
const RATE = 40

it('holds everything that it checks for some seconds, with every disruption', { timeout: 180_000 }, async () => {
  console.log(`soak: KILL_SEED=${seed}`)
  const began = new Date()
  const result = await runSoak({
    scriptPath: join(inject('builtWorker'), 'worker.js'),
    durationMs: DURATION_MS,
    seed,
    rate: RATE,
    retentionSeconds: RETENTION_SECONDS,
    stallEvery: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    log: () => undefined,
  })
  const checks = checkAll(result)
  const report = renderReport(result, checks, began)
  expect(
    checks.filter(({ isMet }) => isMet === false),
    report,
  ).toEqual([])
  expect(new Set(result.happened.map(({ kind }) => kind)).size).toBe(4)
  expect(result.end.events).toBeGreaterThan((RATE * DURATION_MS) / 2_000)
  expect(result.faults.map(([fault]) => fault)).toContain('answer lost')
  expect(result.live.events).toBeGreaterThan(result.end.events)
  expect(report).toContain(`Seed: ${seed}.`)

  const unmet = (wrong: Partial<SoakResult>) =>
    checkAll({ ...result, ...wrong }).flatMap(({ what, isMet }) => (isMet === false ? [what] : []))
  expect(unmet({ end: { ...result.end, lost: 1 } })).toEqual(['acknowledged events that are lost'])
  expect(unmet({ left: 1 })).toEqual(['events not in Postgres at the end'])
  expect(unmet({ measured: { ...result.measured, calmBacklog: RATE * 31 } })).toEqual([
    'backlog while nothing was away, in events',
  ])
  expect(unmet({ wrongs: { count: 1, first: [''] } })).toEqual(['answers, reads and live streams that were wrong'])
})
