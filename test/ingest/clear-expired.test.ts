import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import { type ConsumerDeps, consumeNotices } from '../../src/ingest/consume-notices.ts'
import { forwardNothing } from '../../src/ingest/drain.ts'
import { DAYS, fill, MARKER, NOW } from '../retention/fakes.ts'
import { events, FakeHistory, FakeOutbox, outage, stored } from './fakes.ts'

type Step = readonly [what: 'history' | 'object' | 'drain', ids: string]

class Message {
  readonly retries: number[] = []
  readonly attempts = 1
  readonly body: Notice

  constructor(conversation_id: string, tenant = 't', members: Partial<Notice> = { cleared_through: MARKER, history: 'expired' }) {
    this.body = { tenant, conversation_id, ...members }
  }

  retry({ delaySeconds }: { delaySeconds: number }) {
    this.retries.push(delaySeconds)
  }
}

class SteppedHistory extends FakeHistory {
  isAway = false
  /** A conversation that Postgres refuses to clear. */
  refused: string | null = null
  readonly steps: Step[]

  constructor(steps: Step[]) {
    super()
    this.steps = steps
  }

  override async clearInSteps(tenant: string, ids: readonly string[], marker: number) {
    this.steps.push(['history', ids.join()])
    if (this.isAway) throw outage()
    if (this.refused !== null && ids.includes(this.refused)) throw new Error('numeric field overflow')
    return super.clearInSteps(tenant, ids, marker)
  }
}

function setUp(refuses: (id: string) => boolean = () => false) {
  const steps: Step[] = []
  const notified: Notice[] = []
  const history = new SteppedHistory(steps)
  const lines: Parameters<ConsumerDeps['log']>[] = []
  const deps: ConsumerDeps = {
    history,
    forward: forwardNothing,
    conversation: ({ conversation_id }) => {
      const outbox = new FakeOutbox(conversation_id, [events(conversation_id, 1)])
      return {
        pending: (...given) => {
          if (!given[1]) steps.push(['drain', conversation_id])
          return outbox.pending(...given)
        },
        clear: async () => {
          steps.push(['object', conversation_id])
          if (refuses(conversation_id)) throw new Error('the object is away')
        },
      }
    },
    notify: async (notices) => void notified.push(...notices),
    log: (...line) => lines.push(line),
    now: () => NOW,
    retentionDays: DAYS,
  }
  return { deps, history, steps, lines, notified }
}

