import {
  type AuditEntry,
  type AuditLog,
  type AuditPage,
  type AuditQuery,
  auditCursorOf,
  MAX_AUDIT_PAGE_ITEMS,
  readAuditCursor,
} from '../../model/audit.ts'

/** The audit log for development. Reads are never recorded: there is no database in which a tenant could ask for it. */
export class InMemoryAuditLog implements AuditLog {
  readonly #entries = new Map<string, AuditEntry>()

  async append(entries: readonly AuditEntry[]): Promise<void> {
    for (const entry of entries) if (!this.#entries.has(entry.id)) this.#entries.set(entry.id, entry)
  }

  async read(tenant: string, query: AuditQuery): Promise<AuditPage> {
    const { operation, key_id, outcome, since, until } = query
    const limit = Math.min(query.limit, MAX_AUDIT_PAGE_ITEMS)
    const from = query.after === undefined ? null : readAuditCursor(query.after)
    const found = [...this.#entries.values()]
      .filter(
        (entry) =>
          entry.tenant === tenant &&
          (from === null || newestFirst(entry, from) > 0) &&
          (operation === undefined || entry.operation === operation) &&
          (key_id === undefined || entry.key_id === key_id) &&
          (outcome === undefined || entry.outcome === outcome) &&
          (since === undefined || Date.parse(entry.at) >= Date.parse(since)) &&
          (until === undefined || Date.parse(entry.at) < Date.parse(until)),
      )
      .sort(newestFirst)
    const items = found.slice(0, limit).map(({ tenant: _tenant, ...entry }) => ({ cursor: auditCursorOf(entry), ...entry }))
    return { items, more: found.length > limit }
  }

  async recordsReads(): Promise<boolean> {
    return false
  }
}

type Place = Pick<AuditEntry, 'at' | 'id'>

/** Both compare as text: times have one form, and UUIDs are in lower case. */
function newestFirst(a: Place, b: Place): number {
  const [left, right] = [`${a.at} ${a.id}`, `${b.at} ${b.id}`]
  return left < right ? 1 : left > right ? -1 : 0
}
