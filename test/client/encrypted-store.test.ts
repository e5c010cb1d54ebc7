import { describe, expect, it, vi } from 'vitest'
import {
  EventCodec,
  type EventEncryptionOptions,
  EventPersistenceError,
  eventClass,
  eventEncryption,
  HttpEventStore,
  InvalidEventError,
} from '../../src/client/index.ts'
import type { AgentEvent } from '../../src/model/agent-events.ts'
import { conversationMessages } from '../../src/model/conversation-messages.ts'
import { MAX_EVENT_BYTES } from '../../src/model/limits.ts'
import { InMemoryEventStore } from '../../src/store/index.ts'
import { OwnEvent } from '../contract/event-store-contract.ts'
import { run } from '../model/sample-events.ts'
import { eventOfSize, eventText } from '../support/events.ts'

const byUser: EventEncryptionOptions['keyIdOf'] = ({ user_id }) => user_id || null

function open(keys: Record<string, Uint8Array>, options: { keyIdOf?: EventEncryptionOptions['keyIdOf'] } = {}) {
  const lines: string[] = []
  const codec = new EventCodec<OwnEvent>({ log: (line) => lines.push(line) })
  const encryption = eventEncryption({ keyIdOf: options.keyIdOf ?? (() => 'k'), keyOf: (id) => keys[id] })
  return { store: new InMemoryEventStore<OwnEvent>({ codec, encryption }), lines, codec, keys }
}

const key = () => ({ k: new Uint8Array(32).fill(1) })

const said = (id: string, content: string, user = '') =>
  eventText({ conversation: 'c', id, data: JSON.stringify({ role: 'user', content }) }).replace(
    '"user_id": ""',
    `"user_id": "${user}"`,
  )

/** A service that holds what it is sent, and gives it back as it has it. */
function service(change: (text: string) => string = (text) => text) {
  const sent: string[] = []
  const fetch = async (input: string | URL | Request, { method = 'GET', body }: RequestInit = {}) => {
    if (method === 'POST') {
      sent.push(...(JSON.parse(String(body)) as object[]).map((event) => JSON.stringify(event)))
      const events = sent.map((text, at) => ({ event_id: JSON.parse(text).event_id as string, outcome: 'recorded', seq: at + 1 }))
      return Response.json({ recorded: 1, duplicates: 0, conflicts: [], conversations: [], events })
    }
    const items = sent.map((text, at) => `{"seq":${at + 1},"cursor":"${at + 1}","recorded_at":"","event":${change(text)}}`)
    if (String(input).endsWith('/live'))
      return new Response(items.map((item, at) => `event: event\nid: ${at + 1}\ndata: ${item}\n\n`).join(''), {
        headers: { 'Content-Type': 'text/event-stream' },
      })
    if (/events\/[^?]/.test(String(input))) return new Response(items[0])
    return new Response(`{"items":[${items.join(',')}],"next_cursor":null}`)
  }
  return { sent, options: { url: 'http://service.invalid', fetch, retry: { attempts: 1 } } }
}