describe('clearing what is past its term', () => {
  it('clears the history, then the objects, and counts', async () => {
    const { deps, history, steps, lines } = setUp()
    await fill(history, 'a', [MARKER - 1, MARKER, MARKER + 1])
    await fill(history, 'b', [MARKER])
    const messages = [new Message('a'), new Message('b'), new Message('a')]
    await consumeNotices(messages, deps)
    expect(steps[0]).toEqual(['history', 'a,b'])
    expect(steps.slice(1).toSorted()).toEqual([
      ['object', 'a'],
      ['object', 'a'],
      ['object', 'b'],
    ])
    expect(await stored(history, 'a')).toEqual(['t-a-3'])
    expect(await stored(history, 'b')).toEqual([])
    expect(lines).toEqual([['info', 'cleared what is past its term', { conversations: 2, events: 3, ms: 0 }]])
    expect(messages.flatMap(({ retries }) => retries)).toEqual([])
  })

  it('leaves every object as it is while Postgres is away, and comes again', async () => {
    const { deps, history, steps, lines } = setUp()
    history.isAway = true
    const messages = [new Message('a'), new Message('b', 'u')]
    await consumeNotices(messages, deps)
    expect(steps).toEqual([['history', 'a']])
    expect(messages.map(({ retries }) => retries)).toEqual([[1], [1]])
    expect(lines).toEqual([
      [
        'warn',
        'what is past its term could not be cleared; it is retried',
        { conversations: 2, cause: expect.stringContaining('the database is away') },
      ],
    ])
  })

  it('tells an object that is away later, with a notice that is never given up on, and does not clear the history again', async () => {
    const { deps, history, steps, notified } = setUp((id) => id === 'a')
    await fill(history, 'a', [MARKER])
    const messages = [new Message('a'), new Message('b')]
    await consumeNotices(messages, deps)
    expect(messages.flatMap(({ retries }) => retries)).toEqual([])
    expect(notified).toEqual([{ tenant: 't', conversation_id: 'a', cleared_through: MARKER }])
    steps.length = 0
    const later = new Message('a', 't', { cleared_through: MARKER })
    await consumeNotices([later], deps)
    expect(steps).toEqual([['object', 'a']])
    expect(later.retries).toEqual([1])
  })

  it('comes again for an object that is away while the queue takes no notice either', async () => {
    const { deps, steps } = setUp((id) => id === 'a')
    const notify = async (notices: readonly Notice[]) => {
      if (notices.length > 0) throw new Error('the queue is away')
    }
    const messages = [new Message('a'), new Message('b')]
    await consumeNotices(messages, { ...deps, notify })
    expect(messages.map(({ retries }) => retries)).toEqual([[1], []])
    steps.length = 0
    await consumeNotices([new Message('a')], deps)
    expect(steps).toEqual([
      ['history', 'a'],
      ['object', 'a'],
    ])
  })

  it('clears the others though Postgres refuses one of them', async () => {
    const { deps, history, lines } = setUp()
    const ids = Array.from({ length: 25 }, (_, n) => `c${String(n).padStart(2, '0')}`)
    for (const id of ids) await fill(history, id, [MARKER])
    history.refused = 'c03'
    const messages = ids.map((id) => new Message(id))
    await consumeNotices(messages, deps)
    expect(messages.filter(({ retries }) => retries.length > 0).map(({ body }) => body.conversation_id)).toEqual(['c03'])
    const left = await history.expiredConversations(MARKER, null, 100)
    expect(left.map(({ conversation_id }) => conversation_id)).toEqual(['c03'])
    expect(lines).toMatchObject([
      ['info', 'cleared what is past its term', { conversations: 24, events: 24 }],
      ['warn', 'what is past its term could not be cleared; it is retried', { conversations: 1 }],
    ])
  })

  it.each([
    ['longer', DAYS + 1],
    ['taken away', null],
  ])('clears nothing where the term is %s by now', async (_, retentionDays) => {
    const { deps, steps, lines, notified } = setUp()
    const message = new Message('a')
    await consumeNotices([message], { ...deps, retentionDays })
    expect([steps, notified, message.retries]).toEqual([[], [], []])
    expect(lines).toEqual([['info', 'what was past a term of before is kept: the term has been changed', { conversations: 1 }]])
  })

  it('keeps tenants and times apart, and a transaction short', async () => {
    const { deps, steps } = setUp()
    const many = Array.from({ length: 45 }, (_, n) => new Message(`c${n}`))
    const other = new Message('c0', 'u')
    const earlier = new Message('c0', 't', { cleared_through: MARKER - 1, history: 'expired' })
    await consumeNotices([...many, other, earlier], deps)
    const cleared = steps.filter(([what]) => what === 'history').map(([, ids]) => ids.split(',').length)
    expect(cleared.toSorted((a, b) => b - a)).toEqual([10, 10, 10, 10, 5, 1, 1])
  })

  it('comes after deliveries, which wait for nothing, and tells of other clearings without it', async () => {
    const { deps, steps } = setUp()
    await consumeNotices(
      [new Message('old'), new Message('new', 't', {}), new Message('told', 't', { cleared_through: 5 })],
      deps,
    )
    expect(steps.filter(([, ids]) => ids !== 'new')).toEqual([
      ['object', 'told'],
      ['history', 'old'],
      ['object', 'old'],
    ])
    expect(steps.findIndex(([what]) => what === 'drain')).toBeLessThan(steps.findIndex(([what]) => what === 'history'))
  })
})
