import type { Notice } from '../conversation/rpc.ts'
import { type DrainDeps, drain, type Outbox } from '../ingest/drain.ts'
import type { ExpiredConversation, HistoryItem } from '../model/history.ts'
import { itemLine } from '../model/item-line.ts'
import { MAX_PAGE_ITEMS } from '../model/limits.ts'
import { archiveKey, encode } from './archive-key.ts'

/** What the archive needs of an R2 bucket. */
export interface ArchiveBucket {
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<{ readonly size: number } | null>
}

export interface PutOptions {
  /** Hex: other bytes are refused. */
  readonly sha256: string
  readonly httpMetadata: { readonly contentType: string }
  readonly customMetadata: Record<string, string>
}

export interface ArchiveDeps extends DrainDeps {
  readonly bucket: ArchiveBucket
  readonly conversation: (notice: Notice) => Outbox
}

export interface ArchiveResult {
  /** Of which all that is past its term is stored. */
  readonly archived: readonly ExpiredConversation[]
  readonly events: number
  readonly objects: number
  readonly failed: number
  /** Why the first of them failed. */
  readonly cause: unknown
}

/** Archives what the conversations recorded at or before `marker` (Unix ms). Never throws; safe to repeat. */
export type ArchiveConversations = (conversations: readonly ExpiredConversation[], marker: number) => Promise<ArchiveResult>

/** Event text in one object, a single event of more apart. With its copies on their way, times the lanes, it stays far below 128 MB. */
const OBJECT_BYTES = 2 * 1024 * 1024

/** Conversations that are archived at a time. */
const LANES = 4

/**
 * Writes events into a bucket: NDJSON of items as the API gives them, an object a page. R2 checks the bytes by their SHA-256, which is also
 * kept with the object.
 *
 * The conversations' objects are drained before: what they recorded in time and have not delivered would else be cleared unarchived.
 */
export function archiveIn(deps: ArchiveDeps): ArchiveConversations {
  return async (conversations, marker) => {
    const outboxes = conversations.map(({ tenant, conversation_id }) => ({
      outbox: deps.conversation({ tenant, conversation_id }),
    }))
    const { failures } = await drain(outboxes, deps)
    const archived: ExpiredConversation[] = []
    const total = { events: 0, objects: 0, failed: 0, cause: undefined as unknown }
    const queue = conversations.entries()
    const lane = async () => {
      for (const [place, conversation] of queue) {
        try {
          const failure = failures[place]
          if (failure) throw failure.cause
          const { events, objects } = await archiveConversation(conversation, marker, deps)
          archived.push(conversation)
          total.events += events
          total.objects += objects
        } catch (cause) {
          total.failed += 1
          total.cause ??= cause
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return { archived, ...total }
  }
}

async function archiveConversation({ tenant, conversation_id }: ExpiredConversation, marker: number, deps: ArchiveDeps) {
  const written = { events: 0, objects: 0 }
  let after: string | undefined
  for (;;) {
    const query = { after, limit: MAX_PAGE_ITEMS, max_bytes: OBJECT_BYTES }
    const { items, more } = await deps.history.conversationEvents(tenant, conversation_id, query)
    const expired = items.filter(({ recorded_at }) => Date.parse(recorded_at) <= marker)
    if (expired.length > 0) {
      await store(tenant, conversation_id, expired, deps.bucket)
      written.events += expired.length
      written.objects += 1
    }
    // Times follow the seqs, but for a clock that stepped back: by less than a page without any.
    if (!more || expired.length === 0) return written
    after = String(items.at(-1)?.seq)
  }
}

const encoder = new TextEncoder()

async function store(tenant: string, conversationId: string, items: readonly HistoryItem[], bucket: ArchiveDeps['bucket']) {
  const bytes = encoder.encode(items.map((item) => itemLine(item, String(item.seq))).join(''))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const stored = await bucket.put(await archiveKey(tenant, conversationId, items), bytes, {
    sha256,
    httpMetadata: { contentType: 'application/x-ndjson' },
    customMetadata: { tenant: encode(tenant), conversation_id: encode(conversationId), count: String(items.length), sha256 },
  })
  if (stored?.size !== bytes.byteLength) throw new Error('the archive holds another number of bytes than it was given')
}
