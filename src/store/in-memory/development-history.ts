import { DurableObject } from 'cloudflare:workers'
import type { NewApiKey, StoredApiKey } from '../../model/api-keys.ts'
import type { AuditEntry, AuditQuery } from '../../model/audit.ts'
import type {
  AppendOutcome,
  ConversationQuery,
  ConversationsRequest,
  EventHistory,
  ExpiredConversation,
  FeedQuery,
  FollowQuery,
  PageRequest,
  PendingEvents,
  QuarantinedEvent,
  TopicFilter,
} from '../../model/history.ts'
import type { ActivityQuery, TimeRange, UnfinishedQuery } from '../../model/monitor.ts'
import { InMemoryAuditLog } from './audit.ts'
import { InMemoryHistory } from './history.ts'
import { InMemoryKeyDirectory } from './key-directory.ts'

type JournalEntry =
  | { readonly operation: 'append'; readonly batches: readonly PendingEvents[] }
  | { readonly operation: 'quarantine'; readonly event: QuarantinedEvent }
  | { readonly operation: 'clear'; readonly tenant: string; readonly marker: number }
  | {
      readonly operation: 'clear-conversations'
      readonly tenant: string
      readonly ids: readonly string[]
      readonly marker: number
    }
  | { readonly operation: 'key'; readonly key: StoredApiKey }
  | { readonly operation: 'audit'; readonly entries: readonly AuditEntry[] }

/** Characters of a journal row: three bytes each at most stay below SQLite's 2 MB. */
const ROW_CHARACTERS = 500_000

/**
 * The history, the API keys and the audit log of `wrangler dev` without a database: in memory, in one object for all tenants.
 *
 * Conversations remember across restarts what they have handed over, and an idle object is dropped from memory within
 * seconds, so what changes it is journalled and played again when it wakes.
 */
export class DevelopmentHistory extends DurableObject implements EventHistory {
  readonly #history = new InMemoryHistory()
  readonly #audit = new InMemoryAuditLog()
  readonly #keys = new InMemoryKeyDirectory((key) => this.#journal({ operation: 'key', key }))

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as never)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, ends INTEGER NOT NULL, text TEXT NOT NULL) STRICT',
    )
    ctx.blockConcurrencyWhile(() => this.#replay())
  }

  async append(batches: readonly PendingEvents[]): Promise<AppendOutcome> {
    this.#journal({ operation: 'append', batches })
    return this.#history.append(batches)
  }

  async quarantine(event: QuarantinedEvent) {
    this.#journal({ operation: 'quarantine', event })
    await this.#history.quarantine(event)
  }

  async clear(tenant: string, marker: number) {
    this.#journal({ operation: 'clear', tenant, marker })
    return this.#history.clear(tenant, marker)
  }

  async clearConversations(tenant: string, ids: readonly string[], marker: number) {
    this.#journal({ operation: 'clear-conversations', tenant, ids, marker })
    return this.#history.clearConversations(tenant, ids, marker)
  }

  async quarantined(tenant: string, page: PageRequest) {
    return this.#history.quarantined(tenant, page)
  }

  async event(tenant: string, eventId: string) {
    return this.#history.event(tenant, eventId)
  }

  async conversationsOfEvents(tenant: string, eventIds: readonly string[]) {
    return this.#history.conversationsOfEvents(tenant, eventIds)
  }

  async feed(tenant: string, query: FeedQuery) {
    return this.#history.feed(tenant, query)
  }

  async followFeed(tenant: string, query: FollowQuery) {
    return this.#history.followFeed(tenant, query)
  }

  async conversations(tenant: string, page: ConversationsRequest) {
    return this.#history.conversations(tenant, page)
  }

  async conversationEvents(tenant: string, conversationId: string, query: ConversationQuery) {
    return this.#history.conversationEvents(tenant, conversationId, query)
  }

  async assistantRequestEvents(tenant: string, assistantRequestId: string, page: PageRequest) {
    return this.#history.assistantRequestEvents(tenant, assistantRequestId, page)
  }

  async topicEvents(tenant: string, topic: TopicFilter, page: PageRequest) {
    return this.#history.topicEvents(tenant, topic, page)
  }

  async activity(tenant: string, query: ActivityQuery) {
    return this.#history.activity(tenant, query)
  }

  async assistants(tenant: string, range: TimeRange) {
    return this.#history.assistants(tenant, range)
  }

  async unfinished(tenant: string, query: UnfinishedQuery) {
    return this.#history.unfinished(tenant, query)
  }

  async clearInSteps(tenant: string, ids: readonly string[], marker: number) {
    return this.clearConversations(tenant, ids, marker)
  }

  async expiredConversations(marker: number, after: ExpiredConversation | null, limit: number) {
    return this.#history.expiredConversations(marker, after, limit)
  }

  async dropEmptied() {
    return this.#history.dropEmptied()
  }

  async ready() {}

  async maintain() {}

  async findKey(keyId: string) {
    return this.#keys.find(keyId)
  }

  async createKey(key: NewApiKey) {
    return this.#keys.create(key)
  }

  async listKeys(tenant: string, page: PageRequest) {
    return this.#keys.list(tenant, page)
  }

  async revokeKey(tenant: string, keyId: string) {
    return this.#keys.revoke(tenant, keyId)
  }

  async touchKey(keyId: string, at: number) {
    await this.#keys.touch(keyId, at)
  }

  async anyUsableKey() {
    return this.#keys.anyUsable()
  }

  async appendAudit(entries: readonly AuditEntry[]) {
    this.#journal({ operation: 'audit', entries })
    await this.#audit.append(entries)
  }

  async readAudit(tenant: string, query: AuditQuery) {
    return this.#audit.read(tenant, query)
  }

  async recordsReads() {
    return this.#audit.recordsReads()
  }

  #journal(entry: JournalEntry): void {
    const text = JSON.stringify(entry)
    for (let at = 0; at < text.length; ) {
      // Half a surrogate pair would not survive on its own.
      const end = at + ROW_CHARACTERS
      const next = isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end
      this.ctx.storage.sql.exec(
        'INSERT INTO journal (ends, text) VALUES (?, ?)',
        next >= text.length ? 1 : 0,
        text.slice(at, next),
      )
      at = next
    }
  }

  async #replay(): Promise<void> {
    let text = ''
    for (const row of this.ctx.storage.sql.exec<{ ends: number; text: string }>('SELECT ends, text FROM journal ORDER BY id')) {
      text += row.text
      if (row.ends === 0) continue
      const entry = JSON.parse(text) as JournalEntry
      text = ''
      if (entry.operation === 'append') await this.#history.append(entry.batches)
      else if (entry.operation === 'quarantine') await this.#history.quarantine(entry.event)
      else if (entry.operation === 'clear-conversations')
        await this.#history.clearConversations(entry.tenant, entry.ids, entry.marker)
      else if (entry.operation === 'key') this.#keys.restore(entry.key)
      else if (entry.operation === 'audit') await this.#audit.append(entry.entries)
      else await this.#history.clear(entry.tenant, entry.marker)
    }
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
