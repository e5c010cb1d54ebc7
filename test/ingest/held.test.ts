import { describe, expect, it } from 'vitest'
import type { Confirmation } from '../../src/conversation/rpc.ts'
import { type ConsumerDeps, consumeNotices, FORWARDING_ATTEMPTS } from '../../src/ingest/consume-notices.ts'
import { drain, type Forward } from '../../src/ingest/drain.ts'
import { MAX_WRITE_BYTES } from '../../src/model/limits.ts'
import { type Line, logTo } from '../segment/samples.ts'
import { events, FakeHistory, FakeOutbox, idsOf, outage, stored } from './fakes.ts'

const LARGE = 'x'.repeat(MAX_WRITE_BYTES / 2)

/** Segments of half a write each: the outbox is emptied in several writes. */
const largeLog = (id: string, count: number) =>
  new FakeOutbox(
    id,
    events(id, count, LARGE).map((event) => [event]),
  )

/** A page of the history ends before the large ones do. */
const written = ({ writes }: FakeHistory) => [...new Set(writes.flat().flatMap(idsOf))]

/** Forwards nothing of the conversations that are refused, and notes what it was asked to try and what it took. */
function setUp(refused: (conversationId: string) => boolean = () => true) {
  const history = new FakeHistory()
  const forwarded: string[] = []
  const tried: boolean[] = []
  const forward: Forward = async (batches, _, isAway) => {
    tried.push(!isAway)
    const places = batches.map((_batch, place) => place).filter((place) => refused(batches[place]?.conversation_id ?? ''))
    forwarded.push(...batches.filter((_batch, place) => !places.includes(place)).flatMap(idsOf))
    return { refused: places.map((place) => ({ place, events: 1 })), cause: new Error('the queue is away') }
  }
  return { history, forward, forwarded, tried }
}

