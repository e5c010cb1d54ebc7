import pg from 'pg'
import { conversationId, type EventSize, renderBody } from './bodies.ts'
import { runLoad, send, sendJson } from './load.ts'
import type { Services } from './services.ts'

/** What a measure works with. */
export interface Bench {
  readonly services: Services
  readonly quick: boolean
  /** Waits until PostgreSQL holds every event of the conversations, so that no delivery runs into what is measured next. */
  settled(conversations: readonly string[], at?: string): Promise<void>
  /** Waits until PostgreSQL holds so many events of conversations whose ids begin so. It is asked itself: the Worker is busy. */
  delivered(prefix: string, events: number): Promise<void>
  stop(): Promise<void>
}

const POLL_MS = 20
const POLLERS = 8
const LONGEST_DELIVERY_MS = 300_000

export interface Counters {
  readonly head_seq: number
  readonly persisted_seq: number
}

export function openBench(services: Services, quick: boolean): Bench {
  const client = new pg.Client({ connectionString: services.databaseUrl })
  const connected = client.connect()
  return {
    services,
    quick,
    async settled(conversations, at = services.store) {
      const requests = conversations.length
      await runLoad({ concurrency: POLLERS, requests }, (_, request) => awaitDelivery(at, conversations[request] as string))
      await connected
      // What a drain leaves for PostgreSQL to do later must not land in the next measure.
      await client.query('CHECKPOINT')
    },
    async delivered(prefix, events) {
      await connected
      const deadline = Date.now() + LONGEST_DELIVERY_MS
      for (;;) {
        const { rows } = await client.query<{ stored: string }>(
          'SELECT coalesce(sum(event_count), 0) AS stored FROM conversations WHERE starts_with(conversation_id, $1)',
          [prefix],
        )
        const stored = Number(rows[0]?.stored)
        if (stored >= events) return
        if (Date.now() > deadline) throw new Error(`PostgreSQL has ${stored} of ${events} events`)
        await pause(POLL_MS)
      }
    },
    async stop() {
      await connected
      await client.end()
    },
  }
}

/** Waits until PostgreSQL has every event of a conversation. */
export async function awaitDelivery(at: string, conversation: string): Promise<void> {
  const deadline = Date.now() + LONGEST_DELIVERY_MS
  for (;;) {
    const { head_seq, persisted_seq } = await readCounters(at, conversation)
    if (head_seq === persisted_seq) return
    if (Date.now() > deadline) throw new Error(`${conversation} stands at ${persisted_seq} of ${head_seq} in PostgreSQL`)
    await pause(POLL_MS)
  }
}

export function readCounters(at: string, conversation: string): Promise<Counters> {
  return sendJson<Counters>({ url: `${at}/v1/conversations/${conversation}` })
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Appends so many events to one conversation, in requests of at most 1,000, one after the other. */
export async function fill(at: string, conversation: string, events: number, size: EventSize = 'small'): Promise<void> {
  for (let left = events; left > 0; ) {
    const body = renderBody(size, Math.min(left, 1_000))
    body.fill(conversation)
    await send({ method: 'POST', url: `${at}/v1/events`, body: body.bytes })
    left -= body.events
  }
}

/** Conversations made by one request: each of them is a call of an object. */
const CREATED_AT_ONCE = 500

/** Conversations of one event each, in Postgres too, so that what is measured later creates no object. */
export async function createConversations(at: string, name: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => conversationId(`${name}-${i}`))
  const body = renderBody('small', 1)
  for (let from = 0; from < count; from += CREATED_AT_ONCE) {
    const events = ids.slice(from, from + CREATED_AT_ONCE).map((id) => {
      body.fill(id)
      return body.bytes.toString()
    })
    await send({ method: 'POST', url: `${at}/v1/events?ack=persisted`, body: Buffer.from(`[${events.join(',')}]`) })
  }
  return ids
}
