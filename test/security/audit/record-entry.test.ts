import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../../src/model/audit.ts'
import type { Log } from '../../../src/model/log.ts'
import { MAX_DENIED_PER_MINUTE } from '../../../src/security/audit/denied-bound.ts'
import { entryRecorder, LEFT_OUT_OPERATION } from '../../../src/security/audit/record-entry.ts'
import { entry } from './samples.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly entry?: string
}

function recorder(send?: (entries: readonly AuditEntry[]) => Promise<unknown>, wait = () => new Promise<void>(() => undefined)) {
  const sent: AuditEntry[] = []
  const lines: Line[] = []
  const log: Log = (level, message, fields) => lines.push({ level, message, ...fields } as Line)
  const clock = { now: Date.UTC(2026, 0, 15) }
  let ids = 0
  const record = entryRecorder({
    send: send ?? (async (entries) => sent.push(...entries)),
    log,
    now: () => clock.now,
    newId: () => `id-${++ids}`,
    wait,
  })
  return { record, sent, lines, clock }
}

const unknown = (n: number) => entry(n, { tenant: null, key_id: null, outcome: 'denied', status: 401 })

describe('an audit entry on its way', () => {
  it('goes to the queue', async () => {
    const { record, sent, lines } = recorder()
    await record(entry(1))
    expect(sent).toEqual([entry(1)])
    expect(lines).toEqual([])
  })

  it.each<[string, () => Promise<unknown>, () => Promise<void>]>([
    ['refuses', () => Promise.reject(new Error('over quota')), () => new Promise(() => undefined)],
    ['does not answer', () => new Promise(() => undefined), () => Promise.resolve()],
  ])('stands whole in the log when the queue %s, and fails nothing', async (_, send, wait) => {
    const { record, lines } = recorder(send, wait)
    await record(entry(1))
    expect(lines).toMatchObject([{ level: 'error', message: 'an audit entry could not be queued' }])
    expect(JSON.parse(lines[0]?.entry ?? '')).toEqual(entry(1))
  })
})

describe('denied requests of nobody in particular', () => {
  it('are bounded a minute, and the rest is counted', async () => {
    const { record, sent, lines, clock } = recorder()
    const began = clock.now
    for (let n = 0; n < MAX_DENIED_PER_MINUTE + 25; n++) {
      await record(unknown(n))
      clock.now += 100
    }
    expect(sent).toHaveLength(MAX_DENIED_PER_MINUTE)
    expect(lines).toMatchObject([{ level: 'warn', message: 'too many denied requests: the audit log counts the rest' }])

    clock.now += 60_000
    await record(unknown(1000))
    const [leftOut, next] = sent.slice(MAX_DENIED_PER_MINUTE)
    expect(leftOut).toMatchObject({
      id: 'id-1',
      tenant: null,
      operation: LEFT_OUT_OPERATION,
      count: 25,
      outcome: 'denied',
      at: new Date(began).toISOString(),
    })
    expect(next).toEqual(unknown(1000))
    clock.now += 60_000
    await record(unknown(1001))
    expect(sent).toHaveLength(MAX_DENIED_PER_MINUTE + 3)
  })

  it('do not push out the entries of tenants', async () => {
    const { record, sent } = recorder()
    for (let n = 0; n < MAX_DENIED_PER_MINUTE * 2; n++) await record(unknown(n))
    const denied = entry(900, { outcome: 'denied', status: 403 })
    await record(denied)
    await record(entry(901))
    expect(sent.slice(MAX_DENIED_PER_MINUTE)).toEqual([denied, entry(901)])
  })
})

describe('denied requests of one subject in two tenants', () => {
  it('are bounded and counted apart', async () => {
    const { record, sent, clock } = recorder()
    const forbidden = (n: number, tenant: string) =>
      entry(n, { tenant, key_id: null, subject: 's', outcome: 'denied', status: 403 })
    for (let n = 0; n < MAX_DENIED_PER_MINUTE + 7; n++) await record(forbidden(n, 'acme'))
    await record(forbidden(100, 'globex'))
    expect(sent.slice(MAX_DENIED_PER_MINUTE)).toEqual([forbidden(100, 'globex')])
    clock.now += 60_000
    await record(entry(101))
    expect(sent.slice(MAX_DENIED_PER_MINUTE + 1)).toMatchObject([
      { tenant: 'acme', subject: 's', operation: LEFT_OUT_OPERATION, count: 7 },
      { id: entry(101).id },
    ])
  })
})

describe('denied requests with one key', () => {
  const forbidden = (n: number, key_id: string) => entry(n, { key_id, outcome: 'denied', status: 403 })

  it('are bounded by themselves, and the rest is counted with its tenant and key', async () => {
    const { record, sent, clock } = recorder()
    for (let n = 0; n < MAX_DENIED_PER_MINUTE + 7; n++) await record(forbidden(n, 'flooding'))
    await record(forbidden(100, 'other'))
    await record(entry(101, { key_id: 'flooding' }))
    expect(sent.slice(MAX_DENIED_PER_MINUTE)).toEqual([forbidden(100, 'other'), entry(101, { key_id: 'flooding' })])
    clock.now += 60_000
    await record(entry(102))
    expect(sent.at(-2)).toMatchObject({
      tenant: 'acme',
      key_id: 'flooding',
      operation: LEFT_OUT_OPERATION,
      count: 7,
      status: 403,
    })
  })

  it('are bounded however many keys there are', async () => {
    const { record, sent } = recorder()
    for (let n = 0; n < 1_200; n++) await record(forbidden(n, `key ${n}`))
    expect(sent).toHaveLength(1_000 + MAX_DENIED_PER_MINUTE)
  })

  it('are told of in batches that the queue takes, until all are', async () => {
    const sizes: number[] = []
    const { record, clock } = recorder(async (entries) => sizes.push(entries.length))
    for (let n = 0; n < 120 * (MAX_DENIED_PER_MINUTE + 1); n++) await record(forbidden(n, `key ${n % 120}`))
    clock.now += 60_000
    sizes.length = 0
    for (let n = 0; n < 4; n++) await record(entry(n))
    expect(sizes).toEqual([51, 51, 21, 1])
  })
})