describe('a conversation with events that could not be forwarded', () => {
  it('is in the history and not confirmed, and the others are', async () => {
    const { history, forward, forwarded } = setUp((id) => id === 'b')
    const outboxes = ['a', 'b', 'c'].map((id) => new FakeOutbox(id, [events(id, 2)]))
    const report = await drain(
      outboxes.map((outbox) => ({ outbox })),
      { history, forward },
    )
    expect(report).toMatchObject({ held: [1], failures: [null, null, null], given_up: [], unfinished: [] })
    expect(outboxes.map(({ persisted }) => persisted)).toEqual([2, 0, 2])
    expect(await stored(history, 'b')).toEqual(['b1', 'b2'])
    expect(forwarded).toEqual(['a1', 'a2', 'c1', 'c2'])
  })

  it('is forwarded whole, and stored once, by a later drain', async () => {
    let away = true
    const { history, forward, forwarded } = setUp(() => away)
    const outbox = largeLog('a', 5)
    await drain([{ outbox }], { history, forward })
    away = false
    expect(await drain([{ outbox }], { history, forward })).toMatchObject({ held: [] })
    expect(forwarded).toEqual(['a1', 'a2', 'a3', 'a4', 'a5'])
    expect(written(history)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5'])
    expect(outbox.persisted).toBe(5)
  })

  it('comes whole into the history all the same, however many writes that takes, with one attempt to forward', async () => {
    const { history, forward, tried } = setUp()
    const outbox = largeLog('a', 7)
    expect(await drain([{ outbox }], { history, forward })).toMatchObject({ held: [0], events: 7 })
    expect(written(history)).toHaveLength(7)
    expect(outbox.confirmations).toEqual([])
    expect(tried.length).toBeGreaterThan(3)
    expect(tried.filter((one) => one)).toHaveLength(1)
  })

  it('is not confirmed by a later write that has nothing to forward', async () => {
    let writes = 0
    const { history, forward } = setUp(() => ++writes === 1)
    const outbox = largeLog('a', 5)
    expect(await drain([{ outbox }], { history, forward })).toMatchObject({ held: [0] })
    expect(written(history)).toHaveLength(5)
    expect(outbox.confirmations).toEqual([])
  })

  it('ends where an object goes on handing out the same', async () => {
    const { history, forward } = setUp()
    const outbox = largeLog('a', 5)
    const older = { pending: (limit: number, confirmation?: Confirmation) => outbox.pending(limit, confirmation) }
    expect(await drain([{ outbox: older }], { history, forward })).toMatchObject({ held: [0], writes: 1 })
  })

  it('keeps what was confirmed of it before', async () => {
    let writes = 0
    const { history, forward } = setUp(() => ++writes > 1)
    const outbox = largeLog('a', 5)
    await drain([{ outbox }], { history, forward })
    const first = outbox.persisted
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(5)
    expect(written(history)).toHaveLength(5)
  })

  it('goes as far as a reader has to wait for', async () => {
    const { history, forward } = setUp()
    const outbox = largeLog('a', 9)
    const report = await drain([{ outbox, through_seq: 5 }], { history, forward })
    expect(report).toMatchObject({ failures: [null], held: [0] })
    const { length } = written(history)
    expect(length).toBeGreaterThanOrEqual(5)
    expect(length).toBeLessThan(9)
  })

  it('is confirmed when that is given up, with the number of events that this costs', async () => {
    const { history, forward } = setUp()
    const outboxes = [largeLog('a', 4), new FakeOutbox('b', [events('b', 1)])]
    const report = await drain(
      outboxes.map((outbox, place) => ({ outbox, give_up: place === 0 })),
      { history, forward },
    )
    expect(report.held).toEqual([1])
    expect(report.given_up).toEqual([{ place: 0, events: history.writes.filter((write) => write.some(isOfA)).length }])
    expect(outboxes.map(({ persisted }) => persisted)).toEqual([4, 0])
  })
})

const isOfA = ({ conversation_id }: { conversation_id: string }) => conversation_id === 'a'

describe('the notice of such a conversation', () => {
  /** Delivers a notice until it is done, each time with one attempt more; gives the delays. */
  async function deliver(
    outbox: FakeOutbox,
    deps: Omit<ConsumerDeps, 'conversation' | 'notify' | 'log' | 'retentionDays' | 'now'>,
  ) {
    const lines: Line[] = []
    const delays: number[] = []
    const notified: unknown[] = []
    for (let attempts = 1; attempts <= 21; attempts++) {
      const before = delays.length
      const retry = ({ delaySeconds }: { delaySeconds: number }) => void delays.push(delaySeconds)
      await consumeNotices([{ body: { tenant: 't', conversation_id: 'a' }, attempts, retry }], {
        ...deps,
        conversation: () => ({ pending: outbox.pending.bind(outbox), clear: async () => undefined }),
        notify: async (notices) => void notified.push(...notices),
        log: logTo(lines),
        now: () => 0,
        retentionDays: null,
      })
      if (delays.length === before) break
    }
    return { lines, delays, notified }
  }

  it('comes again with the usual delays until the queue serves', async () => {
    let tries = 0
    const { history, forward, forwarded } = setUp(() => ++tries <= 4)
    const outbox = new FakeOutbox('a', [events('a', 3)])
    const { lines, delays } = await deliver(outbox, { history, forward })
    expect(delays).toEqual([1, 2, 4, 8])
    expect(forwarded).toEqual(['a1', 'a2', 'a3'])
    expect(outbox.persisted).toBe(3)
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(4)
    expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('comes again for two minutes; then the conversation is confirmed, and the log tells what that costs', async () => {
    const { history, forward } = setUp()
    const outbox = new FakeOutbox('a', [events('a', 3)])
    const { lines, delays } = await deliver(outbox, { history, forward })
    expect(delays).toHaveLength(FORWARDING_ATTEMPTS - 1)
    expect(delays.reduce((sum, delay) => sum + delay)).toBe(120)
    expect(outbox.persisted).toBe(3)
    expect(lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        message: 'lifecycle events were given up on: the queue for Segment did not take them',
        fields: { events: 1, cause: 'Error: the queue is away' },
      },
    ])
  })

  it('comes again, and no other is sent, for one that the drain could not end in its time', async () => {
    const { history, forward } = setUp()
    const outbox = largeLog('a', 9)
    const retries: number[] = []
    let clock = 0
    const consume = (attempts: number) => {
      const retry = ({ delaySeconds }: { delaySeconds: number }) => void retries.push(delaySeconds)
      return consumeNotices([{ body: { tenant: 't', conversation_id: 'a' }, attempts, retry }], {
        history,
        forward,
        conversation: () => ({ pending: outbox.pending.bind(outbox), clear: async () => undefined }),
        notify: async (notices) => expect(notices).toEqual([]),
        log: () => undefined,
        retentionDays: null,
        now: () => (clock += 6_000),
      })
    }
    await consume(3)
    expect(retries).toEqual([4])
    expect(outbox.persisted).toBe(0)
    await consume(FORWARDING_ATTEMPTS)
    expect(retries).toEqual([4, 1])
    expect(outbox.persisted).toBeGreaterThan(0)
  })

  it('is not worn out by an outage of the history alone', async () => {
    const { history, forward } = setUp(() => false)
    let tries = 0
    history.before = () => {
      if (++tries <= 15) throw outage()
    }
    const outbox = new FakeOutbox('a', [events('a', 1)])
    expect((await deliver(outbox, { history, forward })).delays).toHaveLength(15)
    expect(outbox.persisted).toBe(1)
  })
})
