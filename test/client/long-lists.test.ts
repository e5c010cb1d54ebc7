import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConflictingEventsError, EventPersistenceError, HttpEventStore } from '../../src/client/index.ts'
import { splitEvents } from '../../src/client/split-events.ts'
import { MAX_REQUEST_BYTES, MAX_REQUEST_CONVERSATIONS, MAX_REQUEST_EVENTS } from '../../src/model/limits.ts'
import { eventOfSize, eventText } from '../support/events.ts'
import { prepared } from './buffer/service-model.ts'
import { problem } from './scripted-fetch.ts'

/** A service that takes everything, and what it was sent. */
function taking() {
  const bodies: string[] = []
  const heads = new Map<string, number>()
  const fetch = async (_: unknown, init: RequestInit = {}) => {
    if (init.method !== 'POST') return new Response('{"items":[],"next_cursor":null}')
    bodies.push(String(init.body))
    const events = JSON.parse(String(init.body)) as { event_context: { invoke_context: { conversation_id: string } } }[]
    const ranges = new Map<string, { first_seq: number; last_seq: number }>()
    for (const { event_context } of events) {
      const id = event_context.invoke_context.conversation_id
      const seq = (heads.get(id) ?? 0) + 1
      heads.set(id, seq)
      ranges.set(id, { first_seq: ranges.get(id)?.first_seq ?? seq, last_seq: seq })
    }
    const conversations = [...ranges].map(([conversation_id, range]) => ({ conversation_id, ...range }))
    return Response.json({ recorded: events.length, duplicates: 0, conflicts: [], conversations }, { status: 201 })
  }
  return { bodies, store: new HttpEventStore({ url: 'http://service.invalid', fetch, retry: { attempts: 1 } }) }
}

const counts = (bodies: readonly string[]) => bodies.map((body) => (JSON.parse(body) as unknown[]).length)

describe('a list beyond the limits of a request', () => {
  it('of events goes in several requests, in order, and is answered as one', async () => {
    const { store, bodies } = taking()
    const texts = Array.from({ length: MAX_REQUEST_EVENTS + 3 }, (_, i) => eventText({ conversation: 'c', id: `e${i}` }))
    expect(await store.recordEvents(texts)).toEqual({
      recorded: texts.length,
      duplicates: 0,
      conflicts: [],
      conversations: [{ conversation_id: 'c', first_seq: 1, last_seq: texts.length }],
    })
    expect(counts(bodies)).toEqual([MAX_REQUEST_EVENTS, 3])
    expect(bodies.flatMap((body) => JSON.parse(body)).map(({ event_id }) => event_id)).toEqual(texts.map((_, i) => `e${i}`))
  })

  it('of bytes goes in requests that are as full as they may be', async () => {
    const { store, bodies } = taking()
    // Of two bytes a character.
    const size = 2 * 1024 ** 2 - 1_000
    await store.recordEvents(Array.from({ length: 5 }, (_, i) => eventOfSize(size, { conversation: 'c', id: `e${i}` }, 'ü')))
    expect(counts(bodies)).toEqual([4, 1])
    for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_REQUEST_BYTES)
  })

  it('of conversations goes in several requests', async () => {
    const { store, bodies } = taking()
    const texts = Array.from({ length: MAX_REQUEST_CONVERSATIONS + 1 }, (_, i) =>
      eventText({ conversation: `c${i}`, id: `e${i}` }),
    )
    expect((await store.recordEvents(texts)).conversations).toHaveLength(texts.length)
    expect(counts(bodies)).toEqual([MAX_REQUEST_CONVERSATIONS, 1])
  })

  it.each([{ expectedSeq: 0 }, { onConflict: 'reject' as const }])(
    'cannot be held to %j, which is for one request',
    async (options) => {
      const { store, bodies } = taking()
      const texts = Array.from({ length: MAX_REQUEST_EVENTS + 1 }, (_, i) => eventText({ conversation: 'c', id: `e${i}` }))
      const refused = store.recordEvents(texts, options)
      await expect(refused).rejects.toBeInstanceOf(EventPersistenceError)
      await expect(refused).rejects.toMatchObject({ transient: false, refusesData: true })
      expect(bodies).toEqual([])
    },
  )
})

