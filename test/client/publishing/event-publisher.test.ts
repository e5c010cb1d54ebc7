import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EventPublisher } from '../../../src/client/publishing/event-publisher.ts'
import { headerOfKey } from '../../../src/client/publishing/idempotency-key.ts'
import { FakeService } from './fake-service.ts'

const paid = { event_type: 'order.paid', event_name: 'OrderPaid', data: { amount: 12 } }

describe('publishing an event', () => {
  it('posts the event, completed, to the service', async () => {
    const service = new FakeService()
    await service.publisher({ url: 'https://events.example/', apiKey: 'secret' }).publishEvent(paid)
    expect(service.requests).toMatchObject([{ url: 'https://events.example/v1/publish', authorization: 'Bearer secret' }])
    expect(service.events).toEqual([
      {
        ...paid,
        metadata: { application_name: 'orders', created_timestamp: expect.any(Number), topic_name: 'order.paid' },
      },
    ])
    expect(service.logged).toEqual([])
  })

  it('is the same event in every repeat, and another in every call', async () => {
    const service = new FakeService()
    service.answers.push(503, new Error('reset'))
    const publisher = service.publisher()
    await publisher.publishEvent(paid)
    await publisher.publishEvent(paid)
    const [first, second, third, fourth] = service.requests.map(({ key }) => key)
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect([second, third]).toEqual([first, first])
    expect(fourth).not.toBe(first)
  })

  it('takes the key of a caller that knows which publishes are one', async () => {
    const service = new FakeService()
    await service.publisher().publishEvent(paid, { idempotencyKey: 'order-1-paid' })
    expect(service.requests[0]?.key).toBe('order-1-paid')
  })

  it.each([
    ['order 1/ä', 'order%201/%C3%A4'],
    ['100%', '100%25'],
    ['a\nb', 'a%0Ab'],
    ['€', '%E2%82%AC'],
    [5 as never, '5'],
  ])('sends the key %j in characters that every header can carry', async (idempotencyKey, sent) => {
    const service = new FakeService()
    await service.publisher().publishEvent(paid, { idempotencyKey })
    expect(service.requests[0]?.key).toBe(sent)
    expect(service.logged).toEqual([])
  })

  it('never makes one key of two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }), (one, other) => {
        expect(headerOfKey(one)).toMatch(/^[!-~]+$/)
        expect(decodeURIComponent(headerOfKey(one))).toBe(one)
        expect(headerOfKey(one) === headerOfKey(other)).toBe(one === other)
      }),
    )
  })

  it.each([null, undefined, ''])('makes a key where the caller gives none: %j', async (none) => {
    const service = new FakeService()
    await service.publisher().publishEvent(paid, { idempotencyKey: none as never })
    expect(service.requests[0]?.key).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('refuses a key that is no text, and says so', async () => {
    const service = new FakeService()
    await service.publisher().publishEvent(paid, { idempotencyKey: '\ud800' })
    expect(service.requests).toEqual([])
    expect(service.logged).toEqual([
      {
        level: 'error',
        message: 'events could not be published',
        reason: 'the idempotency key has half of a surrogate pair: give it well-formed text',
      },
    ])
  })

  it('leaves the event as it is, so that one event can be published again', async () => {
    const service = new FakeService()
    const event = Object.freeze({ ...paid, metadata: Object.freeze({ custom_field: 'kept' }) })
    await service.publisher().publishEvent(event)
    expect(event.metadata).toEqual({ custom_field: 'kept' })
    expect(service.events[0]?.metadata).toMatchObject({ custom_field: 'kept', topic_name: 'order.paid' })
  })

  it('keeps every digit of big integers', async () => {
    const service = new FakeService()
    await service.publisher().publishEvent({ event_type: 'order.paid', data: { id: 1756377611078069123n } })
    expect(service.requests[0]?.body).toContain('"id":1756377611078069123')
  })

  it('is skipped in silence where no store is configured', async () => {
    const service = new FakeService()
    await service.publisher({ url: undefined }).publishEvent(paid)
    await service.publisher({ url: '' }).publishEvents([paid])
    expect(service.requests).toEqual([])
    expect(service.logged.map(({ level }) => level)).toEqual(['debug', 'debug'])
  })

  it('says nothing on the console about that', async () => {
    const spies = (['debug', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level).mockReturnValue())
    await new EventPublisher().publishEvent(paid)
    const calls = spies.flatMap((spy) => spy.mock.calls)
    for (const spy of spies) spy.mockRestore()
    expect(calls).toEqual([])
  })

  it('complains once of an address that cannot be used', async () => {
    const service = new FakeService()
    const publisher = service.publisher({ url: 'localhost:8787' })
    await publisher.withContext(() => null).publishEvent(paid)
    expect(service.logged.filter(({ level }) => level === 'error')).toEqual([
      { level: 'error', message: 'nothing will be published', reason: 'url must be an http or https address of the service' },
    ])
  })

  it('gives up after three tries, and logs that', async () => {
    const service = new FakeService()
    service.answers.push(503, 503, 503, 503)
    await service.publisher().publishEvent(paid)
    expect(service.requests).toHaveLength(3)
    expect(service.logged).toMatchObject([{ level: 'error', message: 'events could not be published' }])
  })

  it('gives up after three tries where the option has no value, too', async () => {
    const service = new FakeService()
    service.answers.push(...Array<number>(8).fill(503))
    const retry = { attempts: undefined, firstDelayMs: 1, longestDelayMs: 1, budgetMs: undefined }
    await service.publisher({ retry }).publishEvent(paid)
    expect(service.requests).toHaveLength(3)
  })

  it('does not repeat what the service refuses', async () => {
    const service = new FakeService()
    service.answers.push(401)
    await service.publisher().publishEvent(paid)
    expect(service.requests).toHaveLength(1)
    expect(service.logged).toHaveLength(1)
  })

  it('ends when its signal aborts', async () => {
    const service = new FakeService()
    const fetch = () => new Promise<Response>(() => {})
    await service.publisher({ fetch }).publishEvent(paid, { signal: AbortSignal.abort('shutdown') })
    expect(service.logged).toMatchObject([{ level: 'error', reason: 'shutdown' }])
  })
})

