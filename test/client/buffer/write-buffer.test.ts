import { describe, expect, it } from 'vitest'
import { BufferedCall } from '../../../src/client/buffer/buffered-call.ts'
import { type BufferDeps, WriteBuffer } from '../../../src/client/buffer/write-buffer.ts'
import { EventPersistenceError, InvalidEventError } from '../../../src/client/index.ts'
import type { BufferOptions } from '../../../src/client/options.ts'
import type { PreparedEvent } from '../../../src/model/event-store-base.ts'
import { prepared, ServiceModel } from './service-model.ts'

const away = new EventPersistenceError('away', { operation: 'recordEvents', transient: true })
const refused = new InvalidEventError([{ index: 0, path: 'data', message: 'is bad' }])

/** A buffer before a service that answers when it is told to. */
function open(options: BufferOptions = {}, patienceMs = 60_000) {
  const service = new ServiceModel()
  const requests: string[][] = []
  const held: (() => void)[] = []
  const state = { holds: false, isAway: false, refuses: '' }
  const answer = async (events: readonly PreparedEvent[]) => {
    requests.push(events.map(({ head }) => head.event_id))
    if (state.holds) await new Promise<void>((go) => held.push(go))
    if (state.isAway) throw away
    if (events.some(({ head }) => head.event_id === state.refuses)) throw refused
    return service.record(events)
  }
  const deps: { -readonly [Dep in keyof BufferDeps]: BufferDeps[Dep] } = {
    patienceMs,
    recordBatch: async (events) => (await answer(events)).outcomes,
    recordCall: async (events) => (await answer(events)).result,
  }
  const buffer = new WriteBuffer(deps, { maxDelayMs: 1, ...options })
  const record = (conversation: string, id: string, signal?: AbortSignal) =>
    buffer.record([prepared(conversation, id)], signal ? { signal } : {})
  const release = () => {
    for (const go of held.splice(0)) go()
  }
  return { buffer, service, requests, state, record, release, deps }
}

/** A service that never answers: a request of a Worker's request that has ended. */
const NEVER = new Promise<never>(() => {})

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
const at = (conversation_id: string, seq: number) => ({
  recorded: 1,
  duplicates: 0,
  conflicts: [],
  conversations: [{ conversation_id, first_seq: seq, last_seq: seq }],
})

describe('a buffer', () => {
  it('sends what is recorded at once in one request, and answers each call for itself', async () => {
    const { record, requests } = open()
    const results = await Promise.all([record('a', '1'), record('b', '2'), record('a', '3')])
    expect(results).toEqual([at('a', 1), at('b', 1), at('a', 2)])
    expect(requests).toEqual([['1', '2', '3']])
  })

  it('tells of a repeated event, and not to the call beside it', async () => {
    const { record, requests } = open()
    await record('a', '1')
    const results = await Promise.all([record('a', '2'), record('a', '1')])
    expect(results).toEqual([at('a', 2), { ...at('a', 1), recorded: 0, duplicates: 1 }])
    expect(requests).toEqual([['1'], ['2', '1']])
  })

  it('sends a full batch without delay', async () => {
    const { record, requests } = open({ maxDelayMs: 1e6, maxEvents: 2 })
    await Promise.all([record('a', '1'), record('a', '2')])
    expect(requests).toEqual([['1', '2']])
  })

  it('lets no event leave while one of its conversation is under way, and others go', async () => {
    const { record, requests, state, release } = open({ maxEvents: 1 })
    state.holds = true
    const all = [record('a', '1'), record('a', '2'), record('b', '3')]
    await turn()
    expect(requests).toEqual([['1'], ['3']])
    state.holds = false
    release()
    expect(await Promise.all(all)).toEqual([at('a', 1), at('a', 2), at('b', 1)])
  })

  it('has no more requests under way than it may', async () => {
    const { record, requests, state, release } = open({ maxEvents: 1, maxInFlight: 2 })
    state.holds = true
    const all = ['a', 'b', 'c', 'd'].map((id) => record(id, id))
    await turn()
    expect(requests).toEqual([['a'], ['b']])
    state.holds = false
    release()
    await Promise.all(all)
    expect(requests).toHaveLength(4)
  })

  it('makes one call’s fault its own', async () => {
    const { record, requests, state } = open()
    state.refuses = 'bad'
    const results = await Promise.allSettled([record('a', '1'), record('a', 'bad'), record('a', '3')])
    expect(results).toMatchObject([{ value: at('a', 1) }, { reason: refused }, { value: at('a', 2) }])
    expect(requests).toEqual([['1', 'bad', '3'], ['1'], ['bad'], ['3']])
  })

  it('tells every call of a request that failed, and goes on', async () => {
    const { record, state } = open()
    state.isAway = true
    const results = await Promise.allSettled([record('a', '1'), record('b', '2')])
    expect(results).toMatchObject([{ reason: away }, { reason: away }])
    state.isAway = false
    expect(await record('a', '1')).toEqual(at('a', 1))
  })

  it('refuses at once what is beyond its memory, and takes more when there is room again', async () => {
    const { memory } = new BufferedCall([prepared('a', '1')], {}, 0)
    const { record, state, release, service } = open({ maxBufferedBytes: 2 * memory })
    state.holds = true
    const taken = [record('a', '1'), record('a', '2')]
    await expect(record('a', '3')).rejects.toMatchObject({ tag: 'event-persistence', transient: true, repeatIsSafe: true })
    state.holds = false
    await turn()
    release()
    await Promise.all(taken)
    await record('a', '3')
    expect(service.conversations.get('a')).toEqual(['1', '2', '3'])
  })

  it('refuses for good a list that is larger than its memory', async () => {
    const { record } = open({ maxBufferedBytes: 1 })
    await expect(record('a', '1')).rejects.toMatchObject({ transient: false, refusesData: true })
  })
})

