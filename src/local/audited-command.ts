import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { appendAudit } from '../store/postgres/audit.ts'
import { connectionOn } from './pg-connection.ts'

export interface AuditedCommand {
  readonly tenant: string
  /** As it is typed, without its parameters. */
  readonly operation: string
  /** Ids of what was changed, by what they are ids of. */
  readonly resource: Readonly<Record<string, string>> | null
}

/**
 * Changes something and records that in the audit log: both, or neither. Who did it is the role of the database that the command
 * runs as, which is all that can be known of a shell. What `change` resolves with has nothing to record if it is null.
 */
export async function changeAudited<T>(
  client: pg.Client,
  change: () => Promise<T | null>,
  describe: (changed: T) => AuditedCommand,
): Promise<T | null> {
  await client.query('BEGIN')
  try {
    const changed = await change()
    if (changed !== null) {
      const { rows } = await client.query<{ role: string }>('SELECT session_user AS role')
      const nowhere = { address: null, country: null, colo: null, user_agent: null }
      const who = { key_id: null, subject: `role:${rows[0]?.role}` }
      const ids = { id: randomUUID(), request_id: randomUUID(), at: new Date().toISOString() }
      const outcome = { count: 1, outcome: 'ok', status: 200, from: nowhere } as const
      await appendAudit(connectionOn(client), [{ ...ids, ...who, ...outcome, ...describe(changed) }])
    }
    await client.query('COMMIT')
    return changed
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
