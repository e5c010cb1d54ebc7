import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pickPage } from '../../src/conversation/page.ts'
import { renderItems } from '../../src/conversation/render-items.ts'
import type { Segment } from '../../src/conversation/segment.ts'
import { draftOfTexts, placesOf, segmentsOf } from './samples.ts'

const everything = { after: 0, until_seq: Number.MAX_SAFE_INTEGER, limit: 1000, max_bytes: 1e9 }
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)

function render(segments: readonly Segment[], format: 'json' | 'ndjson'): string {
  return decode(renderItems(pickPage(segments, everything), format))
}

/** Texts as clients send them: with white space between their tokens, and any character inside strings. */
const texts = fc.array(
  fc
    .tuple(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { maxKeys: 4 }),
      fc.constantFrom('', ' ', '\n', '\r\n', '\t'),
    )
    .map(([value, space]) => `{${space}"value"${space}:${JSON.stringify(value, null, space)}${space}}`),
  { minLength: 1, maxLength: 6 },
)

describe('rendering a page', () => {
  it('writes the framed page that JSON.parse reads back', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), (groups) => {
        const segments = segmentsOf(groups.map(draftOfTexts))
        const page = pickPage(segments, everything)
        const body = decode(renderItems(page, 'json', '{"items":[', '],"next_cursor":"12"}'))
        const events = groups.flat()
        expect(JSON.parse(body)).toEqual({
          items: placesOf(page).map(({ segment, seq }, i) => ({
            seq,
            cursor: String(seq),
            recorded_at: new Date(segment.recorded_at).toISOString(),
            event: JSON.parse(events[i] as string),
          })),
          next_cursor: '12',
        })
        for (const text of events) expect(body).toContain(`"event":${text}}`)
      }),
    )
  })

  it('writes one line an item, whatever line breaks the events have', () => {
    fc.assert(
      fc.property(texts, (events) => {
        const lines = render(segmentsOf([draftOfTexts(events)]), 'ndjson').split('\n')
        expect(lines.pop()).toBe('')
        expect(lines.join('')).not.toContain('\r')
        expect(lines.map((line) => (JSON.parse(line) as { event: unknown }).event)).toEqual(
          events.map((text) => JSON.parse(text)),
        )
      }),
    )
  })

  it('leaves the stored bytes as they are when it joins lines', () => {
    const segments = segmentsOf([draftOfTexts(['{\n"a":1\r\n}'])])
    render(segments, 'ndjson')
    expect(render(segments, 'json')).toContain('{\n"a":1\r\n}')
  })

  it('keeps numbers and escapes as they are written', () => {
    const text = '{"t":1756377611078069123,"z":1.0e+2,"s":"\\u0000\\ud800 \\u00e9"}'
    expect(render(segmentsOf([draftOfTexts([text])]), 'json')).toContain(`"event":${text}}`)
  })

  it('has room for the largest seq', () => {
    const [segment] = segmentsOf([draftOfTexts(['1', '2'])])
    const late = { ...(segment as Segment), first_seq: Number.MAX_SAFE_INTEGER - 1 }
    const items = JSON.parse(`[${render([late], 'json')}]`) as { seq: number; cursor: string; event: number }[]
    expect(items.map(({ seq, cursor, event }) => [seq, cursor, event])).toEqual([
      [Number.MAX_SAFE_INTEGER - 1, String(Number.MAX_SAFE_INTEGER - 1), 1],
      [Number.MAX_SAFE_INTEGER, String(Number.MAX_SAFE_INTEGER), 2],
    ])
  })

  it('writes the same from segments that keep what was rendered, wherever pages begin and end and whatever was read before', () => {
    fc.assert(
      fc.property(
        fc.array(texts, { minLength: 1, maxLength: 5 }),
        fc.array(
          fc.record({
            after: fc.nat(8),
            limit: fc.integer({ min: 1, max: 12 }),
            format: fc.constantFrom('json', 'ndjson', 'sse'),
            parity: fc.constantFrom('Odd', undefined),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        (groups, reads) => {
          const segments = segmentsOf(groups.map(draftOfTexts))
          const keeping = segments.map((segment): Segment => ({ ...segment, kept: { items: null } }))
          for (const { after, limit, format, parity } of reads) {
            const matches = parity && ((head: unknown) => (head as { event_type: string }).event_type === parity)
            const rendered = (log: readonly Segment[]) =>
              decode(renderItems(pickPage(log, { ...everything, after, limit }, matches), format, '<', '>'))
            expect(rendered(keeping)).toBe(rendered(segments))
          }
        },
      ),
    )
  })

  it('writes an empty page as its frame alone', () => {
    expect(decode(renderItems(pickPage([], everything), 'json', '{"items":[', '],"next_cursor":null}'))).toBe(
      '{"items":[],"next_cursor":null}',
    )
    expect(render([], 'ndjson')).toBe('')
  })
})
