import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventCodec, type EventPersistenceError } from '../../../src/client/index.ts'
import { MAX_EVENT_BYTES } from '../../../src/model/limits.ts'
import { decodeSession } from '../../../src/protocol/session.ts'
import { eventOfSize, eventText } from '../../support/events.ts'
import { item, items, liveStore, stream, take, upToDate } from './streams.ts'

const recorded = () =>
  Response.json({
    recorded: 1,
    duplicates: 0,
    conflicts: [],
    conversations: [{ conversation_id: 'c', first_seq: 1, last_seq: 1 }],
    events: [{ event_id: 'x', outcome: 'recorded', seq: 1 }],
  })

describe('a live read', () => {
  it('gives each event with its place, as it comes', async () => {
    const { store } = liveStore([stream(items(1, 2) + upToDate('2'), 'stay')])
    const live = store.live('c')
    expect((await live.next()).value).toMatchObject({
      seq: 1,
      cursor: '1',
      recorded_at: '2026-01-01T00:00:00.001Z',
      event: { event_id: 'e1' },
    })
    expect((await live.next()).value).toMatchObject({ seq: 2 })
    await live.return()
  })

  it('of a conversation asks for what follows a seq, which may be a number or a cursor', async () => {
    const { store, calls } = liveStore([stream(items(8), 'stay')])
    for (const after of [7, '7', undefined, 0]) await take(store.live('a/b', { after }), 1)
    expect(calls.map(({ url }) => url)).toEqual(
      ['?after=7', '?after=7', '', '?after=0'].map((query) => `http://service.invalid/v1/conversations/a%2Fb/live${query}`),
    )
    expect(calls[0]?.headers.get('Accept')).toBe('text/event-stream')
    expect(calls[0]?.headers.get('Last-Event-ID')).toBeNull()
  })

  it('of the feed asks for the events wanted, in the names of the HTTP API', async () => {
    const { store, calls } = liveStore([stream(items(8), 'stay')])
    await take(store.liveEvents({ after: '7', eventType: 'NodeInvoke', eventName: 'n', topicName: 't' }), 1)
    await take(store.liveEvents(), 1)
    expect(calls.map(({ url }) => url.slice('http://service.invalid'.length))).toEqual([
      '/v1/events/live?event_type=NodeInvoke&event_name=n&topic_name=t&after=7',
      '/v1/events/live',
    ])
  })

  it('names what this client wrote, so that it is there', async () => {
    const { store, calls } = liveStore([recorded, stream(items(1), 'stay')])
    await store.recordEvent(eventText({ conversation: 'c' }))
    await take(store.live('c'), 1)
    await take(store.liveEvents(), 1)
    const written = calls.slice(1).map(({ headers }) => decodeSession(headers.get('Event-Store-Session') ?? '')?.written)
    expect(written).toEqual(Array(2).fill(new Map([['c', 1]])))
  })

  it('waits for nothing that is buffered', async () => {
    const { store, calls } = liveStore([stream(items(1), 'stay')], { buffer: { maxDelayMs: 1e6 } })
    const controller = new AbortController()
    const waiting = store.recordEvent(eventText({ conversation: 'c' }), { signal: controller.signal }).catch(() => 'waited')
    expect(await take(store.live('c'), 1)).toEqual([1])
    expect(await take(store.liveEvents(), 1)).toEqual([1])
    expect(calls.map(({ init }) => init.method)).toEqual(['GET', 'GET'])
    controller.abort()
    expect(await waiting).toBe('waited')
  })

  it('says when all that there is has been taken, and with which cursor to go on', async () => {
    const told: [number, string][] = []
    let taken = 0
    const { store } = liveStore([stream(upToDate('0') + items(1, 2) + upToDate('2') + items(3), 'stay')])
    for await (const { seq } of store.live('c', { onUpToDate: (cursor) => told.push([taken, cursor]) })) {
      taken = seq
      if (seq === 3) break
    }
    expect(told).toEqual([
      [0, '0'],
      [2, '2'],
    ])
  })

  it('keeps every digit, over lines and pieces cut anywhere, with a byte order mark or without', async () => {
    const event = eventText({ conversation: 'c', id: 'e1', data: '{\n"number": 1756377611078069123,\n"text": "é😀\\u2028"\n}' })
    const text = item(1, { event })
    const { length } = new TextEncoder().encode(text)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: length }), { minLength: 1 }), fc.boolean(), async (sizes, withMark) => {
        const { store } = liveStore([stream(`${withMark ? '\ufeff' : ''}${text}`, 'stay', { sizes })])
        const { value } = await store.live('c').next()
        expect(value?.event).toMatchObject({
          event_id: 'e1',
          data: { input_data: [{ number: 1756377611078069123n, text: 'é😀\u2028' }] },
        })
      }),
      { numRuns: 50, examples: [[[1], true]] },
    )
  })

  it('takes an event of the largest size that there is', async () => {
    const event = eventOfSize(MAX_EVENT_BYTES, { conversation: 'c', id: 'e1' })
    const { store } = liveStore([stream(item(1, { event }), 'stay', { sizes: [16_384] })])
    const { value } = await store.live('c').next()
    expect(value?.event.event_id).toBe('e1')
  })

  it('passes over comments and messages of kinds that it does not know', async () => {
    const { store } = liveStore([stream(`: heartbeat\n\nevent: news\ndata: {}\n\ndata: x\n\n${items(1)}`, 'stay')])
    expect(await take(store.live('c'), 1)).toEqual([1])
  })

  it('leaves out what the codec cannot decode, and logs it', async () => {
    const logged: string[] = []
    const codec = new EventCodec({ log: (line) => logged.push(line) })
    const unknown = item(1, { event: '{"event_id":"e1","event_type":"Unheard","event_context":{}}' })
    const { store } = liveStore([stream(unknown + items(2), 'stay')], { codec })
    expect(await take(store.live('c'), 1)).toEqual([2])
    expect(logged).toHaveLength(1)
  })

  it('of an id that no event can have ends without a request', async () => {
    const { store, calls } = liveStore(['cut'])
    for (const id of ['', '..', 'a\nb']) expect(await take(store.live(id), 1)).toEqual([])
    expect(calls).toEqual([])
  })
})

