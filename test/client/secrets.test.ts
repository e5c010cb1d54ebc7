import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { EventPersistenceError, HttpEventStore, type HttpEventStoreOptions } from '../../src/client/index.ts'
import { FakeTiming, ScriptedFetch, type Step, status } from './scripted-fetch.ts'

const SECRET = 'secret-key-of-more-than-32-characters'

function storeWith(apiKey: HttpEventStoreOptions['apiKey'], ...steps: Step[]) {
  const { fetch, calls } = new ScriptedFetch(...steps)
  const store = new HttpEventStore({ url: 'http://service.invalid', apiKey, fetch, buffer: true }, new FakeTiming())
  return { store, calls }
}

const page = () => new Response('{"items":[],"next_cursor":null}')
const keys = (calls: ScriptedFetch['calls']) => calls.map(({ headers }) => headers.get('Authorization'))

/** All that a log line could hold of it. */
const shown = (value: unknown) =>
  [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), String(value), String((value as Error).stack)].join(
    '\n',
  )

async function failureOf(store: HttpEventStore): Promise<EventPersistenceError> {
  return (await store.getEvents().catch((thrown: unknown) => thrown)) as EventPersistenceError
}

describe('the API key', () => {
  it('is sent as a bearer token', async () => {
    const { store, calls } = storeWith(SECRET, page)
    await store.getEvents()
    expect(keys(calls)).toEqual([`Bearer ${SECRET}`])
  })

  it('comes from a function anew for every request', async () => {
    let given = 0
    const { store, calls } = storeWith(async () => `token-${++given}`, page)
    await store.getEvents()
    await store.getEvents()
    expect(keys(calls)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('is asked for once more when the service refuses it, then the refusal is told', async () => {
    let given = 0
    const { store, calls } = storeWith(() => `token-${++given}`, status(401), page)
    await store.getEvents()
    expect(keys(calls)).toEqual(['Bearer token-1', 'Bearer token-2'])
    const refused = storeWith(() => SECRET, status(401))
    expect(await failureOf(refused.store)).toMatchObject({ transient: false })
    expect(refused.calls).toHaveLength(2)
  })

  it('of a string that the service refuses is not sent again', async () => {
    const { store, calls } = storeWith(SECRET, status(401))
    await failureOf(store)
    expect(calls).toHaveLength(1)
  })

  it('that cannot be had fails the call with the reason', async () => {
    const cause = new Error('the token service is away')
    const { store, calls } = storeWith(() => Promise.reject(cause), page)
    const failure = await failureOf(store)
    expect(failure).toBeInstanceOf(EventPersistenceError)
    expect(failure.cause).toBe(cause)
    expect(calls).toEqual([])
  })

  it('is in no error, not even when it can stand in no header', async () => {
    for (const [key, step] of [
      [SECRET, status(401)],
      [SECRET, status(500)],
      [SECRET, 'cut'],
      [`${SECRET}\n`, page],
      [`${SECRET}ü`, page],
    ] as const) {
      const failure = await failureOf(storeWith(key, step).store)
      expect(failure).toBeInstanceOf(EventPersistenceError)
      expect(shown(failure)).not.toContain(SECRET)
    }
  })

  it('does not show in the store', async () => {
    const { store } = storeWith(SECRET, page)
    await store.getEvents()
    expect(shown(store)).not.toContain(SECRET)
  })
})