describe('a store with an encryption', () => {
  it('gives back every event of a run as it was, by every key, and its messages', async () => {
    const { store, lines } = open(key())
    const events = run({ turns: 2 })
    await store.recordEvents(events)
    expect(await store.getConversationEvents('conversation-1')).toEqual(events)
    expect(await store.getAgentEvents('request-1')).toEqual(events)
    expect(await store.getEvent(events[3]?.event_id as string)).toEqual(events[3])
    expect(await store.getTopicEvents('agent_input_topic', [0])).toHaveLength(1)
    expect(conversationMessages(await store.getEvents())).toEqual(conversationMessages(events))
    expect(lines).toEqual([])
  })

  it('knows what it recorded before, and tells other content under the same id', async () => {
    const { store } = open(key())
    expect(await store.recordEvent(said('e', 'hello'))).toMatchObject({ recorded: 1 })
    expect(await store.recordEvent(said('e', 'hello'))).toMatchObject({ recorded: 0, duplicates: 1, conflicts: [] })
    expect(await store.recordEvent(said('e', 'hullo'))).toMatchObject({ recorded: 0, duplicates: 0, conflicts: ['e'] })
  })

  it('gives the events of a person whose key is destroyed without what they said, and says so once', async () => {
    const { store, lines, keys } = open({ ann: new Uint8Array(32).fill(1), bob: new Uint8Array(32).fill(2) }, { keyIdOf: byUser })
    await store.recordEvents([
      said('a', 'Ann’s words', 'ann'),
      said('b', 'Bob’s words', 'bob'),
      said('c', 'Ann again', 'ann'),
      said('d', 'nobody'),
    ])
    delete keys.ann
    const events = (await store.getEvents()) as AgentEvent[]
    const contents = events.map(({ data }) => (data as { input_data: { content: string }[] }).input_data[0]?.content)
    expect(contents).toEqual([
      expect.stringMatching(/^enc:v1:ann:[\w-]+$/),
      'Bob’s words',
      expect.stringMatching(/^enc:v1:ann:/),
      'nobody',
    ])
    await store.getEvents()
    expect(lines).toEqual(['There is no key "ann": what it encrypted is left as it is'])
    await expect(store.recordEvent(said('f', 'more', 'ann'))).rejects.toThrow(
      'Event 0: it cannot be encrypted: there is no key "ann".',
    )
  })

  it('checks an own type before it is encrypted, and decodes it after', async () => {
    const { store, codec } = open(key())
    codec.register(eventClass('BudgetExceeded', OwnEvent))
    const own = eventText({ conversation: 'c', id: 'own' })
      .replace('ToolInvoke', 'BudgetExceeded')
      .replace('{', '{"amount": 7, "why": "too dear", ')
    await store.recordEvent(own)
    expect(await store.getEvent('own')).toMatchObject({ amount: 7, why: 'too dear' })
    await expect(store.recordEvent(own.replace('7', '"x"'))).rejects.toBeInstanceOf(InvalidEventError)
  })

  it('refuses an event that encrypted is too large, and records none of its list', async () => {
    const { store } = open(key())
    const large = eventOfSize(MAX_EVENT_BYTES, { conversation: 'c', id: 'large' })
    const refused = store.recordEvents([said('e', 'small'), large])
    await expect(refused).rejects.toBeInstanceOf(InvalidEventError)
    await expect(refused).rejects.toThrow(/Event 1: it cannot be recorded encrypted, where .* 4194304/)
    expect(await store.getEvents()).toEqual([])
  })

  it('keeps calls in their order, however long the encryption of each takes', async () => {
    const { store } = open(key())
    const many = Array.from({ length: 200 }, (_, at) => said(`m${at}`, 'x'.repeat(500)))
    const all = [store.recordEvents(many), store.recordEvent(said('one', 'x')), store.recordEvents(many.slice(0, 3))]
    const read = await store.getEvents()
    expect(read.map(({ event_id }) => event_id)).toEqual([...many.map((_, at) => `m${at}`), 'one'])
    expect((await Promise.all(all)).map(({ recorded }) => recorded)).toEqual([200, 1, 0])
  })

  it('keeps that order behind a call that failed before its turn', async () => {
    const { promise: late, resolve } = Promise.withResolvers<Uint8Array>()
    const keyOf = (id: string) => (id === 'late' ? late : id === 'none' ? null : new Uint8Array(32))
    const store = new InMemoryEventStore({ encryption: eventEncryption({ keyIdOf: ({ event_id }) => event_id, keyOf }) })
    const first = store.recordEvent(said('late', 'x'))
    const failing = store.recordEvent(said('none', 'x'))
    const last = store.recordEvent(said('soon', 'x'))
    await expect(failing).rejects.toBeInstanceOf(InvalidEventError)
    await new Promise((goOn) => setTimeout(goOn, 50))
    resolve(new Uint8Array(32))
    await Promise.all([first, last])
    expect((await store.getEvents()).map(({ event_id }) => event_id)).toEqual(['late', 'soon'])
  })

  it('goes on after a call that failed, and ends one whose signal aborts meanwhile', async () => {
    const { store } = open({ ann: new Uint8Array(32) }, { keyIdOf: byUser })
    const ending = new AbortController()
    const calls = [
      store.recordEvent(said('a', 'x', 'bob')),
      store.recordEvent(said('b', 'x', 'ann'), { signal: ending.signal }),
      store.recordEvent(said('c', 'x', 'ann')),
    ]
    ending.abort(new Error('enough'))
    const [first, second, third] = await Promise.allSettled(calls)
    expect(first).toMatchObject({ status: 'rejected', reason: { tag: 'invalid-event' } })
    expect(second).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    expect(third).toMatchObject({ status: 'fulfilled', value: { recorded: 1 } })
    expect(await store.getEvents()).toHaveLength(1)
  })
})

