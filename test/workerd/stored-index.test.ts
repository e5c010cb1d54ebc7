import { evictDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { META_WORDS } from '../../src/conversation/dedupe-index.ts'
import { type LogState, SegmentLog } from '../../src/conversation/segment-log.ts'
import { expectKnown, inStorage, metaOf, watch } from './log-support.ts'
import { Conversation } from './support.ts'

type Step =
  | { readonly do: 'append'; readonly events: number }
  | { readonly do: 'reopen' | 'look' }
  | { readonly do: 'trim'; readonly byOld: boolean }
  | { readonly do: 'forget'; readonly segments: number; readonly byOld: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), events: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), byOld: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), segments: fc.nat(6), byOld: fc.boolean() }) },
)

/** A change as a version makes it that knows nothing of blocks: they stay, and so does what the state says of them. */
function changeAsBefore(sql: SqlStorage, change: () => void): void {
  sql.exec('CREATE TABLE IF NOT EXISTS index_blocks (id INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT')
  const stateOf = () => JSON.parse(sql.exec<{ state: string }>('SELECT state FROM state').one().state) as object
  const { indexed } = stateOf() as LogState
  sql.exec('CREATE TABLE kept AS SELECT * FROM index_blocks')
  change()
  sql.exec('DELETE FROM index_blocks')
  sql.exec('INSERT INTO index_blocks SELECT * FROM kept')
  sql.exec('DROP TABLE kept')
  sql.exec('UPDATE state SET state = ?', JSON.stringify({ ...stateOf(), ...(indexed ? { indexed } : {}) }))
}

/** Blocks of three segments, and what must be known at each time: seq by number. */
function play(sql: SqlStorage, steps: readonly Step[]): void {
  let log = new SegmentLog(sql, 3)
  log.create('t', 'c', 1, 1)
  let known: { number: number; seq: number; at: number }[] = []
  const gone = new Set<number>()
  let next = 1
  let clock = 1
  for (const one of steps) {
    switch (one.do) {
      case 'append': {
        clock += 1
        const numbers = Array.from({ length: one.events }, () => next++)
        const first = log.head + 1
        log.append({ meta: metaOf(numbers), heads: '', body: new Uint8Array(one.events * 2 - 1) }, clock)
        known.push(...numbers.map((number, i) => ({ number, seq: first + i, at: clock })))
        break
      }
      case 'trim':
        if (one.byOld) changeAsBefore(sql, () => log.trim())
        else log.trim()
        if (one.byOld) log = new SegmentLog(sql, 3)
        known = known.map((entry) => ({ ...entry, at: log.lastAt }))
        break
      case 'forget': {
        // At a boundary between appends, as a clearing by time has it.
        const times = [...new Set(known.map(({ at }) => at))]
        const marker = times[one.segments % Math.max(times.length, 1)] ?? 0
        const seq = log.lastSeqRecordedBy(marker)
        if (seq === 0) break
        const forget = () => log.forgetThrough(seq, (log.state?.epoch ?? 0) + 1, clock, marker)
        if (one.byOld) changeAsBefore(sql, forget)
        else forget()
        if (one.byOld) log = new SegmentLog(sql, 3)
        for (const { number } of known.filter((entry) => entry.seq <= seq)) gone.add(number)
        known = known.filter((entry) => entry.seq > seq)
        break
      }
      case 'reopen':
        log = new SegmentLog(sql, 3)
        break
      case 'look':
        break
    }
    if (one.do !== 'append' || next % 2 === 0) expectKnown(log.index, known, gone)
  }
  log = new SegmentLog(sql, 3)
  expectKnown(log.index, known, gone)
}

