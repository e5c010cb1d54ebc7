import pg from 'pg'
import { createLogin } from '../../src/local/postgres-logins.ts'

/** The connection string of a role that may do all that a store without the Worker does: append, read and clear. */
export function directLogin(databaseUrl: string): Promise<string> {
  return loginWith(databaseUrl, 'direct', ['event_store_worker', 'event_store_maintenance'])
}

/** The connection string of a role that is a member of these groups and has nothing of its own. */
export async function loginWith(databaseUrl: string, name: string, groups: readonly string[]): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return await createLogin(client, databaseUrl, name, groups)
  } finally {
    await client.end()
  }
}
