import { describe, expect, it } from 'vitest'
import { META_DIGEST_HIGH, META_DIGEST_LOW, META_LENGTH, META_WORDS } from '../../src/conversation/dedupe-index.ts'
import { type Publication, readPublishedEvents } from '../../src/http/published-events.ts'
import type { EventHead } from '../../src/model/event-head.ts'
import { RequestFailure } from '../../src/protocol/failure.ts'
import { activityStartOfVersion3, workflowEndOfVersion3, workflowStartOfVersion2 } from '../support/application-events.ts'

const NOW = Date.UTC(2026, 0, 15, 10, 0, 0, 789)
const NOW_SECONDS = Math.floor(NOW / 1000)
const encode = (text: string) => new TextEncoder().encode(text)

function read(body: string, more: Partial<Publication> = {}, format: 'json' | 'ndjson' = 'json') {
  return readPublishedEvents(encode(body), format, { application_name: null, idempotency_key: null, now: NOW, ...more })
}

async function only(body: string, more: Partial<Publication> = {}) {
  const { batches, event_ids } = await read(body, more)
  const [batch] = batches
  if (!batch || batches.length > 1) throw new Error('one event was expected')
  const text = new TextDecoder().decode(batch.body)
  return { batch, text, event: JSON.parse(text), head: JSON.parse(batch.heads) as EventHead, id: event_ids[0] }
}

async function failureOf(body: string, more: Partial<Publication> = {}): Promise<unknown> {
  try {
    await read(body, more)
  } catch (thrown) {
    if (thrown instanceof RequestFailure) return thrown.failure
    throw thrown
  }
  return null
}

const digestOf = (meta: Uint32Array) => [meta[META_DIGEST_HIGH], meta[META_DIGEST_LOW]]

describe('a published event', () => {
  it('of version 2 gets its id, and is otherwise stored as it was sent', async () => {
    const sent = workflowStartOfVersion2({ run: 'r' })
    const { text, id, head, batch } = await only(sent, { application_name: 'of the header' })
    expect(text).toBe(`{"event_id":"${id}",${sent.slice(1)}`)
    expect(batch.conversation_id).toBe('workflow:r')
    expect(batch.meta[META_LENGTH]).toBe(encode(text).byteLength)
    expect(head).toMatchObject({ event_id: id, event_name: 'workflow_start', timestamp: '2025-08-28T10:40:11.000Z' })
  })

  it('of version 3 gets its id, and is otherwise stored as it was sent', async () => {
    const sent = workflowEndOfVersion3({ run: 'r' })
    const { text, id, batch } = await only(sent)
    expect(text).toBe(`{"event_id":"${id}",${sent.slice(1)}`)
    expect(batch.meta[META_LENGTH]).toBe(encode(text).byteLength)
  })

  it('that says nothing but its type gets the rest', async () => {
    const { event, head, batch, id } = await only('{"event_type":"data.processed"}', { application_name: 'crawler' })
    expect(event).toEqual({
      event_id: id,
      event_type: 'data.processed',
      metadata: { application_name: 'crawler', created_timestamp: NOW_SECONDS, topic_name: 'data.processed' },
    })
    expect(head).toMatchObject({ timestamp: '2026-01-15T10:00:00.000Z', topic_name: 'data.processed', event_name: null })
    expect(batch.conversation_id).toMatch(/^topic:data\.processed:(0\d|1[0-5])$/)
  })

  it('keeps the application that it names, and goes without when nobody names one', async () => {
    const named = await only('{"event_type":"t","metadata":{"application_name":"own"}}', { application_name: 'other' })
    expect(named.event.metadata.application_name).toBe('own')
    expect((await only('{"event_type":"t"}')).event.metadata).not.toHaveProperty('application_name')
  })

  it('has the digest of what was sent, whatever is filled in', async () => {
    const sent = '{"event_type":"t","metadata":{"note":1}}'
    const first = await only(sent, { idempotency_key: 'k' })
    const later = await only(sent, { idempotency_key: 'k', now: NOW + 60_000, application_name: 'x' })
    expect(later.text).not.toBe(first.text)
    expect(digestOf(later.batch.meta)).toEqual(digestOf(first.batch.meta))
    const other = await only('{"event_type":"t","metadata":{"note":2}}', { idempotency_key: 'k' })
    expect(digestOf(other.batch.meta)).not.toEqual(digestOf(first.batch.meta))
  })
})

