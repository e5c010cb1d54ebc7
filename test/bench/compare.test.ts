import { expect, it } from 'vitest'
import { compare, type Work } from '../../bench/comparison/compare.ts'
import type { Reading } from '../../bench/comparison/meter.ts'
import { isMet } from '../../bench/comparison/row.ts'
import type { Trial } from '../../bench/comparison/trial.ts'
import type { System, SystemName } from '../../bench/stage.ts'

const system = (name: SystemName): System => ({ name, url: '', pids: [], databaseUrl: null, appendUrl: () => '' })
const systems = (['store', 'emmett', 'afternoon'] as const).map(system)

/** Each look at the meter finds one more of everything. */
function trialOf(happened: string[]): Trial {
  let looks = 0
  return {
    stage: { setting: 'here', store: systems[0] as System, systems, control: null, gatewayPid: 0, stop: async () => undefined },
    meter: {
      async read(): Promise<Reading> {
        looks += 1
        return {
          wal_bytes: looks,
          transactions: looks,
          postgres_cpu_ms: looks,
          server_cpu_ms: looks,
          gateway_cpu_ms: null,
        }
      },
      async checkpoint() {
        happened.push('checkpoint')
      },
      delivered: async () => undefined,
      stop: async () => undefined,
    },
    async settled() {
      happened.push('settled')
    },
    acknowledge: () => undefined,
    fail: () => undefined,
  }
}

function workOf(better: 'more' | 'less', values: Readonly<Record<string, readonly number[]>>, happened: string[]): Work {
  return {
    rows: [{ name: 'work', unit: '', better, aims: { emmett: 2, afternoon: 1 } }],
    systems,
    rounds: 3,
    async round({ name }, round) {
      happened.push(name)
      const value = values[name]?.[round] as number
      return [{ value, requests: 1, events: 2, sent_bytes: 3, received_bytes: 4, latencies: [value] }]
    },
  }
}

it('lets the systems take turns in another order each round, and the store deliver before the next one', async () => {
  const happened: string[] = []
  const values = { store: [1, 1, 1], emmett: [1, 1, 1], afternoon: [1, 1, 1] }
  await compare(trialOf(happened), workOf('more', values, happened))
  const [store, emmett, afternoon] = [
    ['store', 'settled', 'checkpoint'],
    ['emmett', 'checkpoint'],
    ['afternoon', 'checkpoint'],
  ]
  expect(happened).toEqual([store, emmett, afternoon, emmett, afternoon, store, afternoon, store, emmett].flat())
})

it('gives the medians of the rounds, and their ratios', async () => {
  const values = { store: [10, 40, 20], emmett: [1, 20, 4], afternoon: [10, 80, 10] }
  const [row] = await compare(trialOf([]), workOf('more', values, []))
  expect(row?.systems.store).toMatchObject({ value: 20, requests: 3, events: 6, sent_bytes: 9, received_bytes: 12 })
  expect(row?.systems.emmett?.value).toBe(4)
  expect(row?.ratios).toEqual({ emmett: 5, afternoon: 2 })
  expect(row && isMet(row)).toBe(true)
})

it('takes a shorter time for the better one', async () => {
  const values = { store: [2, 2, 2], emmett: [10, 10, 10], afternoon: [1, 1, 1] }
  const [row] = await compare(trialOf([]), workOf('less', values, []))
  expect(row?.ratios).toEqual({ emmett: 5, afternoon: 0.5 })
  expect(row && isMet(row)).toBe(false)
})

it('counts what was used from before a turn until after its delivery, and nothing that the system does not tell', async () => {
  const values = { store: [1, 1, 1], emmett: [1, 1, 1], afternoon: [1, 1, 1] }
  const [row] = await compare(trialOf([]), workOf('more', values, []))
  expect(row?.systems.store?.spent).toEqual({
    wal_bytes: 3,
    transactions: 3,
    postgres_cpu_ms: 3,
    server_cpu_ms: 3,
    gateway_cpu_ms: null,
  })
})
