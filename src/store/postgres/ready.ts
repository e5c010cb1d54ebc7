import { sql } from 'drizzle-orm'
import type { Connection } from './connection.ts'

/** Whoever probes comes again by itself, and wants to know how things stand now: no repeats, and a late answer is a failure. */
const LIMITS = { attempts: 1, timeoutMs: 3_000 }

/** Resolves when the database answers and holds the schema. */
export async function ready(connection: Connection): Promise<void> {
  await connection.rows('ready', sql`SELECT 'events_of_tenant(text, bigint, bigint, bigint)'::regprocedure::text`, LIMITS)
}
