import { describe, expect, it } from 'vitest'
import type { AuditLog } from '../../../src/model/audit.ts'
import { createPostgresAuditLog } from '../../../src/store/postgres/audit.ts'
import { auditLogContract } from '../../contract/audit-log-contract.ts'
import { codeBlocks, read } from '../../docs/markdown.ts'
import { entry } from '../../security/audit/samples.ts'
import { useHistory } from './support.ts'

const db = useHistory()

/** Made with the first call: the database stands only then. */
let made: AuditLog | undefined
const log = (): AuditLog => {
  made ??= createPostgresAuditLog(db.options)
  return made
}

auditLogContract('in Postgres', {
  get log() {
    return log()
  },
  tenant: () => `audit-${db.tenant()}`,
})

describe('the audit log in Postgres', () => {
  it('keeps the whole batch out where one entry is refused', async () => {
    const tenant = db.tenant()
    const bad = entry(901, { tenant, from: { address: 'nowhere', country: null, colo: null, user_agent: null } })
    await expect(log().append([entry(900, { tenant }), bad])).rejects.toMatchObject({ refusesData: true })
    expect((await log().read(tenant, { limit: 10 })).items).toEqual([])
  })

  it('refuses a cursor of another kind', async () => {
    await expect(log().read('acme', { limit: 10, after: '42' })).rejects.toMatchObject({ transient: false })
  })

  it('records the reads of a tenant once it asks for that, until it takes it back', async () => {
    const tenant = db.tenant()
    await db.sql.query('INSERT INTO tenant_settings VALUES ($1, true)', [tenant])
    expect(await log().recordsReads(tenant)).toBe(true)
    expect(await log().recordsReads(`${tenant}-other`)).toBe(false)
    await db.sql.query('UPDATE tenant_settings SET audit_reads = false WHERE tenant_id = $1', [tenant])
    expect(await log().recordsReads(tenant)).toBe(false)
  })

  it('shows the requests of nobody in particular to the SQL of the documentation', async () => {
    const [block] = codeBlocks(read('docs/storage.md')).filter(({ info }) => info === 'sql audit')
    const at = new Date().toISOString()
    await log().append([entry(950, { at }), entry(951, { at, tenant: null, status: 401, outcome: 'denied' })])
    const { rows } = await db.sql.query(block?.code ?? '')
    expect(rows).toMatchObject([{ operation: 'DELETE /v1/events', status: 401 }])
  })
})
