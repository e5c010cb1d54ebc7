import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planBatch, type WaitingCall } from '../../../src/client/buffer/plan-batch.ts'

const LIMITS = { events: 10, bytes: 1_000, conversations: 5 }
let number = 0

function call(conversations: string, members: Partial<WaitingCall> & { events?: number } = {}): WaitingCall {
  const { events = 1, ...rest } = members
  const eventIds = Array.from({ length: events }, () => `event-${++number}`)
  return { conversations: new Set(conversations), eventIds, bytes: 10, alone: false, dueAt: 100, ...rest }
}

const plan = (waiting: readonly WaitingCall[], { busy = '', now = 0 } = {}) => planBatch(waiting, new Set(busy), LIMITS, now)

describe('what leaves now', () => {
  it('is nothing where nothing waits', () => {
    expect(plan([])).toEqual({ take: [], wakeAt: null })
  })

  it('is nothing before the first call is due, and all that there is then', () => {
    const waiting = [call('a', { dueAt: 7 }), call('b', { dueAt: 5 }), call('a', { dueAt: 9 })]
    expect(plan(waiting, { now: 4 })).toEqual({ take: [], wakeAt: 5 })
    expect(plan(waiting, { now: 5 }).take).toEqual(waiting)
  })

  it.each([
    ['events', [call('a', { events: 6 }), call('b', { events: 4 })]],
    ['bytes', [call('a', { bytes: 600 }), call('b', { bytes: 400 })]],
  ])('is a full batch of %s, due or not', (_, full) => {
    expect(plan([...full, call('c')]).take).toEqual(full)
  })

  it.each([
    ['events', [call('a', { events: 6 }), call('b', { events: 5 })]],
    ['bytes', [call('a', { bytes: 600 }), call('b', { bytes: 500 })]],
    ['conversations', [call('abc'), call('def')]],
  ])('is what fits, when the next call has too many %s', (_, waiting) => {
    expect(plan(waiting).take).toEqual(waiting.slice(0, 1))
  })

  it('is a call that fits no batch, by itself', () => {
    const large = call('a', { events: 50, bytes: 10_000 })
    expect(plan([large, call('b')]).take).toEqual([large])
  })

  it('is what asks to go alone, by itself', () => {
    const alone = call('b', { alone: true })
    const waiting = [call('a'), alone, call('c')]
    expect(plan(waiting).take).toEqual(waiting.slice(0, 1))
    expect(plan(waiting.slice(1)).take).toEqual([alone])
  })

  it('passes over conversations that are under way, and over all behind such a call that shares one with it', () => {
    const waiting = [call('ab'), call('b'), call('c'), call('bc'), call('c'), call('d')]
    expect(plan(waiting, { busy: 'a', now: 100 }).take).toEqual([waiting[2], waiting[5]])
  })

  it('never holds two calls that record one id', () => {
    const waiting = [call('a', { eventIds: ['x'] }), call('b', { eventIds: ['y', 'x'] })]
    expect(plan(waiting, { now: 100 }).take).toEqual(waiting.slice(0, 1))
  })
})

describe('any course of calls and answers', () => {
  const calls = fc.array(
    fc.record({
      conversations: fc.subarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 1 }),
      events: fc.integer({ min: 1, max: 12 }),
      bytes: fc.integer({ min: 1, max: 1_200 }),
      alone: fc.boolean(),
      ends: fc.nat(),
    }),
    { maxLength: 40, size: 'max' },
  )

  it('lets every call leave once, in the order of each of its conversations, never two at a time there', () => {
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat()), (drawn, choices) => {
        const all = drawn.map(({ conversations, ...rest }) => call(conversations.join(''), rest))
        const left = new Map<WaitingCall, number>()
        let waiting = [...all]
        let underWay: (readonly WaitingCall[])[] = []
        for (let turn = 0; waiting.length > 0 || underWay.length > 0; turn++) {
          const busy = underWay.flat().flatMap(({ conversations }) => [...conversations])
          expect(new Set(busy).size).toBe(
            underWay.reduce((sum, batch) => sum + new Set(batch.flatMap(({ conversations }) => [...conversations])).size, 0),
          )
          const { take } = planBatch(waiting, new Set(busy), LIMITS, 1_000)
          for (const one of take) left.set(one, turn)
          waiting = waiting.filter((one) => !take.includes(one))
          if (take.length > 0) underWay.push(take)
          // Without anything under way something must leave, or the rest waits for ever.
          expect(take.length > 0 || underWay.length > 0).toBe(true)
          if (take.length === 0 || underWay.length === 3) {
            const ended = (choices.next().value as number) % underWay.length
            underWay = underWay.filter((_, i) => i !== ended)
          }
        }
        expect(left.size).toBe(all.length)
        all.forEach((later, j) => {
          for (const earlier of all.slice(0, j)) {
            if (earlier.conversations.isDisjointFrom(later.conversations)) continue
            expect(left.get(earlier)).toBeLessThanOrEqual(left.get(later) as number)
          }
        })
      }),
    )
  })
})
