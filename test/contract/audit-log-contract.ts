import { describe, expect, it } from 'vitest'
import type { AuditEntry, AuditLog, AuditQuery } from '../../src/model/audit.ts'
import { entry } from '../security/audit/samples.ts'

export interface AuditLogUnderTest {
  readonly log: AuditLog
  /** A tenant that no other test uses. */
  tenant(): string
}

let ids = 0

/** What every audit log does. */
export function auditLogContract(name: string, under: AuditLogUnderTest): void {
  /** Entries of one tenant, each a second after the one before it. */
  const entries = (tenant: string, changes: readonly Partial<AuditEntry>[]): AuditEntry[] =>
    changes.map((change, n) => ({ ...entry(n), id: entry(++ids).id, tenant, ...change }))

  const read = async (tenant: string, query: Partial<AuditQuery> = {}) =>
    (await under.log.read(tenant, { limit: 100, ...query })).items

  const ofEntry = ({ tenant: _tenant, ...rest }: AuditEntry) => rest

  describe(`the audit log ${name}`, () => {
    it('gives back what was appended, the newest first', async () => {
      const tenant = under.tenant()
      const sent = entries(tenant, [
        {},
        {
          key_id: null,
          subject: 'auth0|é\u{1F600}',
          operation: 'GET /v1/conversations/{id}/events',
          resource: { conversation_id: 'workflow:a "b" \\ {c}', event_id: '' },
          count: null,
          outcome: 'failed',
          status: 404,
          from: { address: '2001:db8::1', country: null, colo: null, user_agent: null },
        },
        { count: Number.MAX_SAFE_INTEGER, from: { address: null, country: 'DE', colo: 'FRA', user_agent: 'a/1 b/2' } },
      ])
      await under.log.append(sent)
      const items = await read(tenant)
      expect(items.map(({ cursor: _cursor, ...item }) => item)).toEqual(sent.map(ofEntry).reverse())
    })

    it('holds an entry once, as it was first appended', async () => {
      const tenant = under.tenant()
      const [first, second] = entries(tenant, [{}, {}]) as [AuditEntry, AuditEntry]
      await under.log.append([first])
      await under.log.append([{ ...first, count: 99, outcome: 'denied' }, second, second])
      expect((await read(tenant)).map(({ id, count, outcome }) => ({ id, count, outcome }))).toEqual([
        { id: second.id, count: 3, outcome: 'ok' },
        { id: first.id, count: 3, outcome: 'ok' },
      ])
    })

    it('shows a tenant its own entries, and nobody those without a tenant', async () => {
      const [mine, other] = [under.tenant(), under.tenant()]
      await under.log.append([...entries(mine, [{}]), ...entries(other, [{}, {}])])
      await under.log.append(entries(mine, [{ tenant: null }]))
      expect(await read(mine)).toHaveLength(1)
      expect(await read(other)).toHaveLength(2)
      for (const nobody of ['', 'null', under.tenant()]) expect(await read(nobody)).toEqual([])
    })

    it('is read in pages that miss and repeat nothing, though entries are of the same time', async () => {
      const tenant = under.tenant()
      const sent = entries(tenant, Array(25).fill({ at: '2026-01-15T10:00:00.123Z' })).concat(entries(tenant, Array(10).fill({})))
      await under.log.append(sent)
      const found: string[] = []
      let after: string | undefined
      for (let more = true; more; ) {
        const page = await under.log.read(tenant, { limit: 7, after })
        found.push(...page.items.map(({ id }) => id))
        after = page.items.at(-1)?.cursor
        more = page.more
      }
      expect(found).toHaveLength(35)
      expect([...found].sort()).toEqual(sent.map(({ id }) => id).sort())
      expect(found).toEqual((await read(tenant)).map(({ id }) => id))
    })

    it('finds entries by operation, key, outcome and time', async () => {
      const tenant = under.tenant()
      const sent = entries(tenant, [
        { operation: 'POST /v1/keys' },
        { key_id: 'k2' },
        { outcome: 'denied', status: 403 },
        { at: '2026-02-01T00:00:00.000Z' },
        { at: '2026-02-02T00:00:00.000Z' },
      ])
      await under.log.append(sent)
      const found = async (query: Partial<AuditQuery>) =>
        (await read(tenant, query)).map(({ id }) => sent.findIndex((one) => one.id === id)).sort()
      expect(await found({ operation: 'POST /v1/keys' })).toEqual([0])
      expect(await found({ key_id: 'k2' })).toEqual([1])
      expect(await found({ outcome: 'denied' })).toEqual([2])
      expect(await found({ since: '2026-02-01T00:00:00.000Z' })).toEqual([3, 4])
      expect(await found({ until: '2026-02-02T00:00:00Z', since: '2026-01-31T23:00:00Z' })).toEqual([3])
      expect(await found({ operation: 'DELETE /v1/events', key_id: 'k1', outcome: 'ok' })).toEqual([3, 4])
    })

    it('takes an empty batch, and records no reads where nobody asked', async () => {
      await under.log.append([])
      expect(await under.log.recordsReads(under.tenant())).toBe(false)
    })
  })
}
