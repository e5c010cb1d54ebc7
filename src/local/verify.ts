import { idText } from '../model/text-rules.ts'
import { readCommandLine, refuseCommand, requireDatabaseUrl } from './command-line.ts'
import { onDatabase } from './on-database.ts'
import { verifyTenant } from './verify/verify-tenant.ts'

const USAGE = `usage: npm run verify -- --tenant <tenant> [--url <address>] [--conversation <id>]...
Compares every conversation of the tenant, as its object has it, with Postgres: missing, repeated, out of order, altered.
DATABASE_URL names the database, EVENT_STORE_API_KEY is a key of the tenant with events:read (none is needed on loopback).
Conversations that Postgres has never heard of are looked at when they are named.`

async function run(): Promise<boolean> {
  const options = {
    tenant: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    conversation: { type: 'string', multiple: true },
  } as const
  const { values } = readCommandLine(USAGE, { options })
  const tenant = idText().safeParse(values.tenant)
  if (!tenant.success) refuseCommand('--tenant is missing: whose events to compare', USAGE)
  return onDatabase(requireDatabaseUrl(USAGE), 'verify', async (client) => {
    const { conversations, events, waiting, differences } = await verifyTenant({
      url: values.url,
      apiKey: process.env.EVENT_STORE_API_KEY || undefined,
      client,
      tenant: tenant.data,
      conversations: values.conversation,
      report: console.log,
    })
    const found = differences === 0 ? 'no difference' : differences === 1 ? '1 difference' : `${differences} differences`
    console.log(`${conversations} conversations, ${events} events, ${waiting} of them on their way: ${found}`)
    return differences === 0
  })
}

try {
  if (!(await run())) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
