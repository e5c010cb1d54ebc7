import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'
import { eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
})
afterAll(() => service?.stop())

const idsOf = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)

/** Records one event in each of as many conversations, all at once. */
async function recordAtOnce(store: HttpEventStore, ids: readonly string[]): Promise<void> {
  const results = await Promise.all(ids.map((id) => store.recordEvent(eventText({ conversation: `of-${id}`, id }))))
  // One that took long was sent again, and is a duplicate then.
  expect(results.every(({ recorded, duplicates }) => recorded + duplicates === 1)).toBe(true)
}

describe('an HttpEventStore whose calls run at once', () => {
  it.each([
    ['10', 10],
    ['200, which are more than a session header holds', 200],
  ])('reads by id what it just recorded in conversations: %s', async (_, count) => {
    const store = new HttpEventStore({ url: service.url })
    const ids = idsOf(`at-once-${count}`, count)
    await recordAtOnce(store, ids)
    const events = await Promise.all(ids.map((id) => store.getEvent(id)))
    expect(events.map((event) => event?.event_id)).toEqual(ids)
  })

  it('has in the list of all events what it just recorded in 200 conversations', async () => {
    const store = new HttpEventStore({ url: service.url })
    const ids = idsOf('listed', 200)
    await recordAtOnce(store, ids)
    const listed = new Set((await store.getEvents()).map((event) => event.event_id))
    expect(ids.filter((id) => !listed.has(id))).toEqual([])
  })

  it('clears what it just recorded in 200 conversations', async () => {
    const store = new HttpEventStore({ url: service.url })
    const ids = idsOf('cleared', 200)
    await recordAtOnce(store, ids)
    await store.clearEvents()
    expect(await store.getEvents()).toEqual([])
    expect(await store.getConversationEvents(`of-${ids[0]}`)).toEqual([])
    await recordAtOnce(store, ids)
    expect(await store.getEvents()).toHaveLength(200)
  })
})
