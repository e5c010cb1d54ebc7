import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SessionCarrier } from '../../src/client/session-carrier.ts'
import { decodeSession, encodeSession } from '../../src/protocol/session.ts'

function header(written: Record<string, number>, cleared: number | null = null): string {
  return encodeSession({ written: new Map(Object.entries(written)), cleared_through: cleared }).value ?? ''
}

function carrying(written: Record<string, number>): SessionCarrier {
  const carrier = new SessionCarrier()
  for (const [id, seq] of Object.entries(written)) carrier.receive(carrier.send(), header({ [id]: seq }))
  return carrier
}

const carried = (carrier: SessionCarrier) => Object.fromEntries(carrier.written())
const sendAll = (carrier: SessionCarrier) => carrier.send(carrier.written())
const clearedThrough = (carrier: SessionCarrier) => decodeSession(carrier.send().value ?? '')?.cleared_through ?? null

describe('what a client carries of its session', () => {
  it('holds the writes of every answer, whichever comes last', () => {
    const carrier = new SessionCarrier()
    const [first, second] = [carrier.send(), carrier.send()]
    carrier.receive(second, header({ b: 1 }))
    carrier.receive(first, header({ a: 1 }))
    expect(carried(carrier)).toEqual({ a: 1, b: 1 })
  })

  it('keeps the higher seq of a conversation', () => {
    expect(carried(carrying({ a: 5 }))).toEqual({ a: 5 })
    const carrier = carrying({ a: 5 })
    carrier.receive(carrier.send(), header({ a: 4 }))
    expect(carried(carrier)).toEqual({ a: 5 })
  })

  it('lets go of what a request sent and its answer left out', () => {
    const carrier = carrying({ a: 1, b: 2 })
    carrier.receive(sendAll(carrier), header({ b: 2 }))
    expect(carried(carrier)).toEqual({ b: 2 })
    carrier.receive(sendAll(carrier), '')
    expect(carried(carrier)).toEqual({})
  })

  it('keeps what was written after a request had left, in its conversations and in others', () => {
    const carrier = carrying({ a: 1 })
    const read = sendAll(carrier)
    carrier.receive(carrier.send(), header({ a: 2 }))
    carrier.receive(carrier.send(), header({ b: 1 }))
    carrier.receive(read, '')
    expect(carried(carrier)).toEqual({ a: 2, b: 1 })
  })

  it.each([
    ['without a header', null],
    ['with one that cannot be read', '%'],
  ])('changes nothing at an answer %s', (_, value) => {
    const carrier = carrying({ a: 1 })
    carrier.receive(sendAll(carrier), value)
    expect(carried(carrier)).toEqual({ a: 1 })
  })

  it('knows of the last clearing, whichever answer tells of it', () => {
    const carrier = new SessionCarrier()
    expect(carrier.send().value).toBeNull()
    for (const cleared of [7, 9, 8, null]) carrier.receive(carrier.send(), header({}, cleared))
    expect(clearedThrough(carrier)).toBe(9)
  })

  it('forgets at a clearing what was written before it, and nothing else', () => {
    const carrier = carrying({ a: 1, b: 1 })
    const before = carrier.written()
    carrier.receive(carrier.send(), header({ b: 2, c: 1 }))
    carrier.forget(before)
    expect(carried(carrier)).toEqual({ b: 2, c: 1 })
  })

  it('sends the oldest writes when not all fit, and names in `written` just what the header does', () => {
    const carrier = carrying(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`conversation-${i}`, i + 1])))
    carrier.receive(carrier.send(), header({ 'conversation-0': 1000 }))
    const { value, written } = sendAll(carrier)
    expect(written.size).toBeGreaterThan(10)
    expect(written.size).toBeLessThan(300)
    expect([...written.keys()]).toEqual([...carrier.written().keys()].slice(0, written.size))
    expect([...written.keys()][0]).toBe('conversation-1')
    expect(new Map(decodeSession(value ?? '')?.written)).toEqual(new Map([...written].reverse()))
  })
})

/** A service with its conversations' heads, and how far each of them is in the history. */
type Step =
  | { readonly kind: 'write'; readonly conversation: number }
  | { readonly kind: 'read' }
  | { readonly kind: 'answer'; readonly which: number; readonly lost: boolean }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('write' as const), conversation: fc.nat(2) }),
    fc.record({ kind: fc.constant('read' as const) }),
    fc.record({ kind: fc.constant('answer' as const), which: fc.nat(), lost: fc.boolean() }),
  ),
  // The default size would give 10 steps at most, too few for two writes to overtake a read.
  { maxLength: 60, size: 'max' },
)

describe('any interleaving of calls and answers', () => {
  it('loses no write that was answered and is not in the history', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const carrier = new SessionCarrier()
        const heads = new Map<string, number>()
        const inHistory = new Map<string, number>()
        const answered = new Map<string, number>()
        const underWay: ((lost: boolean) => void)[] = []
        for (const step of all) {
          if (step.kind === 'write') {
            const id = `c${step.conversation}`
            const seq = (heads.get(id) ?? 0) + 1
            heads.set(id, seq)
            const sent = carrier.send()
            underWay.push(() => {
              carrier.receive(sent, header({ [id]: seq }))
              answered.set(id, Math.max(seq, answered.get(id) ?? 0))
            })
          } else if (step.kind === 'read') {
            const sent = sendAll(carrier)
            for (const id of sent.written.keys()) inHistory.set(id, heads.get(id) ?? 0)
            underWay.push((lost) => carrier.receive(sent, lost ? null : ''))
          } else if (underWay.length > 0) {
            const [answer] = underWay.splice(step.which % underWay.length, 1)
            answer?.(step.lost)
          }
          for (const [id, seq] of answered) {
            if (seq > (inHistory.get(id) ?? 0)) expect(carrier.written().get(id) ?? 0).toBeGreaterThanOrEqual(seq)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('ends with nothing carried once a last read is answered', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4)), (writes) => {
        const carrier = new SessionCarrier()
        writes.forEach((conversation, i) => {
          carrier.receive(carrier.send(), header({ [`c${conversation}`]: i + 1 }))
        })
        carrier.receive(sendAll(carrier), '')
        expect(carrier.size).toBe(0)
      }),
    )
  })
})
