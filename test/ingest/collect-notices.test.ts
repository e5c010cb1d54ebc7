import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/conversation/rpc.ts'
import { noticeCollector } from '../../src/ingest/collect-notices.ts'

/** A collector whose time stands still until it is moved, and a queue that holds what it was sent. */
function collector() {
  const calls: string[][] = []
  const lines: { level: string; message: string; fields?: unknown }[] = []
  const kept: Promise<unknown>[] = []
  let time = 1_000_000
  let sleepers: { readonly at: number; readonly wake: () => void }[] = []
  const state = { queueIsAway: false }
  const notice = noticeCollector({
    send: async (notices: readonly Notice[]) => {
      if (state.queueIsAway) throw new Error('the queue is away')
      calls.push(notices.map(({ conversation_id }) => conversation_id))
    },
    keepAlive: (work) => kept.push(work),
    log: (level, message, fields) => lines.push({ level, message, ...(fields ? { fields } : {}) }),
    now: () => time,
    wait: (ms) => new Promise((wake) => sleepers.push({ at: time + ms, wake })),
  })
  return {
    calls,
    lines,
    kept,
    state,
    notice: (...ids: string[]) => {
      for (const conversation_id of ids) notice({ tenant: 't', conversation_id })
    },
    /** What waits when a request is stopped never goes on. */
    stopRequests: () => {
      sleepers = []
    },
    async pass(ms: number) {
      time += ms
      const due = sleepers.filter(({ at }) => at <= time)
      sleepers = sleepers.filter(({ at }) => at > time)
      for (const { wake } of due) wake()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('collecting notices', () => {
  it('sends those of requests that come together with one call, a moment later', async () => {
    const { calls, kept, notice, pass } = collector()
    notice('a')
    await pass(10)
    notice('b', 'c')
    expect(calls).toEqual([])
    await pass(10)
    expect(calls).toEqual([['a', 'b', 'c']])
    notice('d')
    await pass(20)
    expect(calls).toEqual([['a', 'b', 'c'], ['d']])
    expect(kept.length).toBe(2)
    await Promise.all(kept)
  })

  it('logs what the queue does not take, and goes on', async () => {
    const { calls, lines, kept, state, notice, pass } = collector()
    state.queueIsAway = true
    notice('a', 'b')
    await pass(20)
    await Promise.all(kept)
    const message = 'notices could not be queued; alarms repeat them'
    expect(lines).toEqual([{ level: 'warn', message, fields: { notices: 2, cause: 'Error: the queue is away' } }])
    state.queueIsAway = false
    notice('c')
    await pass(20)
    expect(calls).toEqual([['c']])
  })

  it('does not wait for a request that was stopped before it sent them', async () => {
    const { calls, notice, pass, stopRequests } = collector()
    notice('lost')
    stopRequests()
    await pass(999)
    notice('lost as well')
    await pass(1)
    notice('a')
    await pass(20)
    expect(calls).toEqual([['a']])
  })
})
