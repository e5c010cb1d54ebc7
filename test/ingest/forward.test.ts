import { describe, expect, it } from 'vitest'
import { drain, type Forward } from '../../src/ingest/drain.ts'
import { events, FakeHistory, FakeOutbox, idsOf, outage, stored } from './fakes.ts'

const NOTHING_REFUSED = { refused: [], cause: null }

/** A drain that notes what it forwards, and what had been stored and confirmed by then. */
function setUp(groups: Parameters<typeof events>[]) {
  const history = new FakeHistory()
  const outboxes = groups.map((group) => new FakeOutbox(group[0], [events(...group)]))
  const forwarded: string[][] = []
  const seen: { stored: number; persisted: number[] }[] = []
  const forward: Forward = async (batches) => {
    forwarded.push(batches.flatMap(idsOf))
    const lengths = await Promise.all(groups.map(async ([id]) => (await stored(history, id)).length))
    seen.push({ stored: lengths.reduce((a, b) => a + b), persisted: outboxes.map(({ persisted }) => persisted) })
    return NOTHING_REFUSED
  }
  const run = () =>
    drain(
      outboxes.map((outbox) => ({ outbox })),
      { history, forward },
    )
  return { history, outboxes, forwarded, seen, run }
}

describe('what the drain forwards', () => {
  it('is in the history already and not yet confirmed to the outboxes', async () => {
    const { forwarded, seen, outboxes, run } = setUp([
      ['a', 2],
      ['b', 1],
    ])
    await run()
    expect(forwarded).toEqual([['a1', 'a2', 'b1']])
    expect(seen).toEqual([{ stored: 3, persisted: [0, 0] }])
    expect(outboxes.map(({ persisted }) => persisted)).toEqual([2, 1])
  })

  it('is forwarded again when the outbox could not be told', async () => {
    const { history, outboxes, forwarded, run } = setUp([['a', 2]])
    const [outbox] = outboxes as [FakeOutbox]
    const pending = outbox.pending.bind(outbox)
    let told = 0
    outbox.pending = async (limit, confirmation, handed) => {
      if (confirmation && told++ === 0) throw new Error('the isolate is gone')
      return pending(limit, confirmation, handed)
    }
    expect((await run()).failures).toEqual([{ cause: expect.any(Error) }])
    expect((await run()).failures).toEqual([null])
    expect(forwarded).toEqual([
      ['a1', 'a2'],
      ['a1', 'a2'],
    ])
    expect(await stored(history, 'a')).toEqual(['a1', 'a2'])
  })

  it('is nothing that the history did not take', async () => {
    const { history, forwarded, run } = setUp([['a', 2]])
    history.before = () => {
      throw outage()
    }
    await run()
    expect(forwarded).toEqual([])
  })

  it('comes with what was set aside of it', async () => {
    const { history, outboxes } = setUp([['a', 3]])
    history.refuses = (id) => id === 'a2'
    const setAside: string[] = []
    const forward: Forward = async (_, outcome) => {
      setAside.push(...outcome.set_aside.map(({ event_id }) => event_id))
      return NOTHING_REFUSED
    }
    await drain(
      outboxes.map((outbox) => ({ outbox })),
      { history, forward },
    )
    expect(setAside).toEqual(['a2'])
  })
})
