import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NeonDbError } from '@neondatabase/serverless'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_RETRY } from '../../../src/store/postgres/connection.ts'
import type { ConnectionOptions } from '../../../src/store/postgres/connection-options.ts'
import { AnswerTooLargeError, toPersistenceError } from '../../../src/store/postgres/errors.ts'
import { PostgresEventStore } from '../../../src/store/postgres/event-store.ts'
import { createPostgresHistory } from '../../../src/store/postgres/history.ts'
import { FakeTiming } from '../../client/scripted-fetch.ts'
import { eventText } from '../../support/events.ts'

const SECRET = 'pa55word'
const DATABASE_URL = `postgresql://user:${SECRET}@db.invalid/events`

/** A history whose repeats wait for nothing. */
function openHistory(fetchEndpoint: string, more: Partial<ConnectionOptions> = {}) {
  const timing = new FakeTiming()
  return { timing, history: createPostgresHistory({ databaseUrl: DATABASE_URL, fetchEndpoint, ...more }, undefined, timing) }
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** An SQL endpoint that gives these answers in turn, the last one for ever. */
async function endpoint(...answers: { status: number; body: string }[]) {
  let requests = 0
  const server = createServer((_, response) => {
    const answer = answers[Math.min(requests, answers.length - 1)]
    requests += 1
    if (answer === undefined) return
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = () => {
    server.closeAllConnections()
    return new Promise((done) => server.close(done))
  }
  closing.push(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`, requests: () => requests, close }
}

const EMPTY = { status: 200, body: '{"fields":[],"rows":[],"command":"SELECT","rowCount":0,"rowAsArray":true}' }
const DOWN = { status: 500, body: `{"message":"cannot reach ${DATABASE_URL}"}` }

function databaseError(fields: Partial<NeonDbError>): NeonDbError {
  return Object.assign(new NeonDbError(`invalid input: "${SECRET}"`), fields)
}

describe('a database that is away', () => {
  it('is a transient error that names the operation and no secret', async () => {
    const gone = await endpoint(EMPTY)
    await gone.close()
    closing.pop()
    const { history } = openHistory(gone.url)
    const calls = {
      append: () => history.append([{ tenant: 't', conversation_id: 'c', segments: [], heads: '', events: '' }]),
      feed: () => history.feed('t', { order: 'asc', limit: 1 }),
      conversationEvents: () => history.conversationEvents('t', 'c', { limit: 1 }),
      clear: () => history.clear('t', 0),
      ready: () => history.ready(),
      maintain: () => history.maintain(0),
    }
    for (const [operation, call] of Object.entries(calls)) {
      const error = await call().then(
        () => expect.fail(`${operation} succeeded`),
        (thrown: unknown) => thrown,
      )
      expect(error).toMatchObject({ tag: 'event-persistence', operation, transient: true, refusesData: false })
      expect(String(error)).not.toContain(SECRET)
    }
  })

  it('is asked again after a while, and the call succeeds when it is back', async () => {
    const server = await endpoint(DOWN, DOWN, EMPTY)
    const { history, timing } = openHistory(server.url, { retry: { firstDelayMs: 70 } })
    await history.maintain(0)
    expect(timing.waits).toEqual([70, 140])
    expect(server.requests()).toBe(3)
  })

  it('is asked once by a readiness probe', async () => {
    const server = await endpoint(DOWN, EMPTY)
    const { history } = openHistory(server.url)
    await expect(history.ready()).rejects.toMatchObject({ operation: 'ready', transient: true })
    expect(server.requests()).toBe(1)
    await history.ready()
  })

  it('is not waited for longer than the time given', async () => {
    const silent = await endpoint()
    const { history } = openHistory(silent.url, { timeoutMs: 300 })
    await expect(history.event('t', 'e')).rejects.toMatchObject({ operation: 'event', transient: true })
    expect(silent.requests()).toBe(DEFAULT_RETRY.attempts)
  })

  it('is not waited for once the signal of the caller aborts, nor asked again', async () => {
    const silent = await endpoint()
    const store = new PostgresEventStore({ databaseUrl: DATABASE_URL, fetchEndpoint: silent.url, tenant: 't' })
    const text = eventText({ conversation: 'c', id: 'e' })
    for (const call of [store.recordEvent.bind(store, text), store.clearEvents.bind(store), store.getEvent.bind(store, 'e')]) {
      const before = silent.requests()
      const ending = new AbortController()
      const called = call({ signal: ending.signal })
      await vi.waitUntil(() => silent.requests() > before)
      const reason = new Error('enough')
      ending.abort(reason)
      await expect(called).rejects.toBe(reason)
      expect(silent.requests()).toBe(before + 1)
    }
  })

  it('is not asked again where the signal of the caller aborts between two tries', async () => {
    const server = await endpoint(DOWN)
    const store = new PostgresEventStore({
      databaseUrl: DATABASE_URL,
      fetchEndpoint: server.url,
      tenant: 't',
      retry: { firstDelayMs: 60_000, longestDelayMs: 60_000, budgetMs: 600_000 },
    })
    const called = store.getEvent('e', { signal: AbortSignal.timeout(300) })
    await expect(called).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(server.requests()).toBe(1)
  })

  it('is told apart from another one in the same process', async () => {
    const [one, two] = [await endpoint(EMPTY), await endpoint(EMPTY)]
    const at = (fetchEndpoint: string) => createPostgresHistory({ databaseUrl: DATABASE_URL, fetchEndpoint })
    const [first, second] = [at(one.url), at(two.url)]
    await first.ready()
    await second.ready()
    await first.ready()
    expect([one.requests(), two.requests()]).toEqual([2, 1])
  })
})

describe('a lasting error', () => {
  it('is thrown at once for what cannot be the URL of a database, without quoting it', () => {
    for (const databaseUrl of ['', SECRET, `http://${SECRET}@host/db`, `postgresql:${SECRET}`]) {
      expect(() => createPostgresHistory({ databaseUrl })).toThrow(TypeError)
      expect(() => createPostgresHistory({ databaseUrl })).not.toThrow(SECRET)
    }
  })

  it('is thrown at once for an option that is no number in its range', () => {
    expect(() => openHistory('http://db.invalid', { retry: { attempts: 0 } })).toThrow(TypeError)
  })

  it('is not tried again', async () => {
    const refusing = await endpoint({ status: 400, body: `{"message":"no ${SECRET}","code":"23502"}` })
    const history = createPostgresHistory({ databaseUrl: DATABASE_URL, fetchEndpoint: refusing.url })
    await expect(history.maintain(0)).rejects.toMatchObject({ code: '23502', refusesData: true })
    expect(refusing.requests()).toBe(1)
  })
})