describe('a list that one request would hold but for ids in two conversations', () => {
  /** Too long with the event whose id stands in another conversation, and one request without it. */
  const texts = [
    ...Array.from({ length: MAX_REQUEST_EVENTS }, (_, i) => eventText({ conversation: 'c', id: `e${i}` })),
    eventText({ conversation: 'd', id: 'e0' }),
  ]

  it('records nothing where conflicts are to be rejected', async () => {
    const { store, bodies } = taking()
    const failing = store.recordEvents(texts, { onConflict: 'reject' })
    await expect(failing).rejects.toBeInstanceOf(ConflictingEventsError)
    await expect(failing).rejects.toMatchObject({ conflicts: ['e0'], partlyRecorded: false })
    expect(bodies).toEqual([])
  })

  it('records nothing where a head is expected', async () => {
    const { store, bodies } = taking()
    await expect(store.recordEvents(texts, { expectedSeq: 0 })).rejects.toMatchObject({ refusesData: true })
    expect(bodies).toEqual([])
  })

  it('is recorded without conditions, and the conflict told', async () => {
    const { store, bodies } = taking()
    expect(await store.recordEvents(texts)).toMatchObject({ recorded: MAX_REQUEST_EVENTS, conflicts: ['e0'] })
    expect(counts(bodies)).toEqual([MAX_REQUEST_EVENTS])
  })
})

describe('an event that the service refuses in a later part of a list', () => {
  it('is told by its place in the list, and what was recorded before is not denied', async () => {
    let requests = 0
    const fetch = async () => {
      requests += 1
      if (requests === 1) return Response.json({ recorded: 5_000, duplicates: 0, conflicts: [], conversations: [] })
      const errors = [{ index: 1, path: 'data', message: 'Arrays and objects are nested too deep' }]
      return problem(422, 'invalid-events', { errors })()
    }
    const store = new HttpEventStore({ url: 'http://service.invalid', fetch, retry: { attempts: 1 } })
    const conflicting = eventText({ conversation: 'd', id: 'e0' })
    const texts = Array.from({ length: MAX_REQUEST_EVENTS + 3 }, (_, i) => eventText({ conversation: 'c', id: `e${i}` }))
    const failing = store.recordEvents([texts[0] as string, conflicting, ...texts.slice(1)])
    await expect(failing).rejects.toMatchObject({
      tag: 'invalid-event',
      partlyRecorded: true,
      // The conflicting event takes a place in the list and none in a request.
      issues: [{ index: MAX_REQUEST_EVENTS + 2, path: 'data' }],
      message: expect.stringMatching(/^A part of the events was recorded\. Event 5002: data: Arrays and objects are/),
    })
  })

  it('denies it where the first part was refused', async () => {
    const errors = [{ index: 0, path: '', message: 'is bad' }]
    const store = new HttpEventStore({
      url: 'http://service.invalid',
      fetch: async () => problem(422, 'invalid-events', { errors })(),
      retry: { attempts: 1 },
    })
    const texts = Array.from({ length: MAX_REQUEST_EVENTS + 1 }, () => eventText({ conversation: 'c' }))
    await expect(store.recordEvents(texts)).rejects.toMatchObject({
      partlyRecorded: false,
      message: 'No event was recorded. Event 0: it is bad.',
    })
  })
})

describe('cutting a list', () => {
  const events = fc.array(fc.record({ conversation: fc.nat(9), id: fc.nat(40), size: fc.integer({ min: 0, max: 200 }) }), {
    minLength: 1,
  })

  it('keeps every event but those whose id stands earlier in another conversation, in order and within the limits', () => {
    fc.assert(
      fc.property(events, (drawn) => {
        const list = drawn.map(({ conversation, id, size }) => prepared(`c${conversation}`, `e${id}`, 'x'.repeat(size)))
        const limits = { events: 5, bytes: 400, conversations: 3 }
        const fitsOne =
          list.length <= limits.events &&
          list.reduce((sum, { bytes }) => sum + bytes + 1, 2) <= limits.bytes &&
          new Set(list.map((event) => event.conversation_id)).size <= limits.conversations
        const { parts, conflicts } = splitEvents(list, limits)
        for (const part of parts) {
          const bytes = `[${part.map(({ text }) => text).join(',')}]`.length
          expect(part.length).toBeGreaterThan(0)
          expect(part.length).toBeLessThanOrEqual(limits.events)
          expect(bytes <= limits.bytes || part.length === 1).toBe(true)
          expect(new Set(part.map((event) => event.conversation_id)).size).toBeLessThanOrEqual(limits.conversations)
        }
        if (fitsOne || list.length === 1) expect(parts).toEqual([list])
        else {
          const first = new Map(list.toReversed().map(({ head, conversation_id }) => [head.event_id, conversation_id]))
          const isElsewhere = (event: (typeof list)[number]) => first.get(event.head.event_id) !== event.conversation_id
          expect(parts.flat()).toEqual(list.filter((event) => !isElsewhere(event)))
          expect(conflicts).toEqual([...new Set(list.filter(isElsewhere).map(({ head }) => head.event_id))])
        }
      }),
    )
  })
})
