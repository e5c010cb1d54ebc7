import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSession, EMPTY_SESSION, encodeSession, type Session } from '../../src/protocol/session.ts'

const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
const sessions: fc.Arbitrary<Session> = fc.record({
  written: fc.array(fc.tuple(id, fc.integer({ min: 1 })), { maxLength: 300 }).map((entries) => new Map(entries)),
  cleared_through: fc.option(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
})

const encodeRaw = (value: unknown) => btoa(typeof value === 'string' ? value : JSON.stringify(value))

describe('the session header', () => {
  it('says again what it was made of: the newest writes that fit, and which did not', () => {
    fc.assert(
      fc.property(sessions, (session) => {
        const { value, left_out } = encodeSession(session)
        const back = value === null ? EMPTY_SESSION : decodeSession(value)
        expect(back?.cleared_through).toBe(session.cleared_through)
        expect([...(back?.written ?? [])]).toEqual([...session.written].slice(left_out.length))
        expect(left_out).toEqual([...session.written.keys()].slice(0, left_out.length))
      }),
    )
  })

  it('stays short enough for a header, and can stand in one', () => {
    fc.assert(
      fc.property(sessions, (session) => {
        const { value } = encodeSession(session)
        if (value !== null) expect(value).toMatch(/^[\w-]{1,4096}$/)
      }),
    )
  })

  it('leaves out nothing of a few writes, and something of very many', () => {
    const writes = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`conversation-${i}`, i + 1] as const))
    expect(encodeSession({ written: writes(20), cleared_through: null }).left_out).toEqual([])
    const { left_out } = encodeSession({ written: writes(1000), cleared_through: null })
    expect(left_out.length).toBeGreaterThan(0)
    expect(left_out).not.toContain('conversation-999')
  })

  it('has room for the longest id there is', () => {
    const written = new Map([['😀'.repeat(128), Number.MAX_SAFE_INTEGER]])
    expect(encodeSession({ written, cleared_through: Number.MAX_SAFE_INTEGER }).left_out).toEqual([])
  })

  it('says nothing when there is nothing to say', () => {
    expect(encodeSession(EMPTY_SESSION)).toEqual({ value: null, left_out: [] })
  })

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['no JSON', encodeRaw('{')],
    ['no object', encodeRaw([1])],
    ['another version', encodeRaw({ v: 2, w: [], c: null })],
    ['a member too many', encodeRaw({ v: 1, w: [], c: null, x: 1 })],
    ['a seq of 0', encodeRaw({ v: 1, w: [['a', 0]], c: null })],
    ['a seq that is no whole number', encodeRaw({ v: 1, w: [['a', 1.5]], c: null })],
    ['an empty id', encodeRaw({ v: 1, w: [['', 1]], c: null })],
    ['an id that is too long', encodeRaw({ v: 1, w: [['a'.repeat(257), 1]], c: null })],
    ['a clearing that is no number', encodeRaw({ v: 1, w: [], c: '1' })],
    ['bytes that are no UTF-8', btoa('"\xff"')],
    [
      'more than a header holds',
      encodeRaw({ v: 1, w: Array.from({ length: 200 }, (_, i) => [`conversation-${i}`, 1]), c: null }),
    ],
  ])('takes %s for no session', (_, value) => {
    expect(decodeSession(value)).toBeNull()
  })

  it('takes no text for a session that it did not give, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map(encodeJson)), (value) => {
        expect(decodeSession(value)).toBeNull()
      }),
    )
  })
})

function encodeJson(text: string): string {
  return Buffer.from(text).toString('base64url')
}
