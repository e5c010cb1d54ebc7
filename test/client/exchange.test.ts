import { describe, expect, it } from 'vitest'
import { Exchange, type ExchangeOptions, type ExchangeRequest } from '../../src/client/exchange.ts'
import { EventPersistenceError } from '../../src/client/index.ts'
import { FakeTiming, ScriptedFetch, type Step, status } from './scripted-fetch.ts'

const GET: ExchangeRequest = { operation: 'read', method: 'GET', path: '/v1/things', retry: 'safe' }
const CLEAR: ExchangeRequest = { operation: 'clear', method: 'DELETE', path: '/v1/things', retry: 'refused-only' }

function scripted(steps: readonly Step[], options: Partial<ExchangeOptions> = {}) {
  const { fetch, calls } = new ScriptedFetch(...steps)
  const timing = new FakeTiming()
  const exchange = new Exchange({ url: 'http://service.invalid/', fetch, ...options }, timing)
  const fail = (request: ExchangeRequest) =>
    exchange.send(request).then(
      () => {
        throw new Error('it did not fail')
      },
      (thrown: unknown) => thrown as EventPersistenceError,
    )
  return { exchange, calls, timing, fail }
}

describe('a request', () => {
  it('goes to its path below the address, with its body and headers', async () => {
    const { exchange, calls } = scripted([status(200)])
    await exchange.send({ ...GET, method: 'POST', body: '[]', headers: { 'X-One': '1' } })
    expect(calls[0]).toMatchObject({ url: 'http://service.invalid/v1/things', init: { method: 'POST', body: '[]' } })
    expect(Object.fromEntries(calls[0]?.headers ?? [])).toEqual({ 'content-type': 'application/json', 'x-one': '1' })
  })

  it('keeps the content type that it names', async () => {
    const { exchange, calls } = scripted([status(200)])
    await exchange.send({ ...GET, method: 'POST', body: '', headers: { 'Content-Type': 'application/x-ndjson' } })
    expect(calls[0]?.headers.get('Content-Type')).toBe('application/x-ndjson')
  })

  it('takes an expected status for an answer', async () => {
    const { exchange } = scripted([status(404)])
    expect(await exchange.send({ ...GET, expected: [404] })).toMatchObject({ status: 404, text: '{}' })
  })

  it('does not follow a redirect, which would lose what it sends', async () => {
    const { calls, fail } = scripted([status(301)])
    expect(await fail(GET)).toMatchObject({ transient: false })
    expect(calls[0]?.init.redirect).toBe('manual')
    expect(calls).toHaveLength(1)
  })
})

describe('a failure', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 507, 522])('of status %i is repeated until it passes', async (code) => {
    const { exchange, calls } = scripted([status(code), status(code), status(200)])
    expect(await exchange.send(GET)).toMatchObject({ status: 200 })
    expect(calls).toHaveLength(3)
  })

  it.each([400, 403, 404, 405, 409, 413, 415, 422, 501])('of status %i is told at once', async (code) => {
    const { calls, fail } = scripted([status(code)])
    expect(await fail(GET)).toMatchObject({ transient: false, repeatIsSafe: true, refusesData: code === 400 || code === 413 })
    expect(calls).toHaveLength(1)
  })

  it('of the network is repeated until it passes', async () => {
    const { exchange, calls } = scripted(['cut', 'cut', status(200)])
    await exchange.send(GET)
    expect(calls).toHaveLength(3)
  })

  it('is told once the tries are used up, delays growing to their bound', async () => {
    const { calls, timing, fail } = scripted(['cut'], { retry: { attempts: 6, firstDelayMs: 100, longestDelayMs: 500 } })
    expect(await fail(GET)).toMatchObject({ operation: 'read', transient: true, repeatIsSafe: true })
    expect(calls).toHaveLength(6)
    expect(timing.waits).toEqual([100, 200, 400, 500, 500])
  })

  it('is told once the budget is used up', async () => {
    const { timing, fail } = scripted([status(503)], { retry: { attempts: 100, budgetMs: 1_000 } })
    await fail(GET)
    expect(timing.waits).toEqual([100, 200, 400])
  })

  it('of a service that does not answer in time is repeated, then told', async () => {
    const { calls, fail } = scripted(['silence'], { timeoutMs: 5, retry: { attempts: 3 } })
    const failure = await fail(GET)
    expect(failure).toBeInstanceOf(EventPersistenceError)
    expect(failure.message).toContain('within 5 ms')
    expect(failure).toMatchObject({ transient: true, repeatIsSafe: true })
    expect(calls).toHaveLength(3)
    expect(calls[0]?.init.signal?.aborted).toBe(true)
  })
})