describe('the id of a published event', () => {
  it('is its own, else that of its facts, else the key, else a new one', async () => {
    const key = { idempotency_key: 'key-1' }
    const start = workflowStartOfVersion2({ run: 'r' })
    expect((await only(`{"event_id":"own",${start.slice(1)}`, key)).id).toBe('own')
    expect((await only(start, key)).id).toMatch(/^[0-9a-f]{32}$/)
    expect((await only(start, key)).id).toBe((await only(start)).id)
    expect((await only('{"event_type":"t","event_name":"workflow_start"}', key)).id).toBe('key-1')
    expect((await only('{"event_type":"t","event_id":""}', key)).id).toBe('key-1')
    const made = await Promise.all([only('{"event_type":"t"}'), only('{"event_type":"t"}')])
    expect(made[0].id).toMatch(/^[0-9a-f]{32}$/)
    expect(made[0].id).not.toBe(made[1].id)
  })

  it('is the key and the place where there are several events, in lines too', async () => {
    const events = ['{"event_type":"a"}', '{"event_type":"b","event_id":"own"}', '{"event_type":"a"}']
    const expected = ['key-1:0', 'own', 'key-1:2']
    expect((await read(`[${events.join()}]`, { idempotency_key: 'key-1' })).event_ids).toEqual(expected)
    expect((await read(events.join('\n'), { idempotency_key: 'key-1' }, 'ndjson')).event_ids).toEqual(expected)
    expect((await read(`[${events[0]}]`, { idempotency_key: 'key-1' })).event_ids).toEqual(['key-1'])
  })

  it('has room for the place behind the key', async () => {
    const events = (count: number) => `[${Array.from({ length: count }, () => '{"event_type":"a"}').join()}]`
    expect(await failureOf(events(1), { idempotency_key: 'k'.repeat(256) })).toBeNull()
    expect(await failureOf(events(10), { idempotency_key: 'k'.repeat(254) })).toBeNull()
    expect(await failureOf(events(11), { idempotency_key: 'k'.repeat(254) })).toEqual({
      kind: 'invalid-request',
      errors: [{ path: 'Idempotency-Key', message: 'is too long for a request of 11 events: send at most 253 characters' }],
    })
  })

  it('is told apart by what a repeat with other content means', async () => {
    const start = workflowStartOfVersion2({ run: 'r' })
    const { derived, event_ids } = await read(`[${start},{"event_type":"t","event_id":"own"}]`)
    expect([...derived]).toEqual([event_ids[0]])
    const taken = await read(`[${start},{"event_type":"t","event_id":"${event_ids[0]}"}]`)
    expect([...taken.derived]).toEqual([])
  })
})

describe('the published events of a request', () => {
  it('are sorted by log, in their order', async () => {
    const bodies = [
      workflowStartOfVersion2({ run: 'a' }),
      activityStartOfVersion3({ run: 'b' }),
      activityStartOfVersion3({ run: 'a', attempt: 2 }),
    ]
    const { batches, event_ids } = await read(`[${bodies.join()}]`)
    expect(batches.map(({ conversation_id }) => conversation_id)).toEqual(['workflow:a', 'workflow:b'])
    expect(batches.map(({ meta }) => meta.length / META_WORDS)).toEqual([2, 1])
    expect(JSON.parse(`[${batches[0]?.heads}]`).map((head: EventHead) => head.event_id)).toEqual([event_ids[0], event_ids[2]])
  })

  it('are refused together, with place and member', async () => {
    const failure = await failureOf('[{"event_type":"t"},{"event_type":"","metadata":{"attempt":"two"}},{}]')
    expect(failure).toMatchObject({
      kind: 'invalid-events',
      errors: [
        { index: 1, path: 'event_type' },
        { index: 1, path: 'metadata.attempt', message: 'has the wrong type: send a number' },
        { index: 2, path: 'event_type', message: 'is missing: send a string' },
      ],
    })
  })

  it('are no agent events', async () => {
    expect(await failureOf('{"event_id":"e","event_type":"t","metadata":"x"}')).toMatchObject({
      errors: [{ index: 0, path: 'metadata', message: 'has the wrong type: send an object' }],
    })
  })
})
