import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../../src/client/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { LiveServer } from './live-server.ts'
import { take } from './streams.ts'

let server: LiveServer
let store: HttpEventStore

beforeEach(async () => {
  server = new LiveServer()
  store = new HttpEventStore({ url: await server.start(), retry: { firstDelayMs: 5, longestDelayMs: 20 } })
})
afterEach(() => server.stop())

describe('over real connections, a live read', () => {
  it('gives what there is, and then what comes', async () => {
    server.record(3)
    const seqs: number[] = []
    for await (const { seq } of store.live('c', { onUpToDate: () => server.record() })) {
      seqs.push(seq)
      if (seq === 4) break
    }
    expect(seqs).toEqual([1, 2, 3, 4])
  })

  it('loses and repeats nothing when the connection ends or breaks', async () => {
    const seqs: number[] = []
    server.record()
    for await (const { seq } of store.live('c')) {
      seqs.push(seq)
      if (seq === 30) break
      if (seq % 7 === 0) server.end()
      else if (seq % 5 === 0) server.cut()
      server.record()
    }
    expect(seqs).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(server.asked.length).toBeGreaterThan(5)
  })

  it('goes on when the service comes back', async () => {
    const { port } = server
    server.record(2)
    const failures: unknown[] = []
    const live = store.live('c', { onRetry: (failure) => failures.push(failure) })
    expect((await live.next()).value).toMatchObject({ seq: 1 })
    expect((await live.next()).value).toMatchObject({ seq: 2 })
    const next = live.next()
    await server.stop()
    await waitFor('failed tries', 20, async () => failures.length > 2)
    server = new LiveServer()
    server.record(3)
    await server.start(port)
    expect((await next).value).toMatchObject({ seq: 3 })
    expect(server.asked[0]?.lastEventId).toBe('2')
    await live.return()
  })

  it.each<[string, (live: ReturnType<HttpEventStore['live']>, controller: AbortController) => unknown]>([
    ['break', (live) => take(live, 1)],
    ['a return while it waits', (live) => live.return()],
    ['a signal', (_, controller) => controller.abort()],
    ['the end of the store', () => store.close()],
  ])('holds no connection after %s', async (_, end) => {
    const controller = new AbortController()
    const live = store.live('c', { signal: controller.signal })
    server.record()
    await live.next()
    server.record()
    expect(server.readers).toBe(1)
    await end(live, controller)
    await waitFor('the end of the connection', 20, async () => server.readers === 0)
    expect(server.asked).toHaveLength(1)
  })
})