describe('the error of a statement', () => {
  it.each([
    ['22P02', false, true],
    ['23514', false, true],
    ['54000', false, true],
    ['P0001', false, true],
    ['08006', true, false],
    ['40001', true, false],
    ['40P01', true, false],
    ['53300', true, false],
    ['55P03', true, false],
    ['57014', true, false],
    ['57P03', true, false],
    ['25006', true, false],
    ['42P01', false, false],
    ['28P01', false, false],
  ])('%s is classified, and tells neither data nor connection', (code, transient, refusesData) => {
    const error = toPersistenceError('append', databaseError({ code, detail: SECRET }))
    expect(error).toMatchObject({ operation: 'append', code, transient, refusesData })
    expect(error.message).toContain(code)
    expect(`${error.message}${String(error.cause)}`).not.toContain(SECRET)
  })

  it.each([
    [413, false, true],
    [507, false, false],
    [500, true, false],
    [503, true, false],
    [429, true, false],
    [401, false, false],
  ])('from HTTP status %i is classified', (status, transient, refusesData) => {
    const error = toPersistenceError('append', new NeonDbError(`Server error (HTTP status ${status}): ${SECRET}`))
    expect(error).toMatchObject({ transient, refusesData, code: undefined })
    expect(error.message).not.toContain(SECRET)
    expect(error instanceof AnswerTooLargeError).toBe(status === 507)
  })

  it('about credentials is lasting, and about a connection that broke is transient', () => {
    const credentials = toPersistenceError('feed', new NeonDbError("password authentication failed for user 'x'"))
    expect(credentials).toMatchObject({ transient: false })
    expect(toPersistenceError('feed', new NeonDbError('Connection terminated'))).toMatchObject({ transient: true })
  })
})
