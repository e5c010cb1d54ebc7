import pg from 'pg'
import { connectionOn } from '../../src/local/pg-connection.ts'
import type { Scope } from '../../src/model/scopes.ts'
import { generateKey } from '../../src/security/api-key.ts'
import { createPostgresKeyDirectory } from '../../src/store/postgres/api-keys/directory.ts'

export interface AuditRow {
  readonly tenant_id: string | null
  readonly key_id: string | null
  readonly operation: string
  readonly resource: Record<string, string> | null
  readonly count: number | null
  readonly outcome: string
  readonly status: number
  readonly address: string | null
  readonly user_agent: string | null
  readonly request_id: string
}

export interface TestKey {
  readonly key: string
  readonly key_id: string
  readonly headers: Record<string, string>
}

/** The audit log of a database, without what differs each time. */
export async function commandsIn(databaseUrl: string): Promise<object[]> {
  const sql = new pg.Client({ connectionString: databaseUrl })
  await sql.connect()
  try {
    const { rows } = await sql.query('SELECT tenant_id, subject, operation, resource, outcome FROM audit ORDER BY stored_at')
    return rows
  } finally {
    await sql.end()
  }
}

/** The owner's eyes on the keys and the audit log of a service's database. */
export class AuditDesk {
  readonly #sql: pg.Client

  private constructor(sql: pg.Client) {
    this.#sql = sql
  }

  static async open(databaseUrl: string): Promise<AuditDesk> {
    const sql = new pg.Client({ connectionString: databaseUrl })
    // A server that is taken away ends the connection.
    sql.on('error', () => undefined)
    await sql.connect()
    return new AuditDesk(sql)
  }

  close(): Promise<void> {
    return this.#sql.end()
  }

  async key(tenant: string, ...scopes: Scope[]): Promise<TestKey> {
    const { key, key_id, secret_hash } = await generateKey()
    const directory = createPostgresKeyDirectory(connectionOn(this.#sql))
    await directory.create({
      key_id,
      tenant,
      secret_hash,
      scopes,
      application_name: null,
      created_by: 'command',
      expires_at: null,
    })
    return { key, key_id, headers: { Authorization: `Bearer ${key}` } }
  }

  /** Makes that a key expired yesterday. */
  async expire(keyId: string): Promise<void> {
    await this.#sql.query(`UPDATE api_keys SET expires_at = now() - interval '1 day' WHERE key_id = $1`, [keyId])
  }

  /** All rows, the oldest first. */
  async rows(): Promise<AuditRow[]> {
    const { rows } = await this.#sql.query<AuditRow>(
      `SELECT tenant_id, key_id, operation, resource, count::integer AS count, outcome, status, host(address) AS address, user_agent,
         request_id
       FROM audit ORDER BY at, stored_at`,
    )
    return rows
  }

  /** Everything that the table holds, as text. */
  async dump(): Promise<string> {
    const { rows } = await this.#sql.query<{ text: string }>('SELECT audit::text AS text FROM audit')
    return rows.map(({ text }) => text).join('\n')
  }
}
