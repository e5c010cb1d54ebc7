import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { createLogins } from '../../../src/local/postgres-logins.ts'
import type { EventHead } from '../../../src/model/event-head.ts'
import type { ConversationInfo, EventHistory, PendingEvents } from '../../../src/model/history.ts'
import type { ConnectionOptions } from '../../../src/store/postgres/connection-options.ts'
import { createPostgresHistory } from '../../../src/store/postgres/history.ts'
import { startTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { directLogin } from '../../support/roles.ts'

export const RECORDED_AT = Date.UTC(2026, 0, 15, 10)
export const TIMESTAMP = '2026-01-15T09:59:59.123456Z'

export interface HistoryUnderTest {
  /** As the Worker has it: appending and reading with one role, clearing with another. */
  readonly history: EventHistory
  /** With a role that may do both. */
  readonly options: ConnectionOptions
  /** Straight to the server as the owner, past gateway and driver. */
  readonly sql: pg.Client
  /** A tenant that no other test uses. */
  tenant(): string
  openClient(): Promise<pg.Client>
}

/** A migrated database for the tests of one file, with the history on top of the real driver and the gateway. */
export function useHistory(): HistoryUnderTest {
  let database: TestDatabase | undefined
  let sql: pg.Client | undefined
  let direct: string | undefined
  let history: EventHistory | undefined
  let tenants = 0
  const clients: pg.Client[] = []
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('use it inside a test')
    return value
  }
  const openClient = async () => {
    const client = new pg.Client({ connectionString: started(database).databaseUrl })
    await client.connect()
    clients.push(client)
    return client
  }
  const options = (databaseUrl = started(direct)) => ({
    databaseUrl,
    fetchEndpoint: started(database).fetchEndpoint,
    timeoutMs: 60_000,
  })

  beforeAll(async () => {
    database = await startTestDatabase()
    sql = await openClient()
    direct = await directLogin(database.databaseUrl)
    const logins = await createLogins(database.databaseUrl)
    history = createPostgresHistory(options(logins.worker), options(logins.maintenance))
  }, 60_000)

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()))
    await database?.stop()
  }, 60_000)

  return {
    get history() {
      return started(history)
    },
    get options() {
      return options()
    },
    get sql() {
      return started(sql)
    },
    tenant: () => `tenant-${++tenants}`,
    openClient,
  }
}

export interface TestEvent extends Partial<EventHead> {
  readonly event_id: string
  /** Default: a small object that names the id. */
  readonly text?: string
}

/** A batch of one segment. */
export function batch(
  tenant: string,
  conversation: string,
  events: readonly TestEvent[],
  options: { firstSeq?: number; recordedAt?: number } = {},
): PendingEvents {
  return {
    tenant,
    conversation_id: conversation,
    segments: [{ first_seq: options.firstSeq ?? 1, count: events.length, recorded_at: options.recordedAt ?? RECORDED_AT }],
    heads: events.map((event) => JSON.stringify(headOf(event))).join(','),
    events: events.map(textOf).join(','),
  }
}

export function textOf(event: TestEvent): string {
  return event.text ?? `{"event_id":"${event.event_id}"}`
}

function headOf({ text: _text, ...head }: TestEvent): EventHead {
  return {
    assistant_request_id: 'request-1',
    event_type: 'ToolInvoke',
    event_name: null,
    event_version: '1.0',
    user_id: 'user-1',
    topic_name: null,
    topic_offset: null,
    timestamp: TIMESTAMP,
    ...head,
  }
}

/** Events `prefix-1` to `prefix-<count>`. */
export function numbered(prefix: string, count: number, head: Partial<TestEvent> = {}): TestEvent[] {
  return Array.from({ length: count }, (_, index) => ({ event_id: `${prefix}-${index + 1}`, ...head }))
}

/** The conversation as the list of conversations has it. */
export async function listed(history: EventHistory, tenant: string, conversation: string): Promise<ConversationInfo | undefined> {
  const { items } = await history.conversations(tenant, { limit: 100 })
  return items.find((item) => item.conversation_id === conversation)
}

export function textsOf(page: { readonly items: readonly { readonly event: string }[] }): string[] {
  return page.items.map((item) => item.event)
}
