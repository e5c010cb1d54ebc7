import { describe, expect, it } from 'vitest'
import type { EventHistory } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, numbered, useHistory } from './support.ts'

const db = useHistory()
const inMemory = new InMemoryHistory()

describe.each<[string, () => EventHistory]>([
  ['in PostgreSQL', () => db.history],
  ['in memory', () => inMemory],
])('a page that has a bound in bytes, %s,', (_, history) => {
  async function recorded() {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'c', numbered('e', 5))])
    const { items } = await history().conversationEvents(tenant, 'c', { limit: 9 })
    const bytes = items.map(({ event }) => new TextEncoder().encode(event).byteLength)
    return { tenant, two: (bytes[0] ?? 0) + (bytes[1] ?? 0) }
  }

  const reads = [
    ['of a conversation', (tenant, page) => history().conversationEvents(tenant, 'c', page)],
    ['of the feed', (tenant, page) => history().feed(tenant, { order: 'asc', ...page })],
    ['of the feed that is followed', (tenant, page) => history().followFeed(tenant, page)],
    ['of the followed feed with a filter', (tenant, page) => history().followFeed(tenant, { ...page, event_type: 'ToolInvoke' })],
  ] satisfies [string, (tenant: string, page: { limit: number; max_bytes: number }) => ReturnType<EventHistory['feed']>][]

  it.each(reads)('%s ends there, has one event at least, and says that there are more', async (_what, read) => {
    const { tenant, two } = await recorded()
    const page = async (max_bytes: number, limit = 9) => {
      const { items, more } = await read(tenant, { limit, max_bytes })
      return [items.map(({ seq }) => seq), more]
    }
    expect(await page(two)).toEqual([[1, 2], true])
    expect(await page(two - 1)).toEqual([[1], true])
    expect(await page(1)).toEqual([[1], true])
    expect(await page(two, 1)).toEqual([[1], true])
    expect(await page(1_000_000_000)).toEqual([[1, 2, 3, 4, 5], false])
  })
})
