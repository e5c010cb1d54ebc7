import { describe, expect, it } from 'vitest'
import type { HistoryPage, PageRequest } from '../../../src/model/history.ts'
import { MAX_PAGE_BYTES } from '../../../src/model/limits.ts'
import { type Connection, connect } from '../../../src/store/postgres/connection.ts'
import { feed } from '../../../src/store/postgres/feed.ts'
import { batch, numbered, textsOf, useHistory } from './support.ts'

const db = useHistory()

const MIB = 1024 * 1024

/** A JSON text of exactly this many bytes. */
function textOfSize(bytes: number, filler = 'x'): string {
  return `{"data":"${filler.repeat(Math.floor((bytes - 11) / filler.length))}"${' '.repeat((bytes - 11) % filler.length)}}`
}

async function follow(read: (page: PageRequest) => Promise<HistoryPage>, limit: number): Promise<HistoryPage[]> {
  const pages: HistoryPage[] = []
  let after: string | undefined
  for (;;) {
    const page = await read({ after, limit })
    pages.push(page)
    if (!page.more) return pages
    after = page.items.at(-1)?.position
  }
}

describe('a page', () => {
  it.each([
    [1, [1, 1, 1, 1]],
    [2, [2, 2]],
    [3, [3, 1]],
    [4, [4]],
    [5, [4]],
  ])('of at most %i of 4 items knows exactly whether more follow', async (limit, lengths) => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'c', numbered('e', 4))])
    const pages = await follow((page) => db.history.feed(tenant, { ...page, order: 'asc' }), limit)
    expect(pages.map((page) => page.items.length)).toEqual(lengths)
  })

  it('without items has no more', async () => {
    expect(await db.history.feed(db.tenant(), { order: 'asc', limit: 5 })).toEqual({ items: [], more: false })
  })

  it('ends where the bytes end, to the byte, and holds an event that is larger than the bound that is left', async () => {
    const tenant = db.tenant()
    const sizes = [MAX_PAGE_BYTES - 3 * MIB, 2 * MIB, MIB, 1, 4 * MIB, 3 * MIB].map((size) => Math.max(size, 11))
    for (const [index, size] of sizes.entries()) {
      await db.history.append([batch(tenant, 'c', [{ event_id: `e${index}`, text: textOfSize(size) }], { firstSeq: index + 1 })])
    }
    const pages = await follow((page) => db.history.feed(tenant, { ...page, order: 'asc' }), 100)
    expect(pages.map((page) => page.items.map((item) => item.event.length))).toEqual([
      sizes.slice(0, 3),
      sizes.slice(3, 5),
      sizes.slice(5),
    ])
  })

  it('counts bytes, not characters', async () => {
    const tenant = db.tenant()
    const text = textOfSize(MAX_PAGE_BYTES / 2, 'é'.repeat(1))
    await db.history.append([batch(tenant, 'c', [{ event_id: 'a', text }])])
    await db.history.append([batch(tenant, 'c', [{ event_id: 'b', text }], { firstSeq: 2 })])
    expect(Buffer.byteLength(text)).toBeGreaterThan(MAX_PAGE_BYTES / 2)
    const page = await db.history.conversationEvents(tenant, 'c', { limit: 10 })
    expect(page.items).toHaveLength(1)
    expect(page.more).toBe(true)
  })

  it('whose escaping takes the answer over 10 MiB is asked for again with less, and the reader misses nothing', async () => {
    const tenant = db.tenant()
    const text = textOfSize(1.5 * MIB, '\\\\')
    for (let seq = 1; seq <= 5; seq += 1) {
      await db.history.append([batch(tenant, 'c', [{ event_id: `e${seq}`, text }], { firstSeq: seq })])
    }
    const real = connect(db.options)
    let requests = 0
    const counting: Connection = {
      rows(...call) {
        requests += 1
        return real.rows(...call)
      },
    }
    const pages = await follow((page) => feed(counting, tenant, { ...page, order: 'asc' }), 4)
    expect(pages.flatMap((page) => page.items.map((item) => item.seq))).toEqual([1, 2, 3, 4, 5])
    expect(pages.flatMap(textsOf).every((one) => one === text)).toBe(true)
    expect(requests).toBeGreaterThan(pages.length)
  })

  it.each(['', 'x', '1.5', '1; DROP TABLE events', '9223372036854775808', '99999999999999999999'])(
    'after %j is refused',
    async (after) => {
      const tenant = db.tenant()
      const page = { after, limit: 1 }
      const refusal = { tag: 'event-persistence', transient: false }
      await expect(db.history.feed(tenant, { ...page, order: 'asc' })).rejects.toMatchObject(refusal)
      await expect(db.history.conversationEvents(tenant, 'c', page)).rejects.toMatchObject(refusal)
      await expect(db.history.assistantRequestEvents(tenant, 'r', page)).rejects.toMatchObject(refusal)
      await expect(db.history.topicEvents(tenant, { name: 't', offsets: [0] }, page)).rejects.toMatchObject(refusal)
      await expect(db.history.conversations(tenant, page)).rejects.toMatchObject(refusal)
      await expect(db.history.quarantined(tenant, page)).rejects.toMatchObject(refusal)
    },
  )
})
