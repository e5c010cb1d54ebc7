import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import { type ConsumerDeps, consumeNotices } from '../../src/ingest/consume-notices.ts'
import { forwardNothing } from '../../src/ingest/drain.ts'
import { batch, RECORDED_AT } from '../store/postgres/support.ts'
import { FakeHistory, outage, refusal } from './fakes.ts'

function setUp() {
  const history = new FakeHistory()
  const away = { history: false, object: false }
  let refused = false
  const forgotten: number[] = []
  const retries: number[] = []
  const deps: ConsumerDeps = {
    history: Object.assign(Object.create(history) as FakeHistory, {
      clearInSteps: async (...given: Parameters<FakeHistory['clearInSteps']>) => {
        if (away.history) throw outage()
        if (refused) throw refusal()
        return history.clearInSteps(...given)
      },
    }),
    forward: forwardNothing,
    conversation: () => ({
      pending: async () => null,
      clear: async (marker) => {
        if (away.object) throw new Error('the object is away')
        forgotten.push(marker)
      },
    }),
    notify: async () => undefined,
    log: () => undefined,
    now: () => RECORDED_AT,
    retentionDays: null,
  }
  const body: Notice = { tenant: 't', conversation_id: 'c', cleared_through: RECORDED_AT, history: 'asked' }
  const deliver = () =>
    consumeNotices([{ body, attempts: 1, retry: ({ delaySeconds }) => void retries.push(delaySeconds) }], deps)
  const left = async () => (await history.feed('t', { order: 'asc', limit: 10 })).items.length
  const refuse = () => {
    refused = true
  }
  return { history, away, refuse, forgotten, retries, deliver, left }
}

describe('the notice of a clearing that was asked for', () => {
  it('clears the history and then the object, and takes nothing that was recorded since, however often it comes', async () => {
    const { history, forgotten, retries, deliver, left } = setUp()
    await history.append([batch('t', 'c', [{ event_id: 'a' }])])
    await deliver()
    expect([await left(), forgotten]).toEqual([0, [RECORDED_AT]])
    await history.append([batch('t', 'c', [{ event_id: 'a' }], { recordedAt: RECORDED_AT + 1 })])
    await deliver()
    expect(await left()).toBe(1)
    expect(retries).toEqual([])
  })

  it('comes again, and leaves the object alone, while the history is away', async () => {
    const { away, forgotten, retries, deliver } = setUp()
    away.history = true
    await deliver()
    expect([forgotten, retries.length]).toEqual([[], 1])
  })

  it('ends where the history refuses it: the request was answered that nothing was cleared', async () => {
    const { refuse, forgotten, retries, deliver } = setUp()
    refuse()
    await deliver()
    expect([forgotten, retries]).toEqual([[], []])
  })

  it('comes again while the object is away', async () => {
    const { away, retries, deliver } = setUp()
    away.object = true
    await deliver()
    expect(retries).toHaveLength(1)
  })
})
