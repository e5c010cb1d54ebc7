import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { readCommandLine, requireDatabaseUrl } from './command-line.ts'
import { onDatabase } from './on-database.ts'

export interface MigrateOptions {
  databaseUrl: string
  /** Default: the project's `migrations/`. */
  directory?: string
  log?: (line: string) => void
}

/** A migration that was applied is not there any more, or is not what it was. */
export class MigrationMismatchError extends Error {}

interface Migration {
  name: string
  checksum: string
  text: string
}

const DEFAULT_DIRECTORY = fileURLToPath(new URL('../../migrations/', import.meta.url))

/** Any number, the same for every migrator: the first 52 bits of sha256("edge-event-store migrations"). */
const LOCK = Number.parseInt(createHash('sha256').update('edge-event-store migrations').digest('hex').slice(0, 13), 16)

const CREATE_LEDGER = `CREATE TABLE IF NOT EXISTS schema_migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`

/**
 * Applies the `*.sql` files that the database has not seen, in the order of their names, each in a transaction of its own, and
 * gives the names of those it applied. Fails with `MigrationMismatchError`, and applies nothing, when an applied file was changed
 * or is missing. Two migrators at once are safe: each transaction takes the same lock, and looks again. It is not a session's
 * lock, which a connection pooler would leave on a connection that serves others.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { databaseUrl, directory = DEFAULT_DIRECTORY, log = () => undefined } = options
  const migrations = readMigrations(directory)
  return onDatabase(databaseUrl, 'migrate', async (client) => {
    const applied: string[] = []
    await locked(client, () => refuseMismatch(client, migrations, directory))
    for (const migration of migrations) {
      if (!(await locked(client, () => applyOnce(client, migration)))) continue
      applied.push(migration.name)
      log(`applied ${migration.name}`)
    }
    if (applied.length === 0) log(`nothing to apply: all ${migrations.length} migrations are in the database`)
    return applied
  })
}

async function locked<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

function readMigrations(directory: string): Migration[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name) => {
    // A checkout on another system may have other line ends; the migration is the same.
    const text = readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n')
    return { name, text, checksum: createHash('sha256').update(text).digest('hex') }
  })
}

async function refuseMismatch(client: pg.Client, migrations: Migration[], directory: string): Promise<void> {
  await client.query(CREATE_LEDGER)
  const { rows } = await client.query<Omit<Migration, 'text'>>('SELECT name, checksum FROM schema_migrations ORDER BY name')
  for (const { name, checksum } of rows) {
    const found = migrations.find((migration) => migration.name === name)
    if (found === undefined) {
      throw new MigrationMismatchError(`${name} was applied to this database and is missing in ${directory}: put it back`)
    }
    if (found.checksum !== checksum) {
      throw new MigrationMismatchError(
        `${name} was changed after it had been applied to this database: restore it, and put the change into a new file`,
      )
    }
  }
}

async function applyOnce(client: pg.Client, { name, text, checksum }: Migration): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM schema_migrations WHERE name = $1', [name])
  if (rowCount !== 0) return false
  try {
    await client.query(text)
  } catch (error) {
    throw new Error(`${name} failed, and nothing of it was applied: ${describe(error, text)}`, { cause: error })
  }
  await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [name, checksum])
  return true
}

function describe(error: unknown, text: string): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error)
  const line = error.position === undefined ? '' : ` (line ${text.slice(0, Number(error.position)).split('\n').length})`
  return `${error.message}${line}${error.hint === undefined ? '' : `. ${error.hint}`}`
}

if (import.meta.main) {
  const usage = 'usage: npm run db:migrate\nDATABASE_URL names the database to migrate, whose owner runs this.'
  readCommandLine(usage, {})
  const databaseUrl = requireDatabaseUrl(usage)
  try {
    await migrate({ databaseUrl, log: console.log })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
