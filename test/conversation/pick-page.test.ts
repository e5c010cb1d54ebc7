import { describe, expect, it } from 'vitest'
import { META_LENGTH, META_WORDS } from '../../src/conversation/dedupe-index.ts'
import { type PageQuery, type PickedPage, pickPage } from '../../src/conversation/page.ts'
import type { Segment } from '../../src/conversation/segment.ts'
import { draftOfTexts, placesOf, segmentsOf } from './samples.ts'

const seqsOf = (page: PickedPage) => placesOf(page).map(({ seq }) => seq)

/** Segments of 3, 1 and 4 events, ten bytes each: seqs 1 to 8. Heads alternate from `Even` in each segment. */
const log = segmentsOf([3, 1, 4].map((count) => draftOfTexts(Array.from({ length: count }, () => '"12345678"'))))
const all: PageQuery = { after: 0, until_seq: 8, limit: 100, max_bytes: 1000 }

const isOdd = (head: unknown) => (head as { event_type: string }).event_type === 'Odd'

describe('picking a page', () => {
  it('takes everything that fits', () => {
    const page = pickPage(log, all)
    expect(seqsOf(page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(page).toMatchObject({ items: 8, bytes: 80, last_seq: 8, scanned_through: 8 })
  })

  it('ends at the limit of items, within a segment or between two', () => {
    for (const limit of [1, 2, 3, 4, 5, 8]) {
      const page = pickPage(log, { ...all, limit })
      expect(seqsOf(page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].slice(0, limit))
      expect(page.scanned_through).toBe(limit)
    }
  })

  it('ends before the event that would exceed the bytes, but has one event at least', () => {
    expect(seqsOf(pickPage(log, { ...all, max_bytes: 35 }))).toEqual([1, 2, 3])
    expect(seqsOf(pickPage(log, { ...all, max_bytes: 40 }))).toEqual([1, 2, 3, 4])
    expect(seqsOf(pickPage(log, { ...all, max_bytes: 1 }))).toEqual([1])
  })

  it('begins after the cursor and ends at the given seq', () => {
    expect(seqsOf(pickPage(log, { ...all, after: 2, until_seq: 6 }))).toEqual([3, 4, 5, 6])
    expect(seqsOf(pickPage(log, { ...all, until_seq: 3 }))).toEqual([1, 2, 3])
    expect(seqsOf(pickPage(log, { ...all, after: 8 }))).toEqual([])
  })

  it('takes only what the filter wants, and looks on for it', () => {
    const page = pickPage(log, all, isOdd)
    expect(seqsOf(page)).toEqual([2, 6, 8])
    expect(page.scanned_through).toBe(8)
  })

  it('finds every wanted event once over pages of any size', () => {
    for (const limit of [1, 2, 3]) {
      const found: number[] = []
      for (let after = 0; after < 8; ) {
        const page = pickPage(log.slice(firstHolding(after + 1)), { ...all, after, limit }, isOdd)
        found.push(...seqsOf(page))
        expect(page.scanned_through).toBeGreaterThan(after)
        after = page.scanned_through
      }
      expect(found).toEqual([2, 6, 8])
    }
  })

  it('parses no head without a filter, and none of the segments behind the page', () => {
    const poisoned = log.map((segment, i): Segment => (i === 0 ? segment : { ...segment, heads: '}' }))
    expect(seqsOf(pickPage(poisoned, all))).toHaveLength(8)
    expect(seqsOf(pickPage(poisoned, { ...all, until_seq: 3 }, () => true))).toEqual([1, 2, 3])
  })

  it('stops to look when a filter finds nothing in 20,000 events, and says where', () => {
    const count = 6_000
    const meta = new Uint32Array(count * META_WORDS)
    for (let at = META_LENGTH; at < meta.length; at += META_WORDS) meta[at] = 1
    const heads = Array.from({ length: count }, () => '{}').join(',')
    const drafts = Array.from({ length: 5 }, () => ({ meta, heads, body: new Uint8Array(2 * count - 1) }))
    let looked = 0
    const page = pickPage(segmentsOf(drafts), { ...all, until_seq: 30_000 }, () => {
      looked += 1
      return false
    })
    expect(page).toEqual({ runs: [], items: 0, bytes: 0, last_seq: null, scanned_through: 24_000 })
    expect(looked).toBe(24_000)
  })
})

function firstHolding(seq: number): number {
  return log.findIndex((segment) => seq < segment.first_seq + segment.count)
}
