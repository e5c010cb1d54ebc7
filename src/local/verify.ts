import { parseArgs } from 'node:util'
import pg from 'pg'
import { idText } from '../model/text-rules.ts'
import { verifyTenant } from './verify/verify-tenant.ts'

const USAGE = `usage: npm run verify -- --tenant <tenant> [--url <address>] [--conversation <id>]...
Compares every conversation of the tenant, as its object has it, with Postgres: missing, repeated, out of order, altered.
DATABASE_URL names the database, EVENT_STORE_API_KEY is a key of the tenant with events:read (none is needed on loopback).
Conversations that Postgres has never heard of are looked at when they are named.`

/** What the caller has to change. */
class UsageError extends Error {}

async function run(): Promise<boolean> {
  const options = {
    tenant: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    conversation: { type: 'string', multiple: true },
  } as const
  const { values } = parseArgs({ options })
  const tenant = idText().safeParse(values.tenant)
  if (!tenant.success) throw new UsageError('--tenant is missing: whose events to compare')
  const databaseUrl = process.env.DATABASE_URL
  if (!databaseUrl) throw new UsageError('set DATABASE_URL to the database of the service')
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'edge-event-store verify' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { conversations, events, waiting, differences } = await verifyTenant({
      url: values.url,
      apiKey: process.env.EVENT_STORE_API_KEY,
      client,
      tenant: tenant.data,
      conversations: values.conversation,
      report: console.log,
    })
    const found = differences === 0 ? 'no difference' : differences === 1 ? '1 difference' : `${differences} differences`
    console.log(`${conversations} conversations, ${events} events, ${waiting} of them on their way: ${found}`)
    return differences === 0
  } finally {
    await client.end()
  }
}

try {
  if (!(await run())) process.exitCode = 1
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
  console.error(error instanceof Error ? error.message : error)
  if (usage) console.error(USAGE)
  process.exitCode = 2
}
