import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** The groups that the migrations make, by what the service uses them for. */
const GROUPS = { worker: ['event_store_worker'], maintenance: ['event_store_maintenance'] } as const

export type Login = keyof typeof GROUPS

/** How the logins are named on this machine's own server. */
const LOCAL_NAMES: Readonly<Record<Login, string>> = { worker: 'worker', maintenance: 'maintenance' }

const PASSWORD_BYTES = 24

/**
 * Gives each group of the migrated database a role with a login and a new password, and the connection strings of these roles.
 * A role of that name which is there gets the new password, and the old one holds no longer.
 */
export async function createLogins(databaseUrl: string, names = LOCAL_NAMES): Promise<Record<Login, string>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return {
      worker: await createLogin(client, databaseUrl, names.worker, GROUPS.worker),
      maintenance: await createLogin(client, databaseUrl, names.maintenance, GROUPS.maintenance),
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