describe('an event that the service knows with other content', () => {
  const conflicting = (...conflicts: unknown[]) => Response.json({ published: 0, event_ids: [], conflicts }, { status: 202 })

  it('is warned of by the id that it brought', async () => {
    const service = new FakeService()
    service.answers.push(conflicting('x', 'y'))
    await service.publisher().publishEvents(['x', 'y', 'z'].map((event_id) => ({ ...paid, event_id })))
    expect(service.logged).toEqual([{ level: 'warn', message: 'not stored: other events have these ids', reason: 'x, y' }])
  })

  it.each([
    ['one event', 'p/1', 1],
    ['one of several', 'p/1:1', 2],
  ])("is what a caller's key is for: %s", async (_, id, count) => {
    const service = new FakeService()
    service.answers.push(conflicting(id))
    await service.publisher().publishEvents(Array(count).fill(paid), { idempotencyKey: 'p/1' })
    expect(service.logged).toEqual([{ level: 'debug', message: 'published before under this key', reason: id }])
  })

  it('tells ids from keys in one answer', async () => {
    const service = new FakeService()
    service.answers.push(conflicting('k:0', 'k2'))
    await service.publisher().publishEvents([paid, { ...paid, event_id: 'k2' }], { idempotencyKey: 'k' })
    expect(service.logged.map(({ level, reason }) => [level, reason])).toEqual([
      ['warn', 'k2'],
      ['debug', 'k:0'],
    ])
  })

  it.each(['', 'OK', 'null', '[]', '{"conflicts":5}', '{"conflicts":[5,null]}'])(
    'is not heard of in an answer that tells nothing: %s',
    async (text) => {
      const service = new FakeService()
      service.answers.push(new Response(text, { status: 202 }))
      await service.publisher().publishEvent(paid)
      expect(service.logged).toEqual([])
    },
  )
})

