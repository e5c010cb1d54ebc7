import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeNews, encodeNews, type LiveNews } from '../../../src/conversation/live-news.ts'
import { ConversationReader, MAX_HELD_BYTES } from '../../../src/http/live/conversation-reader.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** News whose items name their seqs. */
function news(first: number, last: number, { epoch = 7, floor = 0, along = true } = {}): LiveNews {
  const seqs = Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => `<${first + i}>`).join('')
  return { epoch, floor_seq: floor, first_seq: first, last_seq: last, items: encoder.encode(along ? seqs : '') }
}

/** The conversation stands at this seq. */
const standing = (head: number, options: { epoch?: number; floor?: number } = {}) => news(head + 1, head, options)

const written = (reader: ConversationReader) => {
  const step = reader.next()
  if (step.kind !== 'write') throw new Error(`the step is to ${step.kind}`)
  return decoder.decode(step.messages)
}

const upToDate = (cursor: number) => `event: up-to-date\ndata: {"cursor":"${cursor}"}\n\n`

describe('a live reader of a conversation', () => {
  it('waits until it has heard where the conversation stands', () => {
    const reader = new ConversationReader(0)
    expect(reader.next()).toEqual({ kind: 'wait' })
    reader.hear(standing(0))
    expect(written(reader)).toBe(upToDate(0))
    expect(reader.next()).toEqual({ kind: 'wait' })
  })

  it('reads what it lacks, and says once that it has everything', () => {
    const reader = new ConversationReader(2)
    reader.hear(standing(5))
    expect(reader.next()).toEqual({ kind: 'read', after: 2 })
    expect(reader.use({ epoch: 7, through_seq: 4 })).toBe(true)
    expect(reader.next()).toEqual({ kind: 'read', after: 4 })
    expect(reader.use({ epoch: 7, through_seq: 5 })).toBe(true)
    expect(written(reader)).toBe(upToDate(5))
    expect(reader.next()).toEqual({ kind: 'wait' })
  })

  it('uses what comes along right behind its cursor, several at once, without another call', () => {
    const reader = new ConversationReader(0)
    reader.hear(standing(0))
    written(reader)
    reader.hear(news(1, 2))
    reader.hear(news(3, 3))
    expect(written(reader)).toBe(`<1><2><3>${upToDate(3)}`)
    expect(reader.heldBytes).toBe(0)
  })

  it('reads what was not sent along, and what it missed', () => {
    const reader = new ConversationReader(0)
    reader.hear(standing(0))
    written(reader)
    reader.hear(news(1, 2, { along: false }))
    expect(reader.next()).toEqual({ kind: 'read', after: 0 })
    reader.use({ epoch: 7, through_seq: 2 })
    written(reader)
    reader.hear(news(4, 4))
    expect(reader.next()).toEqual({ kind: 'read', after: 2 })
  })

  it('goes over from reading to what came along meanwhile', () => {
    const reader = new ConversationReader(0)
    reader.hear(standing(3))
    expect(reader.next()).toEqual({ kind: 'read', after: 0 })
    reader.hear(news(4, 5))
    reader.hear(news(6, 6))
    reader.use({ epoch: 7, through_seq: 3 })
    expect(written(reader)).toBe(`<4><5><6>${upToDate(6)}`)
  })

  it('drops what came along and was read, too', () => {
    const reader = new ConversationReader(0)
    reader.hear(standing(3))
    reader.hear(news(4, 5))
    reader.hear(news(6, 6))
    reader.use({ epoch: 7, through_seq: 4 })
    expect(reader.next()).toEqual({ kind: 'read', after: 4 })
    expect(reader.heldBytes).toBeGreaterThan(0)
    reader.use({ epoch: 7, through_seq: 6 })
    expect(written(reader)).toBe(upToDate(6))
    expect(reader.heldBytes).toBe(0)
  })

  it('holds a bounded amount while its client is slow, and reads the rest', () => {
    const reader = new ConversationReader(0)
    reader.hear(standing(0))
    written(reader)
    for (let seq = 1; seq <= 100; seq++) {
      reader.hear({ ...news(seq, seq), items: new Uint8Array(10_000) })
      expect(reader.heldBytes).toBeLessThanOrEqual(MAX_HELD_BYTES)
    }
    expect(reader.next()).toMatchObject({ kind: 'write' })
    expect(reader.cursor).toBe(26)
    expect(reader.next()).toEqual({ kind: 'read', after: 26 })
  })

  it('begins again where everything was cleared, and tells its client', () => {
    const reader = new ConversationReader(3)
    reader.hear(standing(3))
    written(reader)
    reader.hear(standing(0, { epoch: 8 }))
    expect(written(reader)).toBe('event: up-to-date\nid: 0\ndata: {"cursor":"0"}\n\n')
    reader.hear(news(1, 1, { epoch: 8 }))
    expect(written(reader)).toBe(`<1>${upToDate(1)}`)
  })

  it('goes on where a part was cleared', () => {
    const reader = new ConversationReader(3)
    reader.hear(standing(4))
    reader.hear(standing(4, { epoch: 8, floor: 2 }))
    expect(reader.next()).toEqual({ kind: 'read', after: 3 })
  })

  it('begins again with a cursor that the conversation has not reached', () => {
    const reader = new ConversationReader(9)
    reader.hear(standing(2))
    expect(reader.next()).toEqual({ kind: 'read', after: 0 })
  })

  it('does not use a page of another epoch', () => {
    const reader = new ConversationReader(3)
    reader.hear(standing(5))
    expect(reader.use({ epoch: 8, through_seq: 5 })).toBe(false)
    expect(reader.cursor).toBe(3)
  })

  it('does not ask again and again for what is counted but gone', () => {
    const reader = new ConversationReader(3)
    reader.hear(standing(5))
    expect(reader.use({ epoch: 7, through_seq: 3 })).toBe(true)
    expect(written(reader)).toBe(upToDate(3))
    expect(reader.next()).toEqual({ kind: 'wait' })
  })

  it('brings each event once and in order, whatever news is lost, repeated or out of order', () => {
    const happening = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          what: fc.constant('append' as const),
          count: fc.integer({ min: 1, max: 4 }),
          along: fc.boolean(),
          told: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('again' as const), back: fc.nat(5) }) },
      { weight: 4, arbitrary: fc.record({ what: fc.constant('step' as const), most: fc.integer({ min: 1, max: 3 }) }) },
      { weight: 1, arbitrary: fc.constant({ what: 'reopen' as const }) },
    )
    fc.assert(
      fc.property(fc.nat(3), fc.array(happening, { maxLength: 60 }), (after, happenings) => {
        let head = 3
        const told: LiveNews[] = []
        const reader = new ConversationReader(after)
        const got: number[] = []
        reader.hear(standing(head))
        const step = (most: number) => {
          const next = reader.next()
          if (next.kind === 'write')
            got.push(...[...decoder.decode(next.messages).matchAll(/<(\d+)>/g)].map(([, seq]) => Number(seq)))
          if (next.kind === 'read') {
            const through = Math.min(next.after + most, head)
            reader.use({ epoch: 7, through_seq: through })
            for (let seq = next.after + 1; seq <= through; seq++) got.push(seq)
          }
          return next.kind
        }
        for (const one of happenings) {
          if (one.what === 'append') {
            const message = news(head + 1, head + one.count, { along: one.along })
            head += one.count
            told.push(message)
            if (one.told) reader.hear(message)
          } else if (one.what === 'again') {
            const message = told.at(-1 - one.back)
            if (message) reader.hear(message)
          } else if (one.what === 'step') step(one.most)
          else {
            reader.lost()
            reader.hear(standing(head))
          }
        }
        reader.lost()
        reader.hear(standing(head))
        while (step(3) !== 'wait');
        expect(got).toEqual(Array.from({ length: head - after }, (_, i) => after + 1 + i))
      }),
    )
  })
})

describe('news on its way', () => {
  it('arrives as it was sent', () => {
    const message = {
      epoch: 4_294_967_295,
      floor_seq: 2,
      first_seq: 3,
      last_seq: Number.MAX_SAFE_INTEGER,
      items: encoder.encode('x\n\n'),
    }
    expect(decodeNews(encodeNews(message).buffer)).toEqual(message)
  })
})
