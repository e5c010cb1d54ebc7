import { sql } from 'drizzle-orm'
import type { Connection } from './connection.ts'

/** A probe that takes longer is as good as a failure. */
const TIMEOUT_MS = 5_000

/** Resolves when the database answers and holds the schema. */
export async function ready(connection: Connection): Promise<void> {
  await connection.rows('ready', sql`SELECT 'append_events(json, json, json)'::regprocedure::text`, TIMEOUT_MS)
}
