import { describe, expect, it } from 'vitest'
import { comparePart, type LogEvent, type StoredRow } from '../../../src/local/verify/compare.ts'

const event = (seq: number): LogEvent => ({ seq, text: `{"event_id":"e${seq}", "n":${seq}.0}` })
const row = (seq: number, change: Partial<StoredRow> = {}): StoredRow => ({
  seq,
  event_id: `e${seq}`,
  position: String(100 + seq),
  text: event(seq).text,
  aside: false,
  ...change,
})
const start = () => ({ seq: null, position: 0n })
const kinds = (log: readonly LogEvent[], rows: readonly StoredRow[], persisted = 3) =>
  comparePart(log, rows, persisted, start()).differences.map(({ kind, seq }) => `${kind} ${seq}`)

const LOG = [event(1), event(2), event(3)]

describe('a log and its rows', () => {
  it('agree where every event stands in its place, in whatever order the rows come', () => {
    expect(comparePart(LOG, [row(3), row(1), row(2)], 3, start())).toEqual({ differences: [], delivered: 3, waiting: 0 })
  })

  it('may differ by what is not confirmed yet', () => {
    expect(comparePart(LOG, [row(1)], 1, start())).toEqual({ differences: [], delivered: 1, waiting: 2 })
    expect(comparePart(LOG, [row(1), row(2)], 1, start())).toEqual({ differences: [], delivered: 2, waiting: 1 })
  })

  it.each([
    ['a confirmed event is missing', LOG, [row(1), row(3)], ['missing 2']],
    ['the text is another one', LOG, [row(1), row(2, { text: '{"event_id":"e2", "n":2}' }), row(3)], ['altered 2']],
    ['the id is another one', LOG, [row(1), row(2, { event_id: 'e9' }), row(3)], ['altered 2']],
    ['an event stands twice', LOG, [row(1), row(2), row(2, { position: '400' }), row(3)], ['repeated 2']],
    ['the feed has another order', LOG, [row(1, { position: '200' }), row(2), row(3, { position: '300' })], ['out of order 2']],
    ['Postgres has more', LOG, [row(1), row(2), row(3), row(4)], ['unknown 4']],
    ['the log has a gap', [event(1), event(3)], [row(1), row(3)], ['gap 3']],
    ['an event is set aside', LOG, [row(1), row(2, { aside: true, position: '900' }), row(3)], []],
  ])('differ where %s', (_, log, rows, expected) => {
    expect(kinds(log, rows)).toEqual(expected)
  })

  it('are compared across parts', () => {
    const progress = start()
    comparePart([event(1)], [row(1, { position: '500' })], 9, progress)
    const { differences } = comparePart([event(3)], [row(3)], 9, progress)
    expect(differences.map(({ kind }) => kind)).toEqual(['gap', 'out of order'])
  })
})