describe('a key that does not come', () => {
  it('holds up nobody else for longer than five seconds, and a flush until it comes', async () => {
    const { promise: late, resolve } = Promise.withResolvers<Uint8Array>()
    const encryption = eventEncryption({
      keyIdOf: ({ event_id }) => event_id,
      keyOf: (id) => (id === 'late' ? late : new Uint8Array(32)),
    })
    const { sent, options } = service()
    const store = new HttpEventStore({ ...options, encryption, buffer: { maxDelayMs: 0 } })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const [first, second] = [store.recordEvent(said('late', 'x')), store.recordEvent(said('soon', 'x'))]
      const flushed = vi.fn()
      const flushing = store.flush().then(flushed)
      await vi.advanceTimersByTimeAsync(4_900)
      expect(sent).toHaveLength(0)
      await vi.advanceTimersByTimeAsync(200)
      await vi.waitFor(() => expect(sent).toHaveLength(1))
      vi.useRealTimers()
      expect(await second).toMatchObject({ recorded: 1 })
      expect(flushed).not.toHaveBeenCalled()
      resolve(new Uint8Array(32))
      expect(await first).toMatchObject({ recorded: 1 })
      await flushing
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a key that never comes', () => {
  const keys = (lost: () => Promise<Uint8Array> = () => new Promise(() => {})) =>
    eventEncryption({
      keyIdOf: ({ event_id }) => event_id,
      keyOf: (id) => (id === 'lost' ? lost() : new Uint8Array(32)),
    })

  it.each([false, true])(
    'holds up no call whose signal aborts, and no flush after it (buffer: %s)',
    async (buffer) => {
      const { sent, options } = service()
      const store = new HttpEventStore({ ...options, encryption: keys(), buffer })
      const ending = new AbortController()
      const lost = store.recordEvent(said('lost', 'x'), { signal: ending.signal })
      const waiting = store.recordEvent(said('waiting', 'x'), { signal: ending.signal })
      const calls = Promise.allSettled([lost, waiting, store.getEvents({ signal: ending.signal })])
      ending.abort(new Error('enough'))
      for (const call of await calls) expect(call).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
      await store.flush()
      expect(await store.recordEvent(said('good', 'x'))).toMatchObject({ recorded: 1 })
      await store.close()
      expect(sent.map((text) => JSON.parse(text).event_id)).toEqual(['good'])
    },
    4_000,
  )

  it('holds up no call behind it whose signal aborts', async () => {
    const store = new InMemoryEventStore({ encryption: keys() })
    const ending = new AbortController()
    store.recordEvent(said('lost', 'x')).catch(() => undefined)
    const waiting = store.recordEvent(said('waiting', 'x'), { signal: ending.signal })
    setTimeout(() => ending.abort(new Error('enough')), 50)
    await expect(waiting).rejects.toThrow('enough')
  }, 3_000)

  it('ends the recording after half a minute, and with it flush and close', async () => {
    const { sent, options } = service()
    const store = new HttpEventStore({ ...options, encryption: keys(), buffer: true })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const lost = store.recordEvent(said('lost', 'x')).catch((thrown: unknown) => thrown)
      const flushing = store.flush().catch((thrown: unknown) => thrown)
      await vi.advanceTimersByTimeAsync(31_000)
      expect(await lost).toMatchObject({ tag: 'event-persistence', transient: true })
      expect(await flushing).toBe(await lost)
    } finally {
      vi.useRealTimers()
    }
    await store.close()
    expect(sent).toEqual([])
  }, 4_000)

  it('holds up no read whose signal aborts, in whichever way it reads', async () => {
    const { options } = service()
    const writer = new HttpEventStore({ ...options, encryption: keys(async () => new Uint8Array(32)) })
    await writer.recordEvent(said('lost', 'x'))
    const store = new HttpEventStore({ ...options, encryption: keys() })
    const ending = new AbortController()
    const { signal } = ending
    const first = async (items: AsyncIterable<unknown>) => {
      for await (const item of items) return item
      return null
    }
    const reads = Promise.allSettled([
      store.getEvents({ signal }),
      store.getEvent('lost', { signal }),
      store.readEvent('lost', { signal }),
      first(store.readEvents({ signal })),
    ])
    setTimeout(() => ending.abort(new Error('enough')), 20)
    for (const read of await reads) expect(read).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    const live = new AbortController()
    const following = first(store.live('c', { signal: live.signal }))
    setTimeout(() => live.abort(), 20)
    await Promise.allSettled([following])
  }, 4_000)
})

describe('a client with an encryption', () => {
  const encryption = () => eventEncryption({ keyIdOf: () => 'k', keyOf: () => new Uint8Array(32).fill(1) })
  const codecWith = (lines: string[]) => new EventCodec({ log: (line) => lines.push(line) })

  it('sends nothing that was said, and decrypts whatever way it reads', async () => {
    const { sent, options } = service()
    const store = new HttpEventStore({ ...options, encryption: encryption() })
    await store.recordEvent(said('e', 'what Ann said'))
    expect(sent.join()).not.toContain('Ann')
    const found: unknown[] = [await store.getEvent('e'), (await store.readEvent('e'))?.event, ...(await store.getEvents())]
    for await (const { event } of store.readConversation('c')) found.push(event)
    for await (const { event } of store.live('c')) {
      found.push(event)
      break
    }
    expect(found).toHaveLength(5)
    for (const event of found) expect(event).toMatchObject({ data: { input_data: [{ content: 'what Ann said' }] } })
  })

  it('skips an event whose texts were changed, says where, and reads the rest', async () => {
    const lines: string[] = []
    const { options } = service((text) => text.replace(/("event_id":"bad".*enc:v1:k:)./, '$1-'))
    const store = new HttpEventStore({ ...options, encryption: encryption(), codec: codecWith(lines) })
    await store.recordEvents([said('bad', 'one'), said('good', 'two')])
    expect((await store.getEvents()).map(({ event_id }) => event_id)).toEqual(['good'])
    const why = 'its encrypted text at "data.input_data[0].content" was changed or moved, or is of another key'
    expect(lines).toEqual([`Skipped event "bad" of type "ToolInvoke": ${why}`])
  })

  it('fails a read whose keys cannot be had, instead of leaving events out', async () => {
    const { options } = service()
    await new HttpEventStore({ ...options, encryption: encryption() }).recordEvent(said('e', 'hello'))
    const away = eventEncryption({ keyIdOf: () => 'k', keyOf: () => Promise.reject(new Error('away')) })
    const store = new HttpEventStore({ ...options, encryption: away })
    await expect(store.getEvents()).rejects.toBeInstanceOf(EventPersistenceError)
    await expect(store.recordEvent(said('f', 'x'))).rejects.toMatchObject({ transient: true })
  })

  it('with a buffer holds no more than that allows, though the keys are away', async () => {
    const { promise: key, resolve } = Promise.withResolvers<Uint8Array>()
    const slow = eventEncryption({ keyIdOf: ({ event_id }) => event_id, keyOf: (id) => (id === 'lost' ? null : key) })
    const { options } = service()
    const store = new HttpEventStore({ ...options, encryption: slow, buffer: { maxBufferedBytes: 200_000 } })
    const large = 'x'.repeat(50_000)
    const ending = new AbortController()
    const calls = [
      store.recordEvent(said('aborted', large), { signal: ending.signal }),
      store.recordEvent(said('lost', large)),
      store.recordEvent(said('held', large)),
    ]
    const refused = store.recordEvent(said('refused', large))
    await expect(refused).rejects.toMatchObject({ transient: true, message: expect.stringContaining('the buffer is full') })
    ending.abort(new Error('enough'))
    await expect(calls[0]).rejects.toThrow('enough')
    await expect(calls[1]).rejects.toBeInstanceOf(InvalidEventError)
    const later = store.recordEvent(said('later', large))
    resolve(new Uint8Array(32))
    expect(await calls[2]).toMatchObject({ recorded: 1 })
    expect(await later).toMatchObject({ recorded: 1 })
  })

  it('with a buffer sends what was recorded before it is flushed or closed, and tells of what failed', async () => {
    const { sent, options } = service()
    const store = new HttpEventStore({ ...options, encryption: encryption(), buffer: { maxDelayMs: 1e6 } })
    const first = store.recordEvent(said('e', 'hello'))
    await store.flush()
    expect(await first).toMatchObject({ recorded: 1 })
    const second = store.recordEvent(said('f', 'hello'))
    await store.close()
    expect(await second).toMatchObject({ recorded: 1 })
    expect(sent).toHaveLength(2)
    await expect(store.recordEvent(said('g', 'late'))).rejects.toThrow('the store is closed')
    const keyless = eventEncryption({ keyIdOf: () => 'k', keyOf: () => null })
    const failing = new HttpEventStore({ ...options, encryption: keyless, buffer: true })
    void failing.recordEvent(said('h', 'x'))
    await expect(failing.flush()).rejects.toBeInstanceOf(InvalidEventError)
    await failing.flush()
  })
})
