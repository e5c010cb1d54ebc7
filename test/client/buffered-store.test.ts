import { describe, expect, it } from 'vitest'
import { EventPersistenceError, HttpEventStore, InvalidEventError } from '../../src/client/index.ts'
import { eventText } from '../support/events.ts'

const NEVER = 1e6

/** A service where everything is new, that holds its answers to recordings until it is told to give them. */
function open({ maxDelayMs = NEVER, knowsLists = true } = {}) {
  const requests: string[] = []
  const held: (() => void)[] = []
  const state = { holds: false }
  let head = 0
  const fetch = async (input: string | URL | Request, { method = 'GET', body }: RequestInit = {}) => {
    const { pathname, search } = new URL(String(input))
    requests.push(`${method} ${pathname}${search}`)
    if (method === 'DELETE') return Response.json({ cleared_conversations: 0 })
    if (method === 'GET') return new Response('{"items":[],"next_cursor":null}')
    if (search.includes('list') && !knowsLists) return new Response('{}', { status: 400 })
    if (state.holds) await new Promise<void>((go) => held.push(go))
    const events = (JSON.parse(String(body)) as { event_id: string }[]).map(({ event_id }) => {
      head += 1
      return { event_id, outcome: 'recorded', seq: head }
    })
    const conversations = [{ conversation_id: 'c', first_seq: head - events.length + 1, last_seq: head }]
    const listed = search.includes('list') ? { events } : {}
    return Response.json({ recorded: events.length, duplicates: 0, conflicts: [], conversations, ...listed })
  }
  const store = new HttpEventStore({ url: 'http://service.invalid', fetch, buffer: { maxDelayMs }, retry: { attempts: 1 } })
  const record = () => store.recordEvent(eventText({ conversation: 'c' }))
  const release = () => {
    state.holds = false
    for (const go of held.splice(0)) go()
  }
  return { store, requests, record, state, release }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a store with a buffer', () => {
  it('refuses a bad event at once, beside good ones', async () => {
    const { store, record, requests } = open()
    const good = record()
    await expect(store.recordEvent('{}')).rejects.toBeInstanceOf(InvalidEventError)
    expect(requests).toEqual([])
    await expect(store.flush()).rejects.toBeInstanceOf(InvalidEventError)
    expect(await good).toMatchObject({ recorded: 1 })
    await store.flush()
  })

  it('tells of what nobody waited for when it is flushed, once, and lets no rejection go unhandled', async () => {
    const unhandled: unknown[] = []
    const note = (thrown: unknown) => unhandled.push(thrown)
    process.on('unhandledRejection', note)
    try {
      const failing = new HttpEventStore({
        url: 'http://service.invalid',
        fetch: async () => new Response('{}', { status: 503 }),
        buffer: { maxDelayMs: 1 },
        retry: { attempts: 1 },
      })
      void failing.recordEvent(eventText({ conversation: 'c' }))
      await new Promise((resolve) => setTimeout(resolve, 50))
      void failing.recordEvent(eventText({ conversation: 'c' }))
      await expect(failing.flush()).rejects.toMatchObject({ tag: 'event-persistence', transient: true })
      await turn()
      await failing.close()
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })

  it.each<[string, (store: HttpEventStore) => Promise<unknown>, string]>([
    ['all events', (store) => store.getEvents(), 'GET /v1/events?'],
    ['its conversation', (store) => store.getConversationEvents('c'), 'GET /v1/conversations/c/events?'],
    ['one event after the other', (store) => store.readConversation('c').next(), 'GET /v1/conversations/c/events?'],
    ['a request', (store) => store.getAgentEvents('request'), 'GET /v1/assistant-requests/request/events?'],
    ['nothing, for it clears', (store) => store.clearEvents(), 'DELETE /v1/events?'],
  ])('sends what it holds before it reads %s', async (_, read, path) => {
    const { store, record, requests, state, release } = open()
    state.holds = true
    const recorded = record()
    const reading = read(store)
    await turn()
    expect(requests).toHaveLength(1)
    release()
    await Promise.all([recorded, reading])
    expect(requests[0]).toMatch(/^POST/)
    expect(requests.at(-1)?.startsWith(path)).toBe(true)
  })

  it('reads another conversation without waiting', async () => {
    const { store, record, state, release } = open()
    state.holds = true
    const recorded = record()
    expect(await store.getConversationEvents('another')).toEqual([])
    release()
    await store.flush()
    await recorded
  })

  it('sends what has conditions in a request of its own', async () => {
    const { store, record, requests } = open()
    const all = [record(), record(), store.recordEvent(eventText({ conversation: 'd' }), { expectedSeq: 0 })]
    await store.flush()
    await Promise.all(all)
    expect(requests).toEqual(['POST /v1/events?list=events', 'POST /v1/events?expected_seq=0'])
  })

  it('records call by call where the service knows nothing of lists of events', async () => {
    const { store, record, requests } = open({ knowsLists: false })
    const all = [record(), record()]
    await store.flush()
    expect(await Promise.all(all)).toMatchObject([{ recorded: 1 }, { recorded: 1 }])
    expect(requests).toEqual(['POST /v1/events?list=events', 'POST /v1/events', 'POST /v1/events'])
  })

  it('loses nothing when it is closed, and takes nothing more', async () => {
    const { store, record } = open()
    const all = [record(), record(), record()]
    await store.close()
    expect(await Promise.all(all)).toHaveLength(3)
    for (const call of [record(), store.getEvents(), store.clearEvents(), store.readEvents().next()]) {
      await expect(call).rejects.toBeInstanceOf(EventPersistenceError)
      await expect(call).rejects.toMatchObject({ transient: false, message: expect.stringContaining('closed') })
    }
  })

  it('is closed at the end of the block that it is used in', async () => {
    const { store, record } = open()
    const all: Promise<unknown>[] = []
    {
      await using _ = store
      all.push(record(), record())
    }
    expect(await Promise.all(all)).toHaveLength(2)
    await expect(record()).rejects.toThrow('closed')
  })
})
