import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { META_WORDS } from '../../src/conversation/dedupe-index.ts'
import { type Draft, lengthOf, offsetsOf, pick, SEGMENT_BYTES, split } from '../../src/conversation/segment.ts'
import { draftOfTexts, textsOf } from './samples.ts'

const json = fc.oneof(
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
)
const texts = fc.array(json, { minLength: 1, maxLength: 30 })

const utf8 = (text: string) => new TextEncoder().encode(text).byteLength
const bytesOf = (draft: Draft) => draft.body.byteLength + utf8(draft.heads)
const headsOf = (draft: Draft) => JSON.parse(`[${draft.heads}]`) as unknown[]

describe('picking events out of a draft', () => {
  it('keeps the chosen events, their heads and their meta in order', () => {
    fc.assert(
      fc.property(texts, fc.infiniteStream(fc.boolean()), (all, choice) => {
        const places = all.map((_, place) => place).filter(() => choice.next().value === true)
        const draft = draftOfTexts(all)
        const picked = pick(draft, places)
        expect(textsOf(picked)).toEqual(places.map((place) => JSON.parse(all[place] as string)))
        expect(headsOf(picked)).toEqual(places.map((place) => headsOf(draft)[place]))
        expect(picked.meta.length).toBe(places.length * META_WORDS)
        places.forEach((place, i) => {
          expect(picked.meta.subarray(i * META_WORDS, (i + 1) * META_WORDS)).toEqual(
            draft.meta.subarray(place * META_WORDS, (place + 1) * META_WORDS),
          )
        })
      }),
    )
  })

  it('copies nothing when all are chosen', () => {
    const draft = draftOfTexts(['1', '2'])
    expect(pick(draft, [0, 1])).toBe(draft)
  })
})

describe('splitting a draft into rows', () => {
  it('loses nothing, keeps the order, and makes no part too large but one of a single event', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 2000 }), (all, limit) => {
        const draft = draftOfTexts(all)
        const parts = split(draft, limit)
        expect(parts.flatMap(textsOf)).toEqual(all.map((text) => JSON.parse(text)))
        expect(parts.flatMap(headsOf)).toEqual(headsOf(draft))
        expect(parts.flatMap((part) => [...part.meta])).toEqual([...draft.meta])
        for (const part of parts) {
          expect(part.meta.length).toBeGreaterThan(0)
          if (part.meta.length > META_WORDS) expect(bytesOf(part)).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })

  it('leaves a draft that fits as it is', () => {
    const draft = draftOfTexts(['{"a":1}', '{"b":2}'])
    expect(split(draft)).toEqual([draft])
  })

  it('gives each part bytes of its own, so that none keeps or carries the whole', () => {
    for (const { body } of split(draftOfTexts(Array.from({ length: 10 }, () => '"1234567890"')), 100)) {
      expect(body.buffer.byteLength).toBe(body.byteLength)
    }
  })

  it('gives an event of 4 MiB a part of its own', () => {
    const large = JSON.stringify('x'.repeat(4 * 1024 * 1024 - 2))
    const parts = split(draftOfTexts(['1', large, '2']))
    expect(parts.map((part) => part.meta.length / META_WORDS)).toEqual([1, 1, 1])
    expect(parts.map((part) => part.body.byteLength)).toEqual([1, 4 * 1024 * 1024, 1])
  })

  it('counts the heads, which alone can fill a row', () => {
    const heads = Array.from({ length: 100 }, () => JSON.stringify({ event_id: '€'.repeat(10_000) })).join(',')
    const parts = split({ ...draftOfTexts(Array.from({ length: 100 }, () => '1')), heads })
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(SEGMENT_BYTES)
  })
})

it('finds each event in the body by its length', () => {
  fc.assert(
    fc.property(texts, (all) => {
      const { meta, body } = draftOfTexts(all)
      const found = offsetsOf(meta).map((offset, place) =>
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(offset, offset + lengthOf(meta, place))),
      )
      expect(found).toEqual(all.map((text) => text.toWellFormed()))
    }),
  )
})
