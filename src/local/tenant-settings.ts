import { idText } from '../model/text-rules.ts'
import { changeAudited } from './audited-command.ts'
import { readCommandLine, refuseCommand, requireDatabaseUrl } from './command-line.ts'
import { whyUnknown } from './known-tenant.ts'
import { onDatabase } from './on-database.ts'

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
  return onDatabase(databaseUrl, 'tenant', async (client) => {
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
  })
}

const USAGE = `usage: npm run tenant -- --tenant <tenant> [--audit-reads on|off]
Sets whether reads of the tenant are recorded in the audit log, or tells. DATABASE_URL names the database, whose owner runs this.`

function readArguments(): { tenant: string; change: Partial<TenantSettings> } {
  const options = { tenant: { type: 'string' }, 'audit-reads': { type: 'string' } } as const
  const { values } = readCommandLine(USAGE, { options })
  const tenant = idText().safeParse(values.tenant)
  const reads = values['audit-reads']
  if (!tenant.success) refuseCommand('--tenant is missing: whose settings', USAGE)
  if (reads !== undefined && reads !== 'on' && reads !== 'off') refuseCommand('--audit-reads takes on or off', USAGE)
  return { tenant: tenant.data, change: reads === undefined ? {} : { audit_reads: reads === 'on' } }
}

async function main(): Promise<void> {
  const { tenant, change } = readArguments()
  const databaseUrl = requireDatabaseUrl(USAGE)
  // Before the change, which makes it known.
  const unknown = await onDatabase(databaseUrl, 'tenant', (client) => whyUnknown(client, tenant))
  const { audit_reads } = await tenantSettings(databaseUrl, tenant, change)
  console.log(`${tenant}: reads are ${audit_reads ? '' : 'not '}recorded in the audit log`)
  if (unknown) console.error(unknown)
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