describe('the token of a publish', () => {
  it('leaves no timer behind, which would keep a process alive', async () => {
    vi.useFakeTimers()
    try {
      await new FakeService().publisher({ apiKey: async () => 'token' }).publishEvent(paid)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is asked for once a publish', async () => {
    const service = new FakeService()
    let asked = 0
    const publisher = service.publisher({ apiKey: async () => `token-${++asked}` })
    await publisher.publishEvent(paid)
    await publisher.publishEvent(paid)
    expect(service.requests.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it.each([
    ['rejects', async () => Promise.reject(new Error('no identity'))],
    [
      'throws',
      () => {
        throw new Error('no identity')
      },
    ],
    ['gives nothing', () => ''],
    ['never answers', () => new Promise<string>(() => {})],
  ])('is done without when its function %s', async (_, apiKey) => {
    const service = new FakeService()
    await service.publisher({ apiKey, timeoutMs: 20 }).publishEvent(paid)
    expect(service.requests.map(({ authorization }) => authorization)).toEqual([null])
    expect(service.logged).toMatchObject([{ level: 'warn', message: 'publishing without authentication: no token' }])
  })
})

describe('publishing several events', () => {
  it('is one request', async () => {
    const service = new FakeService()
    await service.publisher().publishEvents([paid, { ...paid, event_type: 'order.sent' }])
    expect(service.requests).toHaveLength(1)
    expect(service.events.map(({ event_type }) => event_type)).toEqual(['order.paid', 'order.sent'])
  })

  it('goes again without those that only the service finds fault with', async () => {
    const service = new FakeService()
    const refusalOf = (index: number) =>
      Response.json(
        {
          type: 'urn:edge-event-store:problem:invalid-events',
          title: 'Invalid events',
          status: 422,
          detail: 'One event.',
          errors: [{ index, path: 'data', message: 'is nested too deeply' }],
        },
        { status: 422 },
      )
    service.answers.push(refusalOf(1), refusalOf(0))
    await service.publisher().publishEvents(['a', 'b', 'c'].map((event_type) => ({ event_type })))
    const sent = service.requests.map(({ body }) =>
      [JSON.parse(body)]
        .flat()
        .map(({ event_type }) => event_type)
        .join(),
    )
    expect(sent).toEqual(['a,b,c', 'a,c', 'c'])
    expect(service.logged.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('Event 1: data is nested too deeply'),
      expect.stringContaining('Event 0: data is nested too deeply'),
    ])
  })

  it('leaves out what the service would refuse with all the rest', async () => {
    const service = new FakeService()
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    await service.publisher().publishEvents([{ event_type: '' }, paid, { event_type: 'a', data: cycle }, { event_type: 'b' }])
    expect(service.events.map(({ event_type }) => event_type)).toEqual(['order.paid', 'b'])
    expect(service.logged.map(({ reason }) => reason)).toEqual([
      'event_type is empty: send a non-empty string',
      'is no JSON value: publish plain objects',
    ])
  })

  it('is several requests, in order, when they are too many for one', async () => {
    const service = new FakeService()
    const events = Array.from({ length: 2_500 }, (_, i) => ({ event_type: 'tick', data: { i } }))
    await service.publisher().publishEvents(events, { idempotencyKey: 'ticks' })
    expect(service.requests.map(({ key }) => key)).toEqual(['ticks', 'ticks/1', 'ticks/2'])
    expect(service.events.map(({ data }) => data?.i)).toEqual(events.map((_, i) => i))
  })

  it('is several requests when they are too large for one', async () => {
    const service = new FakeService()
    const events = Array.from({ length: 6 }, () => ({ event_type: 'blob', data: { blob: 'x'.repeat(3_500_000) } }))
    await service.publisher().publishEvents(events)
    expect(service.requests.map(({ body }) => body.length < 16 * 1024 * 1024)).toEqual([true, true])
    expect(service.events).toHaveLength(6)
  })

  it('is no request when there are none', async () => {
    const service = new FakeService()
    await service.publisher().publishEvents([])
    expect(service.requests).toEqual([])
  })
})

describe('a publisher from the environment', () => {
  it('publishes where the environment says', async () => {
    const service = new FakeService()
    const environment = { EVENT_STORE_URL: 'https://events.example', EVENT_STORE_API_KEY: 'secret', APPLICATION_NAME: 'orders' }
    await EventPublisher.fromEnvironment(environment, { fetch: service.fetch }).publishEvent(paid)
    expect(service.requests).toMatchObject([{ url: 'https://events.example/v1/publish', authorization: 'Bearer secret' }])
    expect(service.events[0]?.metadata.application_name).toBe('orders')
  })

  it('is what holds where an option is there without a value', async () => {
    const service = new FakeService()
    const options = { url: undefined, apiKey: undefined, applicationName: undefined, fetch: service.fetch }
    const environment = { EVENT_STORE_URL: 'https://events.example', EVENT_STORE_API_KEY: 'secret', APPLICATION_NAME: 'orders' }
    await EventPublisher.fromEnvironment(environment, options).publishEvent(paid)
    expect(service.requests).toMatchObject([{ url: 'https://events.example/v1/publish', authorization: 'Bearer secret' }])
    expect(service.events[0]?.metadata.application_name).toBe('orders')
  })

  it('is silent where the environment says nothing', async () => {
    const service = new FakeService()
    await EventPublisher.fromEnvironment({}, { fetch: service.fetch }).publishEvent(paid)
    expect(service.requests).toEqual([])
  })
})
