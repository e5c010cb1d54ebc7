import type { Notice } from '../conversation/rpc.ts'
import { type DrainDeps, drain, type Outbox } from '../ingest/drain.ts'
import { logSetAside } from '../ingest/log-set-aside.ts'
import { toHex } from '../model/hex.ts'
import type { ExpiredConversation, HistoryItem } from '../model/history.ts'
import { itemLine } from '../model/item-line.ts'
import { MAX_PAGE_ITEMS } from '../model/limits.ts'
import type { Log } from '../model/log.ts'
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
  readonly log: Log
}

/** A conversation of which everything recorded at or before `through` (Unix ms) is stored. */
export interface Archived {
  readonly conversation: ExpiredConversation
  readonly through: number
}

export interface ArchiveResult {
  readonly archived: readonly Archived[]
  readonly events: number
  readonly objects: number
  readonly failed: number
  /** Why the first of them failed. */
  readonly cause: unknown
  /** The place of the first conversation that the time did not suffice for, or not for all of it; null when there is none. */
  readonly unfinished: number | null
}

/**
 * Archives what the conversations recorded at or before `marker` (Unix ms), until `goOn` says no; something in any case. Never throws;
 * safe to repeat.
 */
export type ArchiveConversations = (
  conversations: readonly ExpiredConversation[],
  marker: number,
  goOn: () => boolean,
) => Promise<ArchiveResult>

/** Event text in one object, a single event of more apart. With its copies on their way, times the lanes, it stays far below 128 MB. */
const OBJECT_BYTES = 2 * 1024 * 1024

/** Conversations that are archived at a time. */
const LANES = 4

/**
 * Writes events into a bucket: NDJSON of items as the API gives them, an object a page. R2 checks the bytes by their SHA-256, which is also
 * kept with the object.
 *
 * The conversations' objects are drained before: what they recorded in time and have not delivered would else be cleared unarchived. What
 * could not be passed on fails: clearing would take it from the object, which is the last to know of it.
 */
export function archiveIn(deps: ArchiveDeps): ArchiveConversations {
  return async (conversations, marker, goOn) => {
    const outboxes = conversations.map(({ tenant, conversation_id }) => ({
      outbox: deps.conversation({ tenant, conversation_id }),
    }))
    const drained = await drain(outboxes, deps, goOn)
    logSetAside(drained.set_aside, deps.log)
    const failures = [...drained.failures]
    for (const place of drained.held) failures[place] ??= { cause: drained.forward_cause }
    const undrained = new Set(drained.unfinished)
    const archived: Archived[] = []
    const unfinished = [...undrained]
    const total = { events: 0, objects: 0, failed: 0, cause: undefined as unknown }
    const queue = conversations.entries()
    const lane = async () => {
      let begun = 0
      for (const [place, conversation] of queue) {
        if (undrained.has(place)) continue
        if (begun > 0 && !goOn()) {
          unfinished.push(place)
          return
        }
        begun += 1
        try {
          const failure = failures[place]
          if (failure) throw failure.cause
          const { events, objects, through } = await archiveConversation(conversation, marker, goOn, deps)
          if (through < marker) unfinished.push(place)
          archived.push({ conversation, through })
          total.events += events
          total.objects += objects
        } catch (cause) {
          total.failed += 1
          total.cause ??= cause
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return { archived, ...total, unfinished: unfinished.length === 0 ? null : Math.min(...unfinished) }
  }
}

interface Written {
  readonly events: number
  readonly objects: number
  /** Unix ms: as far as everything is stored. */
  readonly through: number
}

async function archiveConversation(
  { tenant, conversation_id }: ExpiredConversation,
  marker: number,
  goOn: () => boolean,
  deps: ArchiveDeps,
): Promise<Written> {
  let events = 0
  let objects = 0
  let first = Number.POSITIVE_INFINITY
  let after: string | undefined
  for (;;) {
    const query = { after, limit: MAX_PAGE_ITEMS, max_bytes: OBJECT_BYTES }
    const { items, more } = await deps.history.conversationEvents(tenant, conversation_id, query)
    const expired = items.filter(({ recorded_at }) => Date.parse(recorded_at) <= marker)
    const last = expired.at(-1)
    // Times follow the seqs, but for a clock that stepped back: what is past its term may stand behind what is not.
    if (!last) {
      if (!more || events > 0) return { events, objects, through: marker }
      if (!goOn()) throw new Error('the first events are not past their term, and the time did not suffice to find one that is')
      after = String(items.at(-1)?.seq)
      continue
    }
    await store(tenant, conversation_id, expired, deps.bucket)
    events += expired.length
    objects += 1
    if (!more) return { events, objects, through: marker }
    after = String(items.at(-1)?.seq)
    first = Math.min(first, ...expired.map(({ recorded_at }) => Date.parse(recorded_at)))
    // What was recorded within the same millisecond may be on the next page.
    const through = Date.parse(last.recorded_at) - 1
    if (!goOn() && through >= first) return { events, objects, through }
  }
}

const encoder = new TextEncoder()

async function store(tenant: string, conversationId: string, items: readonly HistoryItem[], bucket: ArchiveDeps['bucket']) {
  const bytes = encoder.encode(items.map((item) => itemLine(item, String(item.seq))).join(''))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  const sha256 = toHex(new Uint8Array(digest))
  const stored = await bucket.put(await archiveKey(tenant, conversationId, items), bytes, {
    sha256,
    httpMetadata: { contentType: 'application/x-ndjson' },
    customMetadata: { tenant: encode(tenant), conversation_id: encode(conversationId), count: String(items.length), sha256 },
  })
  if (stored?.size !== bytes.byteLength) throw new Error('the archive holds another number of bytes than it was given')
}
