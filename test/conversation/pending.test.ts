import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { handOut } from '../../src/conversation/pending.ts'
import { draftOfTexts, segmentsOf } from './samples.ts'

const log = { epoch: 3, tenant: 't', conversation_id: 'c' }
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('handing out what is pending', () => {
  it('hands out nothing of an empty log', () => {
    expect(handOut([], log, 0, 1000)).toBeNull()
  })

  it('joins segments, their heads and their bodies', () => {
    const segments = segmentsOf([draftOfTexts(['{"a":1}', '{"b":"é"}']), draftOfTexts(['{"c":3}'])])
    const handout = handOut(segments, log, 3, 1000)
    expect(handout).toMatchObject({
      ...log,
      segments: segments.map(({ first_seq, count, recorded_at }) => ({ first_seq, count, recorded_at })),
      through_seq: 3,
      more: false,
    })
    expect(decode(handout?.events as Uint8Array)).toBe('{"a":1},{"b":"é"},{"c":3}')
    expect((JSON.parse(`[${handout?.heads}]`) as { event_id: string }[]).map((head) => head.event_id)).toEqual(['e0', 'e1', 'e0'])
  })

  it('keeps to the limit with whole segments, and hands out one at least', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 8_000 }),
        (groups, limit) => {
          const segments = segmentsOf(groups.map((group) => draftOfTexts(group.map(String))))
          const taken = handOut(segments, log, groups.flat().length, limit)
          const count = taken?.segments.length ?? 0
          expect(count).toBeGreaterThan(0)
          expect(taken?.more).toBe(count < groups.length)
          expect(decode(taken?.events as Uint8Array)).toBe(groups.slice(0, count).flat().join(','))
          const bytes = (end: number) =>
            segments.slice(0, end).reduce((sum, { heads, body }) => sum + heads.length + body().byteLength, 0)
          if (count > 1) expect(bytes(count)).toBeLessThanOrEqual(limit)
          if (count < groups.length) expect(bytes(count + 1)).toBeGreaterThan(limit)
        },
      ),
    )
  })

  it('reads no body behind what it hands out', () => {
    const [first, second, third] = segmentsOf(['1', '2', '3'].map((text) => draftOfTexts([text])))
    if (!first || !second || !third) throw new Error('three segments were made')
    const read: number[] = []
    const watched = [first, second, third].map((segment) => ({
      ...segment,
      body: () => {
        read.push(segment.first_seq)
        return segment.body()
      },
    }))
    handOut(watched, log, 3, 1)
    expect(read).toEqual([1])
  })
})