describe('the index of a long log', () => {
  it('knows the same ids after any appends, wakings, trimmings and clearings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), (steps) =>
        inStorage((sql) => play(sql, steps)),
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it.each([2_000, 100, 1])(
    'takes few rows to read, however many appends made it, of which each %d found the object asleep',
    async (each) => {
      await inStorage((sql) => {
        let log = new SegmentLog(sql)
        log.create('t', 'c', 1, 1)
        for (let n = 1; n <= 2_000; n++) {
          if (n % each === 0) log = new SegmentLog(sql)
          expect(log.index.count).toBe(n - 1)
          log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
        }
        const woken = new SegmentLog(sql)
        const cursors = watch(sql)
        expect(woken.index.count).toBe(2_000)
        expect(cursors.reduce((rows, { rowsRead }) => rows + rowsRead, 0)).toBeLessThan(300)
      })
    },
  )

  it('comes into blocks of a row’s size where many events have none yet', async () => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql, 20)
      log.create('t', 'c', 1, 1)
      const each = 10_000
      for (let n = 0; n < 20; n++) {
        const meta = new Uint32Array(each * META_WORDS).map((_, i) => n * each * META_WORDS + i)
        log.append({ meta, heads: '', body: new Uint8Array(1) }, n)
      }
      const blocks = sql.exec<{ id: number; bytes: number }>('SELECT id, length(entries) AS bytes FROM index_blocks ORDER BY id')
      expect(blocks.toArray().map(({ id, bytes }) => [id, bytes / 16])).toEqual([
        [1, 65_536],
        [65_537, 65_536],
        [131_073, 65_536],
        [196_609, 3_392],
      ])
      const woken = new SegmentLog(sql, 20).index
      expect(woken.count).toBe(200_000)
      const last = 199_999 * META_WORDS
      expect(woken.seqOf(last, last + 1)).toBe(200_000)
    })
  })
})

describe('an object with a long log', () => {
  it('knows every id again after it was put away, trimmed, or cleared in part', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const ids = Array.from({ length: 600 }, (_, i) => `event-${i + 1}`)
    for (const id of ids) await conversation.record(id)
    await evictDurableObject(conversation.object)
    await conversation.quiet()
    const all = ids.map((event_id) => ({ event_id }))
    const repeated = { recorded: 0, duplicates: 600, conflicts: [], range: { first_seq: 1, last_seq: 600 } }
    expect(await conversation.append(all)).toMatchObject(repeated)
    expect(await conversation.append([{ event_id: 'event-300', note: 1 }])).toMatchObject({
      recorded: 0,
      conflicts: ['event-300'],
    })

    await conversation.trim()
    await evictDurableObject(conversation.object)
    await conversation.quiet()
    expect(await conversation.append(all)).toMatchObject(repeated)
    const { last_at } = (await conversation.rpc.stat()) as { last_at: number }
    await scheduler.wait(2)
    for (let n = 1; n <= 300; n++) await conversation.record(`later-${n}`)
    await conversation.rpc.clear(last_at)
    await evictDurableObject(conversation.object)
    await conversation.quiet()
    const later = Array.from({ length: 300 }, (_, i) => ({ event_id: `later-${i + 1}` }))
    expect(await conversation.append(later)).toMatchObject({ recorded: 0, duplicates: 300, range: { first_seq: 601 } })
    expect(await conversation.append(all)).toMatchObject({ recorded: 600, range: { first_seq: 901, last_seq: 1_500 } })
  })

  it.each(['trimmed', 'cleared'])('has no blocks left when it is %s', async (how) => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql, 3)
      log.create('t', 'c', 1, 1)
      for (let n = 1; n <= 10; n++) log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
      const blocks = () => sql.exec('SELECT id FROM index_blocks ORDER BY id').toArray()
      expect(blocks()).toEqual([{ id: 1 }, { id: 4 }, { id: 7 }])
      if (how === 'trimmed') log.trim()
      else log.forgetThrough(5, 2, 11, 5)
      expect(blocks()).toEqual([])
    })
  })

  it('writes a block and notes it with every 256th append', async () => {
    await inStorage((sql) => {
      const log = new SegmentLog(sql)
      log.create('t', 'c', 1, 1)
      const written: number[] = []
      const cursors = watch(sql)
      for (let n = 1; n <= 1_024; n++) {
        log.append({ meta: metaOf([n]), heads: '', body: new Uint8Array(1) }, n)
        const sum = cursors.splice(0).reduce((all, { rowsWritten }) => all + rowsWritten, 0)
        if (sum !== 1) written.push(n)
        // The first makes the table.
        if (n > 256) expect(sum).toBeLessThanOrEqual(3)
      }
      expect(written).toEqual([256, 512, 768, 1_024])
    })
  })
})
