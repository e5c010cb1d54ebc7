import { describe, expect, it } from 'vitest'
import type { Confirmation } from '../../src/conversation/rpc.ts'
import { drain, forwardNothing } from '../../src/ingest/drain.ts'
import type { AppendOutcome, PendingEvents } from '../../src/model/history.ts'
import { MAX_WRITE_BYTES } from '../../src/model/limits.ts'
import { brokenOutbox, drainAll, events, FakeHistory, FakeOutbox, outage, stored } from './fakes.ts'

const KIB_300 = 'x'.repeat(300 * 1024)

describe('draining outboxes', () => {
  it('writes several conversations in one round trip, in order, and confirms to each', async () => {
    const history = new FakeHistory()
    const outboxes = [new FakeOutbox('a', [events('a', 2), [{ event_id: 'a3' }]]), new FakeOutbox('b', [events('b', 1)])]
    const report = await drainAll(outboxes, history)
    expect(report).toEqual({
      events: 4,
      writes: 1,
      failures: [null, null],
      unfinished: [],
      held: [],
      given_up: [],
      set_aside: [],
    })
    expect(await stored(history, 'a')).toEqual(['a1', 'a2', 'a3'])
    expect(await stored(history, 'b')).toEqual(['b1'])
    expect(outboxes.map(({ confirmations }) => confirmations)).toEqual([
      [{ epoch: 1, through_seq: 3, cleared_through: null, is_last: true }],
      [{ epoch: 1, through_seq: 1, cleared_through: null, is_last: true }],
    ])
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'tells the conversations of a tenant named %s of its own clearing alone',
    async (tenant) => {
      const history = new FakeHistory()
      const before = new FakeOutbox('a', [events('a', 1)], tenant)
      await drainAll([before], history)
      expect(before.confirmations).toEqual([{ epoch: 1, through_seq: 1, cleared_through: null, is_last: true }])
      await history.clear(tenant, 7)
      const after = new FakeOutbox('b', [events('b', 1)], tenant)
      const other = new FakeOutbox('c', [events('c', 1)], 'acme')
      await drainAll([after, other], history)
      expect(after.confirmations).toEqual([{ epoch: 1, through_seq: 1, cleared_through: 7, is_last: true }])
      expect(other.confirmations).toEqual([{ epoch: 1, through_seq: 1, cleared_through: null, is_last: true }])
    },
  )

  it('leaves what comes while it writes to the notice that the object sends when it is told', async () => {
    const history = new FakeHistory()
    const outbox = new FakeOutbox('a', [events('a', 2)])
    history.before = () => outbox.add([{ event_id: 'later' }])
    const report = await drainAll([outbox], history)
    expect(report).toMatchObject({ events: 2, writes: 1, failures: [null], unfinished: [] })
    expect(outbox.confirmations).toEqual([{ epoch: 1, through_seq: 2, cleared_through: null, is_last: true }])
    expect(outbox.limits.at(-1)).toBe(0)
  })

  it('has nothing to do for an empty outbox', async () => {
    const history = new FakeHistory()
    const report = await drainAll([new FakeOutbox('a', [])], history)
    expect(report).toMatchObject({ events: 0, writes: 0, failures: [null] })
    expect(history.writes).toEqual([])
  })

  it('is not blocked by an outbox that fails', async () => {
    const history = new FakeHistory()
    const good = new FakeOutbox('a', [events('a', 1)])
    const report = await drainAll([brokenOutbox, good], history)
    expect(report.failures).toEqual([{ cause: expect.objectContaining({ message: 'the object is away' }) }, null])
    expect(good.persisted).toBe(1)
  })

  it('reports an outbox that fails while it is told of the confirmation', async () => {
    const history = new FakeHistory()
    const outbox = new FakeOutbox('a', [events('a', 1)])
    const forgetful = {
      pending: (limit: number, confirmation?: unknown) =>
        confirmation ? Promise.reject(new Error('gone')) : outbox.pending(limit),
    }
    const report = await drainAll([forgetful], history)
    expect(report).toMatchObject({ events: 1, failures: [{ cause: expect.any(Error) }] })
    expect((await drainAll([outbox], history)).failures).toEqual([null])
    expect(await stored(history, 'a')).toEqual(['a1'])
  })

  it('goes as far as it has to while others go on writing, and confirms that', async () => {
    const history = new FakeHistory()
    const outbox = new FakeOutbox(
      'a',
      events('a', 50, KIB_300).map((event) => [event]),
    )
    const report = await drain([{ outbox, through_seq: 1 }], { history, forward: forwardNothing })
    expect(report).toMatchObject({ writes: 1, failures: [null], unfinished: [] })
    expect(outbox.persisted).toBeGreaterThanOrEqual(1)
    expect(outbox.persisted).toBeLessThan(50)
  })

  it('holds a bounded amount at a time, however much the outboxes must hand out', async () => {
    const history = new FakeHistory()
    const large = 'x'.repeat(3 * 1024 * 1024)
    let held = 0
    let most = 0
    history.before = (batches) => {
      held -= batches.length * large.length
    }
    const outboxes = Array.from({ length: 40 }, (_, i) => {
      const outbox = new FakeOutbox(`c${i}`, [[{ event_id: `e${i}`, note: large }]])
      return {
        pending: async (limit: number, confirmation?: Confirmation) => {
          const handout = await outbox.pending(limit, confirmation)
          if (handout) held += large.length
          most = Math.max(most, held)
          return handout
        },
      }
    })
    expect(await drainAll(outboxes, history)).toMatchObject({ events: 40 })
    expect(most).toBeLessThan(64 * 1024 * 1024)
  })

  it('does not go on trying a history that is away', async () => {
    const history = new FakeHistory()
    let tries = 0
    history.before = () => {
      tries += 1
      throw outage()
    }
    const large = 'x'.repeat(3 * 1024 * 1024)
    const outboxes = Array.from({ length: 40 }, (_, i) => new FakeOutbox(`c${i}`, [[{ event_id: `e${i}`, note: large }]]))
    const report = await drainAll(outboxes, history)
    expect(report.failures.every((failure) => failure !== null)).toBe(true)
    expect(tries).toBe(2)
  })

  it('confirms nothing when the history fails', async () => {
    const history = new FakeHistory()
    history.before = () => {
      throw outage()
    }
    const outbox = new FakeOutbox('a', [events('a', 1)])
    const report = await drainAll([outbox], history)
    expect(report).toMatchObject({ events: 0, writes: 0, failures: [{ cause: { transient: true } }] })
    expect(outbox.confirmations).toEqual([])
  })

  it('goes on with the other writes when one fails', async () => {
    const history = new FakeHistory()
    const large = (id: string) => new FakeOutbox(id, [[{ event_id: `${id}1`, note: 'x'.repeat(MAX_WRITE_BYTES - 1000) }]])
    const outboxes = ['a', 'b', 'c'].map(large)
    history.before = ([first]) => {
      if (first?.conversation_id === 'b') throw outage()
    }
    const report = await drainAll(outboxes, history)
    expect(report.failures.map((failure) => failure !== null)).toEqual([false, true, false])
    expect(outboxes.map(({ persisted }) => persisted)).toEqual([1, 0, 1])
  })

  it('keeps every write within the limit of bytes, and empties all outboxes over several rounds', async () => {
    const history = new FakeHistory()
    const outboxes = Array.from(
      { length: 40 },
      (_, i) => new FakeOutbox(`c${i}`, [[{ event_id: `${i}.1`, note: KIB_300 }], [{ event_id: `${i}.2`, note: KIB_300 }]]),
    )
    const report = await drainAll(outboxes, history)
    expect(report).toMatchObject({ events: 80, failures: outboxes.map(() => null) })
    for (const write of history.writes) {
      const bytes = write.reduce((sum, batch) => sum + batch.events.length + batch.heads.length, 0)
      expect(bytes).toBeLessThanOrEqual(MAX_WRITE_BYTES)
    }
    // Thirteen of these events fit into a write.
    expect(history.writes).toHaveLength(Math.ceil(80 / 13))
    for (let i = 0; i < 40; i++) expect(await stored(history, `c${i}`)).toEqual([`${i}.1`, `${i}.2`])
  })

  it('asks the other outboxes while the history writes', async () => {
    const outboxes = Array.from({ length: 60 }, (_, i) => new FakeOutbox(`c${i}`, [[{ event_id: `${i}`, note: KIB_300 }]]))
    const asked = () => outboxes.filter(({ limits }) => limits.length > 0).length
    let askedMeanwhile = false
    class SlowHistory extends FakeHistory {
      override async append(batches: readonly PendingEvents[]): Promise<AppendOutcome> {
        const before = asked()
        for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
        askedMeanwhile ||= asked() > before
        return super.append(batches)
      }
    }
    await drainAll(outboxes, new SlowHistory())
    expect(askedMeanwhile).toBe(true)
    expect(outboxes.map(({ persisted }) => persisted)).toEqual(outboxes.map(() => 1))
  })

  it('counts the columns of small events, which take more than their texts', async () => {
    const history = new FakeHistory()
    const outboxes = Array.from({ length: 12 }, (_, i) => new FakeOutbox(`c${i}`, [events(`${i}.`, 1_500)]))
    expect(await drainAll(outboxes, history)).toMatchObject({ events: 18_000, failures: outboxes.map(() => null) })
    const sizes = history.writes.map((write) => write.reduce((sum, batch) => sum + batch.events.length + batch.heads.length, 0))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_WRITE_BYTES)
    expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(MAX_WRITE_BYTES)
  })

  it('leaves the rest when its time is over, but confirms what it wrote', async () => {
    const history = new FakeHistory()
    const outbox = new FakeOutbox(
      'a',
      Array.from({ length: 40 }, (_, i) => [{ event_id: `a${i}`, note: KIB_300 }]),
    )
    const done = new FakeOutbox('b', [events('b', 1)])
    const report = await drainAll([outbox, done], history, () => false)
    expect(report.unfinished).toEqual([0])
    expect(report.writes).toBe(1)
    expect(outbox.persisted).toBeGreaterThan(0)
    expect(outbox.persisted).toBeLessThan(40)
    expect(done.persisted).toBe(1)
    expect(await stored(history, 'a')).toHaveLength(outbox.persisted)
  })

  it('passes on which clearing the history knows of', async () => {
    const history = new FakeHistory()
    await history.clear('t', 1)
    const outbox = new FakeOutbox('a', [events('a', 1)])
    await drainAll([outbox], history)
    expect(outbox.confirmations[0]).toMatchObject({ cleared_through: 1 })
  })

  it('passes on the later one of the clearings of the tenant and of the conversation, and none of another', async () => {
    const history = new FakeHistory()
    await history.clear('t', 2)
    await history.clearConversations('t', ['a'], 3)
    await history.clearConversations('t', ['b'], 1)
    await history.clearConversations('u', ['c'], 4)
    const outboxes = ['a', 'b', 'c'].map((id) => new FakeOutbox(id, [events(id, 1)]))
    await drainAll([...outboxes, new FakeOutbox('a', [events('u', 1)], 'u')], history)
    expect(outboxes.map(({ confirmations }) => confirmations[0]?.cleared_through)).toEqual([3, 2, 2])
  })

  it('names events whose id stands in another conversation', async () => {
    const history = new FakeHistory()
    await drainAll([new FakeOutbox('a', [[{ event_id: 'same' }]])], history)
    const report = await drainAll([new FakeOutbox('b', [[{ event_id: 'same' }, { event_id: 'b2' }]])], history)
    expect(report.set_aside).toMatchObject([{ conversation_id: 'b', event_id: 'same' }])
    expect(await stored(history, 'b')).toEqual(['same', 'b2'])
  })
})
