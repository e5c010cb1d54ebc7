import { describe, expect, it } from 'vitest'
import { appendSplitting } from '../../src/ingest/append-splitting.ts'
import type { PendingEvents } from '../../src/model/history.ts'
import { batchOf, batchOfTexts, sampleEvent } from '../conversation/samples.ts'
import { drainAll, events, FakeHistory, FakeOutbox, fed, outage, stored } from './fakes.ts'

function pendingOf(conversation_id: string, ids: readonly string[]): PendingEvents {
  const { heads, body } = batchOf(ids.map((event_id) => ({ event_id, conversation_id, note: { text: 'a,b]}"' } })))
  return {
    tenant: 't',
    conversation_id,
    segments: [{ first_seq: 1, count: ids.length, recorded_at: 5 }],
    heads,
    events: new TextDecoder().decode(body),
  }
}

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)

describe('writing around what the history refuses', () => {
  it('sets aside the one refused event among 1,000 and stores the others in their order', async () => {
    const history = new FakeHistory()
    history.refuses = (id) => id === 'a333'
    const outbox = new FakeOutbox('a', [events('a', 600), events('a', 1000).slice(600)])
    const report = await drainAll([outbox], history)
    expect(report).toMatchObject({ failures: [null], events: 1000 })
    expect(outbox.persisted).toBe(1000)
    expect(await stored(history, 'a')).toEqual(ids('a', 1000))
    expect(await fed(history)).toEqual(ids('a', 1000).filter((id) => id !== 'a333'))
    const { items } = await history.quarantined('t', { limit: 10 })
    expect(items).toMatchObject([{ event_id: 'a333', seq: 333, code: '22P05', reason: expect.stringContaining('PostgreSQL') }])
    expect(history.writes.length).toBeLessThan(30)
  })

  it('finds it among several conversations and leaves the others in whole batches', async () => {
    const history = new FakeHistory()
    history.refuses = (id) => id === 'b2'
    await appendSplitting([pendingOf('a', ids('a', 3)), pendingOf('b', ids('b', 3)), pendingOf('c', ids('c', 3))], history)
    expect(await fed(history)).toEqual(['a1', 'a2', 'a3', 'b1', 'b3', 'c1', 'c2', 'c3'])
  })

  it('keeps texts, seqs and times of the events it cuts apart', async () => {
    const history = new FakeHistory()
    history.refuses = (id) => id === 'e2'
    const texts = ['e1', 'e2', 'e3'].map((id) =>
      JSON.stringify(sampleEvent({ event_id: id, note: ['],[', '\\"', 'é😀'] }), null, 1),
    )
    const { heads, body } = batchOfTexts(texts)
    const segments = [
      { first_seq: 7, count: 1, recorded_at: 70 },
      { first_seq: 8, count: 2, recorded_at: 80 },
    ]
    await appendSplitting(
      [{ tenant: 't', conversation_id: 'c', segments, heads, events: new TextDecoder().decode(body) }],
      history,
    )
    const { items } = await history.conversationEvents('t', 'c', { limit: 10 })
    expect(items.map(({ seq, event, recorded_at }) => [seq, event, Date.parse(recorded_at)])).toEqual([
      [7, texts[0], 70],
      [8, texts[1], 80],
      [9, texts[2], 80],
    ])
  })

  it('sets everything aside when everything is refused', async () => {
    const history = new FakeHistory()
    history.refuses = () => true
    const outbox = new FakeOutbox('a', [events('a', 5)])
    expect(await drainAll([outbox], history)).toMatchObject({ failures: [null] })
    expect(outbox.persisted).toBe(5)
    const { items } = await history.quarantined('t', { limit: 10 })
    expect(items.map(({ event_id }) => event_id)).toEqual(ids('a', 5))
    expect(await fed(history)).toEqual([])
  })

  it('fails when the history goes away midway, and a repeat completes it without doubling anything', async () => {
    const history = new FakeHistory()
    history.refuses = (id) => id === 'a3'
    history.before = () => {
      if (history.writes.length === 4) throw outage()
    }
    const outbox = new FakeOutbox('a', [events('a', 8)])
    const first = await drainAll([outbox], history)
    expect(first.failures).toMatchObject([{ cause: { transient: true } }])
    expect(outbox.confirmations).toEqual([])
    const second = await drainAll([outbox], history)
    expect(second.failures).toEqual([null])
    expect(await fed(history)).toEqual(ids('a', 8).filter((id) => id !== 'a3'))
    expect((await history.quarantined('t', { limit: 10 })).items).toHaveLength(1)
  })

  it('does not split for a failure that has nothing to do with the data', async () => {
    const history = new FakeHistory()
    history.before = () => {
      throw outage()
    }
    await expect(appendSplitting([pendingOf('a', ids('a', 8))], history)).rejects.toMatchObject({ transient: true })
    expect(history.writes).toHaveLength(1)
  })

  it('tells of the clearing that the history knows of, although the write was split', async () => {
    const history = new FakeHistory()
    await history.clear('t', 1)
    history.refuses = (id) => id === 'a1'
    const outcome = await appendSplitting([pendingOf('a', ids('a', 2))], history)
    expect(outcome.cleared).toEqual(new Map([['t', 1]]))
  })
})
