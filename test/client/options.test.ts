import { describe, expect, it } from 'vitest'
import { Exchange } from '../../src/client/exchange.ts'
import { HttpEventStore, type HttpEventStoreOptions } from '../../src/client/index.ts'
import { REAL_TIMING } from '../../src/model/timers.ts'
import { FakeTiming, ScriptedFetch, status } from './scripted-fetch.ts'

const url = 'http://service.invalid'

describe('an option', () => {
  it('that is there without a value is as if it were absent', async () => {
    const { fetch, calls } = new ScriptedFetch('cut')
    const retry = { attempts: undefined, firstDelayMs: undefined, longestDelayMs: undefined, budgetMs: undefined }
    const exchange = new Exchange({ url, fetch, timeoutMs: undefined, retry }, new FakeTiming())
    await expect(exchange.send({ operation: 'read', method: 'GET', path: '/', retry: 'safe' })).rejects.toThrow()
    expect(calls).toHaveLength(8)
  })

  it.each<Partial<HttpEventStoreOptions>>([
    { timeoutMs: Number.NaN },
    { timeoutMs: 0 },
    { retry: { attempts: 0 } },
    { retry: { attempts: Number.NaN } },
    { retry: { budgetMs: -1 } },
    { retry: { firstDelayMs: '5' as unknown as number } },
    { buffer: { maxInFlight: Number.NaN } },
    { buffer: { maxInFlight: 0 } },
    { buffer: { maxDelayMs: -1 } },
    { buffer: { maxEvents: 0 } },
    { buffer: { maxBufferedBytes: Number.NaN } },
  ])('that is no number in its range is refused: %j', (options) => {
    expect(() => new HttpEventStore({ url, ...options })).toThrow(TypeError)
  })

  it.each([undefined, '', ' http://x.invalid', 'http://x.invalid ', '//evil.invalid', '/\\evil.invalid', 7])(
    'that is no address of the service is refused as such: %j',
    (given) => {
      expect(() => new HttpEventStore({ url: given as string })).toThrow(/^url must be an http or https address/)
    },
  )

  it('of time without end waits, and not for a millisecond', async () => {
    const { fetch } = new ScriptedFetch(() => Response.json({ items: [], next_cursor: null }))
    const slow: typeof fetch = async (input, init) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return fetch(input, init)
    }
    for (const timeoutMs of [Number.POSITIVE_INFINITY, 3e9]) {
      const exchange = new Exchange({ url, fetch: slow, timeoutMs, retry: { attempts: 1 } })
      expect(await exchange.send({ operation: 'read', method: 'GET', path: '/', retry: 'safe' })).toMatchObject({ status: 200 })
    }
    const controller = new AbortController()
    const waiting = REAL_TIMING.wait(3e9, controller.signal)
    setTimeout(() => controller.abort(new Error('it still waits')), 30)
    await expect(waiting).rejects.toThrow('it still waits')
  })

  it('is the fetch that is called as a function, not as a method', async () => {
    let self: unknown = 'not called'
    const exchange = new Exchange({
      url,
      fetch: async function (this: unknown) {
        self = this
        return status(200)()
      },
    })
    await exchange.send({ operation: 'read', method: 'GET', path: '/', retry: 'safe' })
    expect(self).toBeUndefined()
  })
})
