import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'
import { DevService } from '../support/dev-service.ts'
import { eventText } from '../support/events.ts'

/** Processes are found by their group, which is read from where Linux tells it. */
describe.runIf(existsSync('/proc/self/stat'))('a live read of a service that is killed', () => {
  const service = new DevService()
  let port: number

  beforeAll(async () => {
    port = await service.start()
  }, 120_000)
  afterAll(() => service.stop())

  it('goes on by itself when the service is back, and loses and repeats nothing', { timeout: 180_000 }, async () => {
    const store = new HttpEventStore({ url: `http://127.0.0.1:${port}` })
    const record = (from: number) =>
      store.recordEvents([0, 1, 2, 3, 4].map((i) => eventText({ conversation: 'killed', id: `e${from + i}` })))
    const seqs: number[] = []
    let failures = 0
    await record(1)
    for await (const { seq, event } of store.live('killed', { onRetry: () => (failures += 1) })) {
      expect(event.event_id).toBe(`e${seq}`)
      seqs.push(seq)
      if (seq === 5 || seq === 10) {
        await service.kill()
        await service.start({}, port)
        await record(seq + 1)
      }
      if (seq === 15) break
    }
    expect(seqs).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
    expect(failures).toBeGreaterThan(1)
  })
})
