import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** Makes everything that the objects of a stopped service hold this much older, and the development history's as well. */
export function ageObjects(storageDir: string, ms: number): void {
  const files = readdirSync(storageDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sqlite'))
  for (const file of files) {
    const database = new DatabaseSync(join(storageDir, file))
    try {
      const tables = database.prepare('SELECT name FROM sqlite_master').all()
      if (tables.some(({ name }) => name === 'segments')) {
        database.exec(`UPDATE segments SET recorded_at = recorded_at - ${ms}`)
        database.exec(`UPDATE state SET state = json_set(state, '$.first_at', json_extract(state, '$.first_at') - ${ms})`)
      }
      if (tables.some(({ name }) => name === 'journal')) ageJournal(database, ms)
    } finally {
      database.close()
    }
  }
}

function ageJournal(database: DatabaseSync, ms: number): void {
  const update = database.prepare('UPDATE journal SET text = ? WHERE id = ?')
  for (const { id, text } of database.prepare('SELECT id, text FROM journal').all()) {
    // Only in what the journal itself says: inside of an event's text the quotes are escaped.
    const aged = String(text).replace(/"recorded_at":(\d+)/g, (_, at: string) => `"recorded_at":${Number(at) - ms}`)
    update.run(aged, Number(id))
  }
}

/** The same of what Postgres has. */
export async function agePostgres(databaseUrl: string, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const by = `interval '${ms} milliseconds'`
    for (const table of ['events', 'quarantine']) await client.query(`UPDATE ${table} SET recorded_at = recorded_at - ${by}`)
    await client.query(`UPDATE conversations SET first_at = first_at - ${by}, last_at = last_at - ${by}`)
  } finally {
    await client.end()
  }
}
