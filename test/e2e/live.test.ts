import { existsSync } from 'node:fs'
import { EventSource } from 'eventsource'
import { afterAll, describe, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { DevService } from '../support/dev-service.ts'
import { eventText } from '../support/events.ts'
import { CuttingProxy } from '../support/live.ts'
import { waitFor } from '../support/wait-for.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** Processes are found by their group, which is read from where Linux tells it. */
describe.runIf(existsSync('/proc/self/stat'))('a live reader of a service that is killed, over a connection that breaks', () => {
  const EVENTS = 1_000
  const CUTS = 20
  const service = new DevService()
  let proxy: CuttingProxy

  afterAll(async () => {
    proxy?.close()
    await service.stop()
  })

  it('gets every event once and in order', { timeout: 300_000 }, async () => {
    let port = await service.start()
    proxy = new CuttingProxy(port)
    const url = await proxy.listen()
    const got: string[] = []
    const seqs: number[] = []
    let upToDate = 0
    const source = new EventSource(`${url}/v1/conversations/broken/live`)
    source.addEventListener('event', ({ data, lastEventId }) => {
      const item = JSON.parse(data) as { seq: number; event: { event_id: string } }
      got.push(item.event.event_id)
      seqs.push(item.seq)
      expect(lastEventId).toBe(String(item.seq))
    })
    source.addEventListener('up-to-date', () => {
      upToDate += 1
    })
    const ids = range(1, EVENTS).map((n) => `live-${n}`)
    let cuts = 0
    for (let at = 0; at < EVENTS; at += 10) {
      const batch = ids.slice(at, at + 10).map((id) => eventText({ conversation: 'broken', id }))
      const api = new Api(`http://127.0.0.1:${port}`)
      expect((await api.post(`[${batch.join(',')}]`)).status).toBe(201)
      // Connected again, so that each cut finds a connection to cut.
      if (at % 50 === 0) {
        await waitFor('the reader is connected', 30, async () => source.readyState === source.OPEN)
        if (proxy.cut() > 0) cuts += 1
      }
      if (at === 500) {
        await service.kill()
        port = await service.start()
        proxy.target = port
      }
    }
    await waitFor('all events', 60, async () => got.length >= EVENTS)
    expect(cuts).toBeGreaterThanOrEqual(CUTS)
    expect(seqs).toEqual(range(1, EVENTS))
    expect(got).toEqual(ids)
    expect(upToDate).toBeGreaterThan(0)
    source.close()
  })
})
