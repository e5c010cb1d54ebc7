import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_LIVE_READERS } from '../../src/model/limits.ts'
import { Api } from '../support/api.ts'
import { eventOfSize, eventText } from '../support/events.ts'
import { LiveClient } from '../support/live.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

let service: TestService
let api: Api

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

describe('200 live readers of one conversation', () => {
  const READERS = 200
  /** More than the buffers on the way to a client mostly take. */
  const HISTORY_BYTES = 32 * 1024 * 1024
  const EVENT_BYTES = 64 * 1024
  it('get everything while another one takes nothing, which gets the rest later', { timeout: 180_000 }, async () => {
    const past = range(1, HISTORY_BYTES / EVENT_BYTES).map((n) => `past-${n}`)
    for (let at = 0; at < past.length; at += 50) {
      const batch = past.slice(at, at + 50).map((id) => eventOfSize(EVENT_BYTES, { conversation: 'crowd', id }))
      expect((await api.post(`[${batch.join(',')}]`)).status).toBe(201)
    }
    const path = '/v1/conversations/crowd/live'

    const stalled = new LiveClient(`${service.url}${path}`)
    stalled.stall()
    await stalled.opened

    const readers = range(1, READERS).map(() => new LiveClient(`${service.url}${path}?after=${past.length}`))
    await Promise.all(readers.map(({ opened }) => opened))
    expect(new Set(readers.map(({ status }) => status))).toEqual(new Set([200]))
    await waitFor('all are up to date', 60, async () => readers.every((reader) => reader.parser.messages.length > 0))

    const now = range(1, 300).map((n) => `now-${n}`)
    for (let at = 0; at < now.length; at += 3) {
      const batch = now.slice(at, at + 3).map((id) => eventText({ conversation: 'crowd', id }))
      expect((await api.post(`[${batch.join(',')}]`)).status).toBe(201)
    }
    await waitFor('all events', 60, async () =>
      readers.every(({ parser: { messages } }) => messages.some(({ id }) => id === String(past.length + now.length))),
    )
    for (const reader of readers) {
      expect(reader.ended).toBeNull()
      expect(reader.parser.ids).toEqual(now)
      reader.close()
    }

    // The service lets go of it after 20 seconds, unless the system's buffers on the way have taken everything, which is up to them.
    await new Promise((resolve) => setTimeout(resolve, 30_000))
    stalled.goOn()
    const total = past.length + now.length
    const got = ({ parser: { messages } }: LiveClient) => messages.filter(({ event }) => event === 'event').length
    await waitFor(
      'the stalled reader is cut or has everything',
      60,
      async () => stalled.ended === 'broken' || got(stalled) === total,
    )
    const taken = stalled.parser.ids
    expect(taken.length).toBeGreaterThan(0)
    const again = new LiveClient(`${service.url}${path}`, { 'Last-Event-ID': String(taken.length) })
    await waitFor('the rest', 60, async () => got(again) === total - taken.length)
    expect([...taken, ...again.parser.ids]).toEqual([...past, ...now])
    stalled.close()
    again.close()
  })
})

describe('live readers whose clients leave', () => {
  it('make room for others', { timeout: 180_000 }, async () => {
    const AT_ONCE = 50
    const url = `${service.url}/v1/conversations/left/live`
    for (let left = 0; left < MAX_LIVE_READERS; left += AT_ONCE) {
      const clients = range(1, AT_ONCE).map(() => new LiveClient(url))
      await Promise.all(clients.map(({ opened }) => opened))
      expect(new Set(clients.map(({ status }) => status))).toEqual(new Set([200]))
      for (const client of clients) client.close()
    }
    await waitFor('there is room', 30, async () => {
      const clients = range(1, AT_ONCE).map(() => new LiveClient(url))
      await Promise.all(clients.map(({ opened }) => opened))
      for (const client of clients) client.close()
      return clients.every(({ status }) => status === 200)
    })
  })
})
