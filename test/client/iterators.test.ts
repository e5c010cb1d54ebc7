import { describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'
import { eventText } from '../support/events.ts'

const EVENTS = 10
const PAGE = 4

/** A service with ten events, of which a page holds four. Its requests fail or hang from the given ones on. */
function serving({ failAt = Number.POSITIVE_INFINITY, hangAt = Number.POSITIVE_INFINITY } = {}) {
  const asked: URL[] = []
  const signals: AbortSignal[] = []
  const fetch = async (input: string | URL | Request, init: RequestInit = {}) => {
    const url = new URL(String(input))
    asked.push(url)
    signals.push(init.signal as AbortSignal)
    if (asked.length >= hangAt) return new Promise<Response>(() => {})
    if (asked.length >= failAt) return new Response('{}', { status: 400 })
    const after = Number(url.searchParams.get('after') ?? 0)
    const seqs = Array.from(
      { length: Math.min(PAGE, Number(url.searchParams.get('limit')), EVENTS - after) },
      (_, i) => after + i + 1,
    )
    const items = seqs.map(
      (seq) =>
        `{"seq":${seq},"cursor":"${seq}","recorded_at":"2026-01-01T00:00:00.000Z","event":${eventText({ conversation: 'c', id: `e${seq}`, data: '{"content": "\\"event\\":"}' })}}`,
    )
    const last = seqs.at(-1) ?? EVENTS
    return new Response(`{"items":[${items.join(',')}],"next_cursor":${last < EVENTS ? `"${last}"` : 'null'}}`)
  }
  return { asked, signals, store: new HttpEventStore({ url: 'http://service.invalid', fetch, retry: { attempts: 1 } }) }
}

const queries = (asked: readonly URL[]) => asked.map(({ searchParams }) => Object.fromEntries(searchParams))

it('reads one event with its place', async () => {
  const item = `{"seq":7,"cursor":"70","recorded_at":"2026-01-01T00:00:00.000Z","event":${eventText({ conversation: 'c', id: 'e' })}}`
  const asked: string[] = []
  const fetch = async (input: string | URL | Request) => {
    asked.push(new URL(String(input)).pathname)
    return new Response(item)
  }
  const store = new HttpEventStore({ url: 'http://service.invalid', fetch })
  const place = { seq: 7, cursor: '70', recorded_at: '2026-01-01T00:00:00.000Z' }
  expect(await store.readEvent('a/e')).toMatchObject({ ...place, event: { event_id: 'e' } })
  expect(await store.readEvent('..')).toBeNull()
  expect(asked).toEqual(['/v1/events/a%2Fe'])
})

describe('events read one after the other', () => {
  it('come with their places, over all pages', async () => {
    const { store, asked } = serving()
    const items = []
    for await (const item of store.readConversation('c')) items.push(item)
    expect(items.map(({ seq, cursor, event }) => [seq, cursor, event.event_id])).toEqual(
      Array.from({ length: EVENTS }, (_, i) => [i + 1, String(i + 1), `e${i + 1}`]),
    )
    expect(items[0]).toMatchObject({
      recorded_at: '2026-01-01T00:00:00.000Z',
      event: { data: { input_data: [{ content: '"event":' }] } },
    })
    expect(queries(asked)).toEqual([{ limit: '1000' }, { limit: '1000', after: '4' }, { limit: '1000', after: '8' }])
  })

  it('fetch one page ahead and no more', async () => {
    const { store, asked } = serving()
    const items = store.readEvents()
    await items.next()
    expect(asked).toHaveLength(1)
    await items.next()
    await items.next()
    expect(asked).toHaveLength(2)
    await items.return()
    expect(asked).toHaveLength(2)
  })

  it('are no more than asked for, and no page is fetched beyond them', async () => {
    const { store, asked } = serving()
    const seqs: number[] = []
    for await (const { seq } of store.readEvents({ limit: 6 })) seqs.push(seq)
    for await (const { seq } of store.readConversation('c', { limit: 6 })) seqs.push(seq)
    for await (const { seq } of store.readAssistantRequest('r', { limit: 6 })) seqs.push(seq)
    expect(seqs).toEqual(Array(3).fill([1, 2, 3, 4, 5, 6]).flat())
    expect(queries(asked)).toEqual(
      Array(3)
        .fill([{ limit: '6' }, { limit: '2', after: '4' }])
        .flat(),
    )
  })

  it('fetch nothing more once the reader stops, and give up what is under way', async () => {
    const { store, asked, signals } = serving({ hangAt: 2 })
    for await (const { seq } of store.readEvents()) if (seq === 2) break
    expect(asked).toHaveLength(2)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
  })

  it('end with the reason of a signal that aborts', async () => {
    const { store } = serving()
    const controller = new AbortController()
    const seen: number[] = []
    const reading = (async () => {
      for await (const { seq } of store.readEvents({ signal: controller.signal })) {
        seen.push(seq)
        if (seq === 3) controller.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
    expect(seen).toEqual([1, 2, 3])
  })

  it('tell of a page that fails where it would begin', async () => {
    const { store } = serving({ failAt: 2 })
    const seen: number[] = []
    const reading = (async () => {
      for await (const { seq } of store.readEvents()) seen.push(seq)
    })()
    await expect(reading).rejects.toMatchObject({ tag: 'event-persistence', operation: 'readEvents' })
    expect(seen).toEqual([1, 2, 3, 4])
  })

  it('leave out what the codec cannot decode', async () => {
    const { store } = serving()
    const { value } = await store.readEvents({ after: '9' }).next()
    expect(value?.event.event_id).toBe('e10')
  })
})

describe('what is asked of the service', () => {
  const first = async (items: AsyncGenerator<unknown>) => {
    await items.next()
    await items.return(undefined)
  }

  it('is which events of the feed, in the names of the HTTP API', async () => {
    const { store, asked } = serving()
    const since = '2026-01-01T00:00:00Z'
    await first(store.readEvents({ after: '2', order: 'desc', eventType: 'NodeInvoke', eventName: 'n', since, until: since }))
    expect(asked[0]?.pathname).toBe('/v1/events')
    expect(queries(asked)[0]).toEqual({
      limit: '1000',
      after: '2',
      order: 'desc',
      event_type: 'NodeInvoke',
      event_name: 'n',
      since,
      until: since,
    })
  })

  it('is which part of a conversation', async () => {
    const { store, asked } = serving()
    await first(store.readConversation('a/b', { after: 0, untilSeq: 9, eventType: 'NodeInvoke' }))
    expect(asked[0]?.pathname).toBe('/v1/conversations/a%2Fb/events')
    expect(queries(asked)[0]).toEqual({ limit: '1000', after: '0', until_seq: '9', event_type: 'NodeInvoke' })
  })

  it('is an assistant request, in one conversation only if that is said', async () => {
    const { store, asked } = serving()
    await first(store.readAssistantRequest('r'))
    await first(store.readAssistantRequest('r', { conversationId: 'c', after: '3' }))
    expect(asked.map(({ pathname }) => pathname)).toEqual(Array(2).fill('/v1/assistant-requests/r/events'))
    expect(queries(asked)).toEqual([{ limit: '1000' }, { limit: '1000', after: '3', conversation_id: 'c' }])
  })
})

describe('a topic', () => {
  it('is asked for at any number of offsets, in the order of recording, and not at offsets that there cannot be', async () => {
    const { store, asked } = serving()
    const offsets = [-1, 0.5, 2 ** 31, ...Array.from({ length: 1_500 }, (_, i) => i % 1_200)]
    const events = await store.getTopicEvents('t', offsets)
    const lists = [...new Set(asked.map(({ searchParams }) => searchParams.get('offsets')))]
    expect(lists.map((list) => list?.split(',').length)).toEqual([1_000, 200])
    expect(events).toHaveLength(2 * EVENTS)
    expect(events.map((event) => event.event_id)).toEqual(
      Array.from({ length: EVENTS }, (_, i) => [`e${i + 1}`, `e${i + 1}`]).flat(),
    )
    asked.length = 0
    expect(await store.getTopicEvents('t', [-1])).toEqual([])
    expect(asked).toEqual([])
  })
})