describe('something else at the address of a live read', () => {
  it.each<[string, () => Response]>([
    ['a page', () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } })],
    ['nothing', () => new Response(null, { status: 204 })],
    ['a stream of other events', stream('event: event\ndata: {"hello":1}\n\n', 'stay')],
    ['an event at no place', stream(items(1).replace('"cursor":"1"', '"cursor":"x"'), 'stay')],
    ['a stream that knows no cursors', stream('event: up-to-date\ndata: {}\n\n', 'stay')],
    ['a line without end', stream(`data: ${'x'.repeat(MAX_EVENT_BYTES + 100_000)}`, 'stay', { sizes: [65_536] })],
    [
      'lines without end',
      stream(`data: ${'x'.repeat(999)}\n`.repeat(MAX_EVENT_BYTES / 1_000 + 100), 'stay', { sizes: [65_536] }),
    ],
  ])('is told as such, once: %s', async (_, step) => {
    const { store, calls } = liveStore([step])
    const failing = take(store.live('c', { onUpToDate: () => {} }), 1)
    await expect(failing).rejects.toMatchObject({ tag: 'event-persistence', operation: 'live', transient: false })
    await expect(failing).rejects.toThrow(/what answered is not the service/)
    expect(calls).toHaveLength(1)
  })
})

describe('a closed store', () => {
  it('refuses live reads', async () => {
    const { store, calls } = liveStore([stream('', 'stay')])
    await store.close()
    for (const live of [store.live('c'), store.liveEvents()]) {
      const failure = (await live.next().catch((thrown: unknown) => thrown)) as EventPersistenceError
      expect(failure).toMatchObject({ tag: 'event-persistence', transient: false })
      expect(failure.message).toContain('the store is closed')
    }
    expect(calls).toEqual([])
  })
})
