import { MAX_TICKETS } from '../model/limits.ts'
import type { StoredTicket } from '../model/tickets.ts'

const TABLE = `CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, maker TEXT NOT NULL, expires_at INTEGER NOT NULL)
  STRICT, WITHOUT ROWID`

/** The tickets of one conversation, in the object's SQLite. The table is made with the first: looking for one leaves no trace. */
export class Tickets {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Whether there was room for it. */
  add(hash: string, { maker, expires_at }: StoredTicket, now: number): boolean {
    this.#sql.exec(TABLE)
    this.#prune(now)
    const { count } = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM tickets').one()
    if (count >= MAX_TICKETS) return false
    this.#sql.exec(
      'INSERT OR REPLACE INTO tickets (hash, maker, expires_at) VALUES (?, ?, ?)',
      hash,
      JSON.stringify(maker),
      expires_at,
    )
    return true
  }

  find(hash: string, now: number): StoredTicket | null {
    if (!this.#exist()) return null
    const [row] = this.#sql
      .exec<{ maker: string; expires_at: number }>(
        'SELECT maker, expires_at FROM tickets WHERE hash = ? AND expires_at > ?',
        hash,
        now,
      )
      .toArray()
    return row ? { maker: JSON.parse(row.maker), expires_at: row.expires_at } : null
  }

  /** Drops those that have expired. When the last of the others does, Unix ms; null where there is none. */
  prune(now: number): number | null {
    if (!this.#exist()) return null
    this.#prune(now)
    return this.#sql.exec<{ last: number | null }>('SELECT max(expires_at) AS last FROM tickets').one().last
  }

  #prune(now: number): void {
    this.#sql.exec('DELETE FROM tickets WHERE expires_at <= ?', now)
  }

  #exist(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tickets'").toArray().length > 0
  }
}
