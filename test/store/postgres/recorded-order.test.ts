import { describe, expect, it } from 'vitest'
import type { EventHistory, HistoryPage } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()
const inMemory = new InMemoryHistory()

/** Every event happened before the one that was recorded before it. */
const backdated = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    event_id: `e${from + i}`,
    timestamp: `2026-01-15T09:${59 - from - i}:00Z`,
  }))

async function allSeqs(read: (last: HistoryPage['items'][number] | undefined) => Promise<HistoryPage>): Promise<number[]> {
  const seqs: number[] = []
  for (let page = await read(undefined); ; page = await read(page.items.at(-1))) {
    seqs.push(...page.items.map((item) => item.seq))
    if (!page.more || page.items.length === 0) return seqs
  }
}

describe.each<[string, () => EventHistory]>([
  ['in PostgreSQL', () => db.history],
  ['in memory', () => inMemory],
])('events %s, whose timestamps go backwards,', (_, historyOf) => {
  it('are read in the order of seq from their conversation, page by page, set aside ones in their places', async () => {
    const [history, tenant] = [historyOf(), db.tenant()]
    await history.append([batch(tenant, 'c', backdated(1, 3))])
    for (const seq of [4, 5]) {
      const refused = { tenant, conversation_id: 'c', event_id: `e${seq}`, code: '22P02', reason: 'invalid', event: '{}' }
      await history.quarantine({ ...refused, seq, recorded_at: RECORDED_AT - seq })
    }
    await history.append([batch(tenant, 'c', backdated(6, 2), { firstSeq: 6 })])
    const inPagesOf = (limit: number) =>
      allSeqs((last) => history.conversationEvents(tenant, 'c', { limit, after: String(last?.seq ?? 0) }))
    for (const limit of [1, 2, 9]) expect(await inPagesOf(limit)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('are read in the order of recording from the feed, page by page, forwards and backwards', async () => {
    const [history, tenant] = [historyOf(), db.tenant()]
    await history.append([batch(tenant, 'c', backdated(1, 5))])
    const inPagesOf = (limit: number, order: 'asc' | 'desc', filter: object) =>
      allSeqs((last) => history.feed(tenant, { limit, order, after: last?.position, ...filter }))
    for (const filter of [{}, { event_type: 'ToolInvoke' }]) {
      for (const limit of [1, 2, 9]) {
        expect(await inPagesOf(limit, 'asc', filter)).toEqual([1, 2, 3, 4, 5])
        expect(await inPagesOf(limit, 'desc', filter)).toEqual([5, 4, 3, 2, 1])
      }
    }
  })
})
