import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** The groups that the migrations make, with the login that this machine's service uses for each. */
const LOGINS = { worker: ['event_store_worker'], maintenance: ['event_store_maintenance'] } as const

export type Login = keyof typeof LOGINS

const PASSWORD_BYTES = 24

/**
 * Gives each group of the migrated database a role with a login and a new password, and the connection strings of these roles.
 * For servers of our own only: a role of that name which is there gets the new password.
 */
export async function createLogins(databaseUrl: string): Promise<Record<Login, string>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return {
      worker: await createLogin(client, databaseUrl, 'worker', LOGINS.worker),
      maintenance: await createLogin(client, databaseUrl, 'maintenance', LOGINS.maintenance),
    }
  } finally {
    await client.end()
  }
}

/** The connection string of a role with a login that is a member of the groups. Safe to repeat; the last password holds. */
export async function createLogin(
  client: pg.Client,
  databaseUrl: string,
  name: string,
  groups: readonly string[],
): Promise<string> {
  const role = pg.escapeIdentifier(name)
  const password = randomBytes(PASSWORD_BYTES).toString('hex')
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
  await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`)
  await client.query(`GRANT ${groups.map((group) => pg.escapeIdentifier(group)).join(', ')} TO ${role}`)
  const url = new URL(databaseUrl)
  url.username = name
  url.password = password
  return url.href
}
