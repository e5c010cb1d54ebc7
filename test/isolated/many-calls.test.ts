import { beforeEach, describe, expect, it, vi } from 'vitest'
import { planBatch, type WaitingCall } from '../../src/client/buffer/plan-batch.ts'
import { WriteBuffer } from '../../src/client/buffer/write-buffer.ts'
import { prepared, ServiceModel } from '../client/buffer/service-model.ts'

// As it is, and its calls are counted. Where test files share what they have loaded, no module can be replaced.
vi.mock('../../src/client/buffer/plan-batch.ts', { spy: true })
const plans = vi.mocked(planBatch)
beforeEach(() => {
  plans.mockClear()
})

const CALLS = 5_000

function open() {
  const service = new ServiceModel()
  const deps = {
    patienceMs: 60_000,
    recordBatch: async (events: readonly ReturnType<typeof prepared>[]) => service.record(events).outcomes,
    recordCall: async (events: readonly ReturnType<typeof prepared>[]) => service.record(events).result,
  }
  const buffer = new WriteBuffer(deps, { maxDelayMs: 1e6, maxBufferedBytes: 1e9 })
  return { buffer, service }
}

const events = () => Array.from({ length: CALLS }, (_, i) => prepared('a', String(i)))

describe('very many calls', () => {
  it('that wait for another one are passed over a thousand at a time, however many there are', () => {
    let looked = 0
    const waiting: WaitingCall = {
      conversations: new Set('a'),
      eventIds: ['1'],
      bytes: 1,
      alone: false,
      dueAt: 0,
    }
    function* many() {
      for (; looked < 1e6; looked++) yield waiting
    }
    const limits = { events: 10, bytes: 1_000, conversations: 5 }
    expect(planBatch(many(), new Set('a'), limits, 0).take).toEqual([])
    expect(looked).toBeLessThan(1_001)
  })

  it('that are aborted at once are planned for once, and all learn of it', async () => {
    const { buffer, service } = open()
    const controller = new AbortController()
    const calls = events().map((event) => buffer.record([event], { signal: controller.signal }))
    const outcomes = Promise.allSettled(calls)
    plans.mockClear()
    controller.abort()
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(plans).toHaveBeenCalledTimes(1)
    await buffer.flush()
    expect(service.conversations.get('a')).toBeUndefined()
  })

  it('that go one by one are planned for twice each, before and while they are under way, and all are recorded', async () => {
    const { buffer, service } = open()
    await Promise.all(events().map((event) => buffer.record([event], { ack: 'persisted' })))
    expect(service.conversations.get('a')).toHaveLength(CALLS)
    expect(plans.mock.calls.length).toBeLessThanOrEqual(CALLS * 2 + 1)
  })
})
