import { describe, expect, it } from 'vitest'
import { META_WORDS } from '../../src/conversation/dedupe-index.ts'
import { SegmentLog } from '../../src/conversation/segment-log.ts'
import { expectKnown, inStorage, metaOf, watch } from './log-support.ts'

describe('a log that lets go of its events', () => {
  const written = (cursors: readonly { readonly rowsWritten: number }[]) =>
    cursors.reduce((rows, { rowsWritten }) => rows + rowsWritten, 0)

  it.each(['trimmed', 'cleared'])('writes a few rows, not one for each that it had, when it is %s', async (how) => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      for (let n = 1; n <= 200; n++) log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
      const cursors = watch(sql)
      if (how === 'trimmed') log.trim()
      else log.forgetThrough(200, 2, 201, 201)
      expect(written(cursors)).toBeLessThan(10)
    })
  })

  it.each([1, 2, 3, 4])('writes no more than deleting its rows would, of which it has %d', async (appends) => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      for (let n = 1; n <= appends; n++) log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
      const cursors = watch(sql)
      log.trim()
      // Beside what is left of them, and the state.
      expect(written(cursors.splice(0))).toBeLessThanOrEqual(appends + 2)
      log.forgetThrough(appends, 2, 9, 9)
      expect(written(cursors)).toBeLessThanOrEqual(2)
    })
  })

  it('can still be cleared day by day, by the time of recording', async () => {
    const day = 86_400_000
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      const times = [1, day - 1, day, 3 * day, 3 * day + 5]
      for (const [n, time] of times.entries()) log.append({ meta: metaOf([n, n + 10]), heads: '', body: new Uint8Array(1) }, time)
      const cursors = watch(sql)
      log.trim()
      // A row a day, and the state.
      expect(written(cursors)).toBeLessThanOrEqual(5 + 3 + 1)
      expect(log.lastAt).toBe(3 * day + 5)
      expect([0, day - 1, day, 3 * day - 1, 4 * day - 1].map((marker) => log.lastSeqRecordedBy(marker))).toEqual([0, 4, 6, 6, 10])
      log.forgetThrough(6, 2, 9 * day, 3 * day - 1)
      expect(log.state).toMatchObject({ floor_seq: 6, trimmed_through: 10 })
      expectKnown(
        new SegmentLog(sql).index,
        [3, 13, 4, 14].map((number, place) => ({ number, seq: 7 + place })),
        new Set([0, 10, 1, 11, 2, 12]),
      )
    })
  })

  it('has the same tables as before', async () => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      const tables = () => sql.exec('SELECT type, name, sql FROM sqlite_master ORDER BY name').toArray()
      const made = tables()
      const append = () => {
        for (let n = 1; n <= 10; n++) log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
      }
      append()
      log.trim()
      expect(tables()).toEqual(made)
      append()
      log.forgetThrough(20, 2, 21, 21)
      expect(tables()).toEqual(made)
    })
  })

  it('deletes row by row where what earlier trimmings left is much', async () => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      log.append({ meta: new Uint32Array(70_000 * META_WORDS).map((_, i) => i), heads: '', body: new Uint8Array(1) }, 1)
      log.trim()
      for (let n = 1; n <= 10; n++) log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, 1 + n)
      const cursors = watch(sql)
      log.trim()
      expect(written(cursors)).toBe(10 + 2)
      expect(new SegmentLog(sql).index.count).toBe(70_010)
    })
  })

  it('keeps what earlier trimmings left, with its times, and does not write it anew for a single event', async () => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      const rows = () =>
        sql.exec('SELECT id / 16 AS seq, count, recorded_at, body IS NULL AS trimmed FROM segments ORDER BY id').toArray()
      const append = (...numbers: number[]) => {
        for (const n of numbers) log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
      }
      append(1, 2)
      log.trim()
      append(3, 4, 5)
      log.trim()
      append(6)
      const cursors = watch(sql)
      log.trim()
      expect(written(cursors)).toBeLessThan(4)
      expect(rows()).toEqual([
        { seq: 1, count: 2, recorded_at: 2, trimmed: 1 },
        { seq: 3, count: 3, recorded_at: 5, trimmed: 1 },
        { seq: 6, count: 1, recorded_at: 6, trimmed: 1 },
      ])
      const woken = new SegmentLog(sql)
      expect(woken.head).toBe(6)
      expectKnown(
        woken.index,
        [1, 2, 3, 4, 5, 6].map((number) => ({ number, seq: number })),
        new Set(),
      )
    })
  })
})