describe('Retry-After', () => {
  it.each([
    ['seconds', '7', 7_000],
    ['a date', () => new Date(Date.now() + 9_400).toUTCString(), 8_000],
  ])('in %s is waited for at least', async (_, header, least) => {
    const value = typeof header === 'string' ? header : header()
    const { exchange, timing } = scripted([status(429, { 'Retry-After': value }), status(200)])
    await exchange.send(GET)
    expect(timing.waits).toHaveLength(1)
    expect(timing.waits[0]).toBeGreaterThanOrEqual(least)
    expect(timing.waits[0]).toBeLessThan(10_000)
  })

  it('beyond the budget is told at once instead', async () => {
    const { calls, timing, fail } = scripted([status(503, { 'Retry-After': '3600' })])
    expect(await fail(GET)).toMatchObject({ retryAfterMs: 3_600_000, transient: true })
    expect(calls).toHaveLength(1)
    expect(timing.waits).toEqual([])
  })
})

describe('what must not be done twice', () => {
  it.each([429, 503])('is repeated after %i, which says that nothing was done', async (code) => {
    const { exchange, calls } = scripted([status(code), status(200)])
    await exchange.send(CLEAR)
    expect(calls).toHaveLength(2)
  })

  it.each<[string, Step]>([
    ['a lost answer', 'cut'],
    ['silence', 'silence'],
    ['500', status(500)],
    ['504', status(504)],
  ])('is not repeated after %s, and the error says that a repeat is not safe', async (_, step) => {
    const { calls, fail } = scripted([step], { timeoutMs: 5 })
    expect(await fail(CLEAR)).toMatchObject({ transient: true, repeatIsSafe: false })
    expect(calls).toHaveLength(1)
  })

  it('may be repeated after a refusal', async () => {
    const { fail } = scripted([status(403)])
    expect(await fail(CLEAR)).toMatchObject({ repeatIsSafe: true })
  })
})

describe('a signal that aborts', () => {
  const reason = new Error('enough')

  it('before the request lets nothing out', async () => {
    const { calls, fail } = scripted([status(200)])
    expect(await fail({ ...GET, signal: AbortSignal.abort(reason) })).toBe(reason)
    expect(calls).toEqual([])
  })

  it('during a try ends it, and the request with it', async () => {
    const controller = new AbortController()
    const { calls, fail } = scripted(['silence'])
    const failing = fail({ ...GET, signal: controller.signal })
    controller.abort(reason)
    expect(await failing).toBe(reason)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.init.signal?.aborted).toBe(true)
  })

  it('between two tries ends the wait', async () => {
    const controller = new AbortController()
    const { fetch, calls } = new ScriptedFetch('cut')
    const exchange = new Exchange({
      url: 'http://x.invalid',
      fetch,
      retry: { firstDelayMs: 1e9, longestDelayMs: 1e9, budgetMs: 1e12 },
    })
    const failing = exchange.send({ ...GET, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 20)
    await expect(failing).rejects.toBe(reason)
    expect(calls).toHaveLength(1)
  })
})

describe('an address', () => {
  it.each(['ftp://x.invalid', 'nothing', 'http://user:secret@x.invalid', 'http://x.invalid/?a=1', 'http://x.invalid/#a'])(
    'that cannot be used is refused: %s',
    (url) => {
      const make = () => new Exchange({ url })
      expect(make).toThrow(TypeError)
      expect(make).not.toThrow(/secret/)
    },
  )

  it('may be a path on the page’s own host', async () => {
    const { fetch, calls } = new ScriptedFetch(status(200))
    await new Exchange({ url: '/events/', fetch }).send(GET)
    expect(calls[0]?.url).toBe('/events/v1/things')
  })
})
