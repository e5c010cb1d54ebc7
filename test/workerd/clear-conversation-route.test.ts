import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import type { AppDeps, RouteContext } from '../../src/http/context.ts'
import { failureOf } from '../../src/http/problem-response.ts'
import { RecentWrites } from '../../src/http/recent-writes.ts'
import { clearConversation } from '../../src/http/routes/clear-conversation.ts'
import { forwardNothing } from '../../src/ingest/drain.ts'
import { EMPTY_SESSION, type Session } from '../../src/protocol/session.ts'
import { FakeHistory, outage } from '../ingest/fakes.ts'
import { pendingOf } from '../segment/samples.ts'

const NOW = Date.UTC(2026, 0, 15, 10)

function setUp({ lastAt = NOW - 1_000 } = {}) {
  let now = NOW
  const steps: string[] = []
  const notices: [Notice, number | undefined][] = []
  const history = new FakeHistory()
  const fails = new Set<'queue' | 'history' | 'object'>()
  const unless = (part: 'queue' | 'history' | 'object') => {
    steps.push(part)
    if (fails.has(part)) throw part === 'history' ? outage() : new Error(`the ${part} is away`)
  }
  const object = {
    stat: async () => ({ head_seq: 2, persisted_seq: 2, event_count: 2, first_at: 0, last_at: lastAt }),
    pending: async () => null,
    clear: async (marker: number) => {
      unless('object')
      steps.push(String(marker - NOW))
    },
  }
  const clearInSteps = async (tenant: string, ids: readonly string[], marker: number) => {
    unless('history')
    return history.clearInSteps(tenant, ids, marker)
  }
  const recent = new RecentWrites()
  const deps = {
    conversations: () => object,
    history: Object.assign(Object.create(history) as FakeHistory, { clearInSteps }),
    forward: forwardNothing,
    recent,
    notify: async ([notice]: readonly [Notice], delaySeconds?: number) => {
      unless('queue')
      notices.push([notice, delaySeconds])
    },
    log: () => undefined,
    now: () => now,
    wait: async (ms: number) => {
      now += ms
    },
  } as unknown as AppDeps
  const contextOf = (session: Session = EMPTY_SESSION) =>
    ({
      deps,
      tenant: 't',
      params: { id: 'c' },
      query: { confirm: 'c' },
      session,
      audit: { count: null, resource: {} },
    }) as unknown as RouteContext
  const request = async (context = contextOf()) => {
    const answer = await clearConversation(context as Parameters<typeof clearConversation>[0])
    return { status: answer.status, body: await answer.json(), context }
  }
  const record = () => {
    const segments = [{ first_seq: 1, count: 2, recorded_at: lastAt }]
    return history.append([{ ...pendingOf('c', [{ event_id: 'a' }, { event_id: 'b' }]), segments }])
  }
  return { steps, notices, history, fails, recent, contextOf, request, record }
}

const failure = (request: Promise<unknown>) => request.then(() => null, failureOf)

describe('clearing a conversation', () => {
  it('has the queue do it again a minute later, before it begins', async () => {
    const { steps, notices, request, record } = setUp()
    await record()
    expect(await request()).toMatchObject({
      status: 200,
      body: { conversation_id: 'c', removed_events: 2 },
      context: { audit: { count: 2 } },
    })
    expect(steps).toEqual(['queue', 'history', 'object', '100'])
    const again = { tenant: 't', conversation_id: 'c', cleared_through: NOW + 100, history: 'asked' }
    expect(notices).toEqual([[again, 60]])
  })

  it('begins nothing where the queue is away', async () => {
    const { steps, history, fails, request, record } = setUp()
    await record()
    fails.add('queue')
    expect(await failure(request())).toMatchObject({ kind: 'recording-unavailable' })
    expect(steps).toEqual(['queue'])
    expect((await history.feed('t', { order: 'asc', limit: 10 })).items).toHaveLength(2)
  })

  it('leaves the object alone where the history has not done it: numbers would begin anew beside its rows', async () => {
    const { steps, notices, fails, request } = setUp()
    fails.add('history')
    expect(await failure(request())).toMatchObject({ kind: 'history-unavailable' })
    expect(steps).toEqual(['queue', 'history'])
    expect(notices).toHaveLength(1)
  })

  it('tells with 202 that the object has yet to forget, so that nobody repeats it for that', async () => {
    const { fails, request, record } = setUp()
    await record()
    fails.add('object')
    expect(await request()).toMatchObject({ status: 202, body: { removed_events: 2 } })
  })

  it('takes what was recorded by a clock ahead of its own', async () => {
    const { notices, request, record } = setUp({ lastAt: NOW + 30_000 })
    await record()
    expect(await request()).toMatchObject({ body: { removed_events: 2 } })
    expect(notices[0]?.[0].cleared_through).toBe(NOW + 30_000)
  })

  it('names the end of the clearing to who asked, whose own later ones it never takes back, and keeps other writes', async () => {
    const { recent, contextOf, request } = setUp()
    const { context } = await request(
      contextOf({
        written: new Map([
          ['c', 2],
          ['d', 1],
        ]),
        cleared_through: NOW - 5,
      }),
    )
    expect(context.session).toEqual({ written: new Map([['d', 1]]), cleared_through: NOW + 200 })
    expect(recent.clearedThrough('t')).toBe(NOW + 200)
    const later = await request(contextOf({ written: new Map(), cleared_through: NOW + 9_000 }))
    expect(later.context.session.cleared_through).toBe(NOW + 9_000)
  })
})
