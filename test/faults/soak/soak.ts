import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildWorker } from '../../support/build-worker.ts'
import { checkAll } from './checks.ts'
import { renderReport } from './report.ts'
import { runSoak } from './run-soak.ts'

const USAGE = `Usage: [SOAK_MINUTES=30] [SOAK_RATE=100] [SOAK_SEED=...] npm run soak [-- --write]

Writes and reads for so many minutes, with faults all the time, then examines what is there. A run of 30 minutes or more, and any
with --write, leaves its report in docs/soak.md. The exit code is 0 when everything held, 1 when something did not, 2 when the run
could not be made.`

/** From here on a run is a report for others. */
const FULL_MINUTES = 30

/** Events a second: two processors are then half busy, the load generator's share included. */
const DEFAULT_RATE = 100

/** Instead of 7 days, so that conversations are let go of, and read from Postgres, all the time. */
const RETENTION_SECONDS = 30

const REPORT = join(import.meta.dirname, '../../../docs/soak.md')

async function run(isToWrite: boolean, signal: AbortSignal): Promise<boolean> {
  const minutes = numberOf('SOAK_MINUTES', FULL_MINUTES)
  const rate = numberOf('SOAK_RATE', DEFAULT_RATE)
  const seed = numberOf('SOAK_SEED', Date.now() % 2 ** 31)
  const began = new Date()
  const log = (line: string) => console.log(`${((Date.now() - began.getTime()) / 1_000).toFixed(0).padStart(5)} s  ${line}`)
  console.log(`soak: SOAK_MINUTES=${minutes} SOAK_RATE=${rate} SOAK_SEED=${seed}`)
  if (process.platform !== 'linux')
    console.log('the memory of the runtime is not looked at: that needs /proc, which only Linux has')
  const folder = mkdtempSync(join(tmpdir(), 'event-store-soak-'))
  try {
    await buildWorker(folder)
    signal.throwIfAborted()
    const result = await runSoak({
      scriptPath: join(folder, 'worker.js'),
      durationMs: minutes * 60_000,
      seed,
      rate,
      retentionSeconds: RETENTION_SECONDS,
      signal,
      log,
    })
    const checks = checkAll(result)
    const report = renderReport(result, checks, began)
    console.log(`\n${report}`)
    if (isToWrite || minutes >= FULL_MINUTES) writeFileSync(REPORT, report)
    const failed = checks.filter(({ isMet }) => isMet === false)
    for (const { what, bound, measured } of failed) console.error(`FAILED: ${what}: ${measured}, and the bound is ${bound}`)
    console.log(failed.length === 0 ? 'everything held' : `repeat it with SOAK_SEED=${seed}`)
    return failed.length === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function numberOf(name: string, byDefault: number): number {
  const value = Number(process.env[name] ?? byDefault)
  if (!(value > 0)) throw new TypeError(`${name} must be a number above 0`)
  return value
}

const ended = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (!ended.signal.aborted) console.log('\nstopping everything')
    ended.abort(new Error(`the run was ended by ${name}`))
  })
}
try {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
  process.exitCode = (await run(values.write, ended.signal)) ? 0 : 1
} catch (failure) {
  console.error(failure instanceof Error ? failure.message : failure)
  if (failure instanceof TypeError && !ended.signal.aborted) console.error(USAGE)
  process.exitCode = 2
}
// Everything is stopped: what a client would still repeat is nobody's any more.
process.exit()
