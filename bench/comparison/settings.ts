import type { Outcome } from '../outcome.ts'
import type { Services } from '../services.ts'
import { type StageOptions, startStage } from '../stage.ts'
import { type AppendOptions, compareAppends } from './appends.ts'
import { compareGraphiteRun, type GraphiteRunOptions } from './graphite-run.ts'
import { Acknowledged } from './ledger.ts'
import { openMeter } from './meter.ts'
import { compareReads, type ReadOptions } from './reads.ts'
import type { Row } from './row.ts'
import type { Trial } from './trial.ts'

/** A Worker and its database are often a continent apart. */
const EDGE_ROUND_TRIP_MS = 30

interface Works {
  readonly appends: AppendOptions
  readonly reads: ReadOptions
  readonly run: GraphiteRunOptions
}

/** Servers and database on one machine, with nothing between. */
export function compareCoLocated(services: Services, quick: boolean): Promise<Outcome> {
  const rounds = quick ? 2 : 3
  const batches = { emmett: 1.5, afternoon: 0.7 }
  return compareIn(
    { setting: 'co-located', roundTripMs: 0, services },
    {
      appends: {
        cases: quick
          ? [
              { size: 'small', events: 1, aims: { control: 0.8 } },
              { size: 'small', events: 100, aims: batches },
            ]
          : [
              { size: 'small', events: 1, aims: { control: 0.8 } },
              { size: 'small', events: 10 },
              { size: 'small', events: 100, aims: batches },
              { size: 'sample', events: 1, aims: { control: 0.8 } },
              { size: 'sample', events: 10 },
              { size: 'sample', events: 100, aims: batches },
            ],
        conversations: quick ? 200 : 1_000,
        open: { rate: 200 },
        whileReading: !quick,
        rounds,
        seconds: quick ? 0.5 : 1,
      },
      reads: {
        lengths: quick ? [1_000] : [100, 1_000, 10_000],
        rounds,
        seconds: quick ? 0.25 : 0.4,
        aims: { emmett: 3, afternoon: 3 },
        byKeys: true,
      },
      run: { rounds, runs: quick ? 1 : 5, aims: { emmett: 1.2, afternoon: 1.2 } },
    },
  )
}

/** Each server 30 ms away from PostgreSQL and back, and close to its callers: how a deployment at the edge stands to its database. */
export function compareEdge(services: Services, quick: boolean): Promise<Outcome> {
  const rounds = quick ? 1 : 3
  const aims = { emmett: 5, afternoon: 5 }
  return compareIn(
    { setting: `edge, ${EDGE_ROUND_TRIP_MS} ms`, roundTripMs: EDGE_ROUND_TRIP_MS, services },
    {
      appends: {
        cases: quick ? [] : [{ size: 'small', events: 1 }],
        conversations: quick ? 200 : 1_000,
        open: { rate: 100, aims },
        whileReading: false,
        rounds,
        seconds: 1,
      },
      reads: { lengths: [1_000], rounds, seconds: 0.5, aims, byKeys: !quick },
      run: { rounds, runs: 1, aims },
    },
  )
}

async function compareIn(
  options: Pick<StageOptions, 'setting' | 'roundTripMs'> & { readonly services: Services },
  works: Works,
): Promise<Outcome> {
  const { databaseUrl, folder } = options.services
  const stage = await startStage({ ...options, databaseUrl, folder })
  const meter = await openMeter(databaseUrl, stage.store.databaseUrl ?? databaseUrl)
  const acknowledged = new Acknowledged()
  const trial: Trial = {
    stage,
    meter,
    acknowledge: acknowledged.note,
    fail: acknowledged.fail,
    settled: () => meter.delivered(acknowledged.of(stage.store)),
  }
  try {
    const rows: Row[] = [
      ...(await compareAppends(trial, works.appends)),
      ...(await compareReads(trial, works.reads)),
      ...(await compareGraphiteRun(trial, works.run)),
    ]
    return { rows, ledgers: await acknowledged.settle(stage) }
  } finally {
    await meter.stop()
    await stage.stop()
  }
}
