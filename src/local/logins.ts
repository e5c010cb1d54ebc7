import { readCommandLine, requireDatabaseUrl } from './command-line.ts'
import { createLogins } from './postgres-logins.ts'

const USAGE = `usage: npm run --silent logins | npx wrangler secret bulk
Makes the two roles with which the Worker reaches the database of DATABASE_URL, whose owner runs this, and prints their connection strings as
the Worker's secrets. Run again, it gives both a new password: the old ones hold no longer.`

const NAMES = { worker: 'event_store_worker_login', maintenance: 'event_store_maintenance_login' }

async function run(): Promise<void> {
  readCommandLine(USAGE, {})
  const { worker, maintenance } = await createLogins(requireDatabaseUrl(USAGE), NAMES)
  console.log(JSON.stringify({ DATABASE_URL: worker, MAINTENANCE_DATABASE_URL: maintenance }))
}

run().catch((error: Error & { code?: string }) => {
  const missing = error.code === '42704' ? '\nThe groups are not there yet: npm run db:migrate' : ''
  console.error(`${error.message || error.code}${missing}`)
  process.exitCode = 1
})
