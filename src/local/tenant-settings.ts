import { parseArgs } from 'node:util'
import pg from 'pg'
import { idText } from '../model/text-rules.ts'
import { changeAudited } from './audited-command.ts'

export interface TenantSettings {
  /** Whether reads are recorded in the audit log, too. */
  readonly audit_reads: boolean
}

const DEFAULT_SETTINGS: TenantSettings = { audit_reads: false }

/** Changes a tenant's settings where `change` names any, and gives what then holds. The database's owner runs it. */
export async function tenantSettings(
  databaseUrl: string,
  tenant: string,
  change: Partial<TenantSettings> = {},
): Promise<TenantSettings> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'edge-event-store tenant' })
  client.on('error', () => undefined)
  await client.connect().catch((error: Error & { code?: string }) => {
    throw new Error(`cannot connect to the database in DATABASE_URL: ${error.message || error.code}`, { cause: error })
  })
  try {
    const { audit_reads } = change
    if (audit_reads !== undefined) {
      const operation = `npm run tenant --audit-reads ${audit_reads ? 'on' : 'off'}`
      await changeAudited(
        client,
        () =>
          client.query(
            `INSERT INTO tenant_settings (tenant_id, audit_reads) VALUES ($1, $2)
             ON CONFLICT (tenant_id) DO UPDATE SET audit_reads = excluded.audit_reads`,
            [tenant, audit_reads],
          ),
        () => ({ tenant, operation, resource: null }),
      )
    }
    const { rows } = await client.query<TenantSettings>('SELECT audit_reads FROM tenant_settings WHERE tenant_id = $1', [tenant])
    return rows[0] ?? DEFAULT_SETTINGS
  } finally {
    await client.end()
  }
}

const USAGE = 'npm run tenant -- --tenant NAME [--audit-reads on|off]'

function readArguments(): { tenant: string; change: Partial<TenantSettings> } | null {
  const options = { tenant: { type: 'string' }, 'audit-reads': { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const tenant = idText().safeParse(values.tenant)
  const reads = values['audit-reads']
  if (!tenant.success || (reads !== undefined && reads !== 'on' && reads !== 'off')) return null
  return { tenant: tenant.data, change: reads === undefined ? {} : { audit_reads: reads === 'on' } }
}

async function main(): Promise<void> {
  const given = readArguments()
  if (!given) throw new Error(`use: ${USAGE}`)
  const databaseUrl = process.env.DATABASE_URL ?? ''
  if (databaseUrl === '') throw new Error('set DATABASE_URL to the database, with the role that owns it')
  const { audit_reads } = await tenantSettings(databaseUrl, given.tenant, given.change)
  console.log(`${given.tenant}: reads are ${audit_reads ? '' : 'not '}recorded in the audit log`)
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
