import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../../src/model/audit.ts'
import { EventPersistenceError } from '../../../src/model/errors.ts'
import type { Log } from '../../../src/model/log.ts'
import { consumeAuditEntries, logDeadAuditEntries } from '../../../src/security/audit/consume-entries.ts'
import { InMemoryAuditLog } from '../../../src/store/in-memory/audit.ts'
import { entry } from './samples.ts'

function consumer() {
  const log = new InMemoryAuditLog()
  const appends: number[] = []
  const lines: Record<string, unknown>[] = []
  const retried: [string, number][] = []
  const fault = { of: (_entries: readonly AuditEntry[]): EventPersistenceError | null => null }
  const deps = {
    audit: {
      async append(entries: readonly AuditEntry[]) {
        appends.push(entries.length)
        const error = fault.of(entries)
        if (error) throw error
        await log.append(entries)
      },
    },
    log: ((level, message, fields) => lines.push({ level, message, ...fields })) satisfies Log,
  }
  const deliver = (entries: readonly AuditEntry[], attempts = 1) =>
    consumeAuditEntries(
      entries.map((body) => ({
        body,
        attempts,
        retry: ({ delaySeconds }: { delaySeconds: number }) => retried.push([body.id, delaySeconds]),
      })),
      deps,
    )
  const stored = async () => (await log.read('acme', { limit: 1000 })).items.map(({ id }) => id).reverse()
  return { deliver, stored, appends, lines, retried, fault }
}

const hundred = Array.from({ length: 100 }, (_, n) => entry(n))
const idsOf = (entries: readonly AuditEntry[]) => entries.map(({ id }) => id)

describe('audit entries from the queue', () => {
  it('are stored in one call', async () => {
    const { deliver, stored, appends, retried } = consumer()
    await deliver(hundred)
    expect(await stored()).toEqual(idsOf(hundred))
    expect(appends).toEqual([100])
    expect(retried).toEqual([])
  })

  it('stand once, however often they are delivered', async () => {
    const { deliver, stored } = consumer()
    await deliver(hundred)
    await deliver([...hundred.slice(50), entry(100)])
    expect(await stored()).toEqual(idsOf([...hundred, entry(100)]))
  })

  it('are retried, ever later, while the database is away', async () => {
    const { deliver, stored, lines, retried, fault } = consumer()
    fault.of = () => new EventPersistenceError('away', { operation: 'appendAudit', transient: true })
    await deliver([entry(1), entry(2)], 4)
    await deliver([entry(1)], 80)
    expect(retried).toEqual([
      [entry(1).id, 8],
      [entry(2).id, 8],
      [entry(1).id, 3600],
    ])
    expect(lines).toMatchObject([
      { level: 'warn', message: 'audit entries could not be stored; they are retried', entries: 2 },
      { entries: 1 },
    ])
    expect(await stored()).toEqual([])
  })

  it('are stored though one among them is refused, which stands whole in the log', async () => {
    const { deliver, stored, lines, retried, fault } = consumer()
    const refused = entry(41)
    fault.of = (entries) =>
      entries.some(({ id }) => id === refused.id)
        ? new EventPersistenceError('refused', { operation: 'appendAudit', transient: false, refusesData: true })
        : null
    await deliver(hundred)
    expect(await stored()).toEqual(idsOf(hundred.filter(({ id }) => id !== refused.id)))
    expect(retried).toEqual([])
    expect(lines).toMatchObject([{ level: 'error', message: 'an audit entry was refused' }])
    expect(JSON.parse(lines[0]?.entry as string)).toEqual(refused)
  })

  it('stand whole in the log when they were given up on', () => {
    const lines: Record<string, unknown>[] = []
    logDeadAuditEntries([{ body: entry(1), attempts: 81 }], (level, message, fields) => lines.push({ level, message, ...fields }))
    expect(lines).toMatchObject([{ level: 'error', message: 'an audit entry was given up on', attempts: 81 }])
    expect(JSON.parse(lines[0]?.entry as string)).toEqual(entry(1))
  })
})
