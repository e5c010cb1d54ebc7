import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareAway } from './comparison/database-away.ts'
import { compareCoLocated, compareEdge } from './comparison/settings.ts'
import { describeRun } from './describe-run.ts'
import { type Figure, isMet, renderTable } from './figures.ts'
import { installPeers } from './install.ts'
import { measureAppends } from './measures/appends.ts'
import { measureBuffered } from './measures/buffered.ts'
import { measureDelivery } from './measures/delivery.ts'
import { measureFlatness } from './measures/flatness.ts'
import { measureLive } from './measures/live.ts'
import { measureOperations } from './measures/operations.ts'
import { measureReads } from './measures/reads.ts'
import { measureSustained } from './measures/sustained.ts'
import type { Outcome } from './outcome.ts'
import { renderComparison, renderCpu, renderLatencies, renderLedgers } from './report/comparison.ts'
import { PUBLISHED, publish, type Run } from './report/published.ts'
import { startServices, type WorkerName } from './services.ts'
import { type Bench, openBench } from './store.ts'

interface Measure {
  readonly needs: readonly WorkerName[]
  /** Whether `npm run bench` takes it when it is not asked for by name: the whole is to take ten minutes at most. */
  readonly always: boolean
  /** The same with `--quick`, in a minute and a half. */
  readonly quickly: boolean
  run(bench: Bench): Promise<Outcome>
}

const figuresOf = (measure: (bench: Bench) => Promise<Figure[]>) => async (bench: Bench) => ({ figures: await measure(bench) })

const MEASURES: Readonly<Record<string, Measure>> = {
  'co-located': {
    needs: ['control'],
    always: true,
    quickly: true,
    run: ({ services, quick }) => compareCoLocated(services, quick),
  },
  edge: { needs: [], always: true, quickly: true, run: ({ services, quick }) => compareEdge(services, quick) },
  away: { needs: [], always: true, quickly: true, run: ({ services, quick }) => compareAway(services, quick) },
  operations: { needs: ['counting'], always: true, quickly: true, run: measureOperations },
  delivery: { needs: ['store'], always: true, quickly: true, run: figuresOf(measureDelivery) },
  live: { needs: ['store'], always: true, quickly: true, run: figuresOf(measureLive) },
  flatness: { needs: ['store', 'control'], always: true, quickly: false, run: figuresOf(measureFlatness) },
  reads: { needs: ['store', 'control'], always: false, quickly: false, run: figuresOf(measureReads) },
  appends: { needs: ['store', 'quiet', 'control'], always: false, quickly: false, run: figuresOf(measureAppends) },
  buffered: { needs: ['store'], always: false, quickly: false, run: figuresOf(measureBuffered) },
  sustained: { needs: ['store'], always: false, quickly: false, run: figuresOf(measureSustained) },
}

const { values: flags } = parseArgs({
  options: {
    /** Less of everything: a minute and a half, for a look. */
    quick: { type: 'boolean', default: false },
    /** Names of measures, with commas between. */
    only: { type: 'string' },
    /** Where the figures go as JSON. */
    json: { type: 'string' },
    /** Makes this run's figures those of README and docs/cost.md. */
    write: { type: 'boolean', default: false },
    /** Measures nothing: writes README's table and docs/cost.md anew from the figures that they hold. */
    report: { type: 'boolean', default: false },
  },
})

if (flags.report) {
  publish()
  process.exit()
}
const chosen = chooseMeasures()
if (flags.write && (flags.quick || flags.only !== undefined))
  throw new Error('--write takes the figures of a whole run: leave out --quick and --only')

installPeers()
const began = new Date()
const description = describeRun(began, flags.quick)
const services = await startServices(new Set(chosen.flatMap(([, { needs }]) => needs)))
console.error(`start: ${((Date.now() - began.getTime()) / 1000).toFixed(1)} s`)
const bench = openBench(services, flags.quick)
const outcomes: Outcome[] = []
try {
  for (const [name, measure] of chosen) {
    const start = performance.now()
    outcomes.push(await measure.run(bench))
    console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  }
} finally {
  await bench.stop()
  await services.stop()
}

const run: Run = {
  ...description,
  seconds: Math.round((Date.now() - began.getTime()) / 1000),
  rows: outcomes.flatMap(({ rows = [] }) => rows),
  ledgers: outcomes.flatMap(({ ledgers = [] }) => ledgers),
  figures: outcomes.flatMap(({ figures = [] }) => figures.map((figure) => ({ ...figure, met: isMet(figure) }))),
  costs: outcomes.flatMap(({ costs = [] }) => costs),
}
const parts = [
  run.rows.length > 0 ? [renderComparison(run.rows), renderLatencies(run.rows), renderCpu(run.rows)] : [],
  run.ledgers.length > 0 ? [renderLedgers(run.ledgers)] : [],
  run.figures.length > 0 ? [renderTable(run.figures)] : [],
].flat()
console.log(parts.join('\n\n'))
const file = flags.json ?? join(import.meta.dirname, 'results', `${began.toISOString().replaceAll(':', '-')}.json`)
writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`)
console.log(`\n${run.seconds} s. Also in ${file}`)
if (flags.write) {
  publish(run)
  console.log(`README.md and docs/cost.md have these figures now, from ${PUBLISHED}`)
}
process.exit()

function chooseMeasures(): [string, Measure][] {
  const names = flags.only?.split(',')
  const unknown = names?.filter((name) => !(name in MEASURES)) ?? []
  if (unknown.length > 0)
    throw new Error(`no measure is named ${unknown.join(', ')}: there are ${Object.keys(MEASURES).join(', ')}`)
  return Object.entries(MEASURES).filter(
    ([name, { always, quickly }]) => names?.includes(name) ?? (flags.quick ? quickly : always),
  )
}