describe('a buffer whose requests or timers die with whoever began them', () => {
  it('gives up what was never answered, and goes on with what waited behind it', async () => {
    const { record, buffer, service, deps } = open({}, 50)
    const answering = deps.recordCall
    deps.recordCall = () => NEVER
    const lost = record('a', '1')
    await turn()
    deps.recordCall = answering
    const behind = record('a', '2')
    await expect(lost).rejects.toMatchObject({ tag: 'event-persistence', transient: true, repeatIsSafe: true })
    expect(await behind).toEqual(at('a', 1))
    expect(service.conversations.get('a')).toEqual(['2'])
    await expect(buffer.flush()).rejects.toBeInstanceOf(EventPersistenceError)
  })

  it('takes no second outcome of what it gave up', async () => {
    const { record, service, deps } = open({}, 50)
    const answering = deps.recordCall
    let answer = () => {}
    deps.recordCall = async (events, options) => {
      await new Promise<void>((go) => {
        answer = go
      })
      return answering(events, options)
    }
    await expect(record('a', '1')).rejects.toMatchObject({ transient: true })
    deps.recordCall = answering
    answer()
    expect(await record('a', '2')).toEqual(at('a', 2))
    expect(service.conversations.get('a')).toEqual(['1', '2'])
  })

  it('does what a timer that never fires should have done', async () => {
    const { buffer, requests } = open({ maxDelayMs: 20 })
    const real = globalThis.setTimeout
    let first: Promise<unknown>
    try {
      globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout
      first = buffer.record([prepared('a', '1')], {})
    } finally {
      globalThis.setTimeout = real
    }
    const second = buffer.record([prepared('b', '2')], {})
    expect(await Promise.all([first, second])).toEqual([at('a', 1), at('b', 1)])
    expect(requests).toEqual([['1', '2']])
  })
})

describe('a refused request whose calls go one by one', () => {
  it('fails all that is left of them once the service is away', async () => {
    const { record, requests, state, deps } = open()
    state.refuses = 'bad'
    const answering = deps.recordCall
    deps.recordCall = async (events, options) => {
      state.isAway = true
      return answering(events, options)
    }
    const results = await Promise.allSettled(['1', 'bad', '3', '4'].map((id) => record('a', id)))
    expect(results.map((one) => one.status === 'rejected' && one.reason)).toEqual([away, away, away, away])
    expect(requests).toEqual([['1', 'bad', '3', '4'], ['1']])
  })
})

describe('a signal', () => {
  it('takes a call out before it leaves', async () => {
    const { record, buffer, service } = open({ maxDelayMs: 1e6 })
    const controller = new AbortController()
    const withdrawn = record('a', '1', controller.signal)
    const kept = record('a', '2')
    controller.abort(new Error('enough'))
    await expect(withdrawn).rejects.toThrow('enough')
    await buffer.flush()
    expect(await kept).toEqual(at('a', 1))
    expect(service.conversations.get('a')).toEqual(['2'])
  })

  it('rejects a call that has left, whose events are recorded all the same', async () => {
    const { record, buffer, state, release, service } = open()
    state.holds = true
    const controller = new AbortController()
    const rejected = record('a', '1', controller.signal)
    await turn()
    controller.abort(new Error('enough'))
    await expect(rejected).rejects.toThrow('enough')
    release()
    await buffer.flush()
    expect(service.conversations.get('a')).toEqual(['1'])
  })
})

describe('flushing', () => {
  it('sends what waits at once, and waits until all of it is settled', async () => {
    const { record, buffer, service } = open({ maxDelayMs: 1e6, maxEvents: 2, maxInFlight: 1 })
    const all = ['1', '2', '3', '4', '5'].map((id) => record('a', id))
    await buffer.flush()
    expect(service.conversations.get('a')).toEqual(['1', '2', '3', '4', '5'])
    await Promise.all(all)
  })

  it('rejects with the failure of what was recorded before', async () => {
    const { record, buffer, state } = open()
    state.isAway = true
    const failing = record('a', '1')
    await expect(buffer.flush()).rejects.toBe(away)
    await expect(failing).rejects.toBe(away)
    await buffer.flush()
  })

  it('of one conversation does not wait for the others', async () => {
    const { record, buffer, state, release } = open({ maxEvents: 1 })
    state.holds = true
    const other = record('b', '1')
    await turn()
    state.holds = false
    const wanted = record('a', '2')
    await buffer.settled('a')
    expect(await wanted).toEqual(at('a', 1))
    release()
    await other
  })
})
