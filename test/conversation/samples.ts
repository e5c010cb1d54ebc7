import { META_WORDS } from '../../src/conversation/dedupe-index.ts'
import type { PickedPage } from '../../src/conversation/page.ts'
import { type Draft, lastSeqOf, type Segment } from '../../src/conversation/segment.ts'
import type { ConversationBatch } from '../../src/http/conversation-batches.ts'
import { readIncomingEvents } from '../../src/http/incoming-events.ts'

export interface SampleEvent {
  readonly event_id: string
  readonly conversation_id?: string
  readonly event_type?: string
  readonly assistant_request_id?: string
  /** Makes the content another one. */
  readonly note?: unknown
}

/** An event of an application's own type, valid for recording. */
export function sampleEvent({
  event_id,
  conversation_id = 'c',
  event_type = 'Note',
  assistant_request_id = 'r',
  note,
}: SampleEvent): Record<string, unknown> {
  return {
    event_id,
    event_version: '1.0',
    assistant_request_id,
    event_type,
    timestamp: '2025-08-28T10:40:11.078102+00:00',
    event_context: { invoke_context: { conversation_id, invoke_id: 'i', assistant_request_id, user_id: '', kwargs: null } },
    data: note ?? null,
  }
}

/** A publication to a topic, valid for recording. */
export function samplePublication(event_id: string, conversation_id: string, topic: string, offset: number) {
  const event = sampleEvent({ event_id, conversation_id, event_type: 'PublishToTopic' })
  return { ...event, event_context: { ...(event.event_context as object), name: topic, offset }, data: '[]' }
}

/** What the Worker hands to a conversation's object for these events. */
export function batchOf(events: readonly SampleEvent[]): ConversationBatch {
  return batchOfTexts(events.map((event) => JSON.stringify(sampleEvent(event))))
}

export function batchOfTexts(texts: readonly string[]): ConversationBatch {
  const { batches } = readIncomingEvents(new TextEncoder().encode(`[${texts.join(',')}]`), 'json')
  const [batch] = batches
  if (!batch) throw new Error('there is no event')
  return batch
}

/** Numbers drafts as the log does. */
export function segmentsOf(drafts: readonly Draft[], recordedAt = Date.UTC(2026, 0, 1)): Segment[] {
  let next = 1
  return drafts.map(({ meta, heads, body }, i) => {
    const segment = {
      first_seq: next,
      count: meta.length / META_WORDS,
      recorded_at: recordedAt + i,
      meta,
      heads,
      body: () => body,
    }
    next = lastSeqOf(segment) + 1
    return segment
  })
}

/** A draft whose events have these texts; ids and digests are those of the place. */
export function draftOfTexts(texts: readonly string[]): Draft {
  const encoder = new TextEncoder()
  const meta = new Uint32Array(texts.length * META_WORDS)
  texts.forEach((text, i) => {
    meta.set([i, i, i, i, encoder.encode(text).byteLength], i * META_WORDS)
  })
  const heads = texts.map((_, i) => JSON.stringify({ event_id: `e${i}`, event_type: i % 2 === 0 ? 'Even' : 'Odd' })).join(',')
  return { meta, heads, body: encoder.encode(texts.join(',')) }
}

export function textsOf(draft: Pick<Draft, 'body'>): unknown[] {
  return JSON.parse(`[${new TextDecoder().decode(draft.body)}]`) as unknown[]
}

/** The events of a page, one by one. */
export function placesOf(page: PickedPage): { readonly segment: Segment; readonly seq: number }[] {
  return page.runs.flatMap(({ segment, place, count }) =>
    Array.from({ length: count }, (_, i) => ({ segment, seq: segment.first_seq + place + i })),
  )
}
