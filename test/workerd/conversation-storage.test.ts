import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { Conversation } from './support.ts'

interface Statement {
  readonly text: string
  readonly cursor: SqlStorageCursor<Record<string, SqlStorageValue>>
}

/** Notes what the running object asks of its database from now on. `fail` may throw instead of a statement. */
function watch(conversation: Conversation, fail: (text: string, place: number) => void = () => undefined): Promise<Statement[]> {
  return conversation.inside((_, { storage: { sql } }) => {
    const statements: Statement[] = []
    const exec = sql.exec
    let place = 0
    sql.exec = ((text: string, ...bindings: unknown[]) => {
      fail(text, place++)
      const cursor = exec.call(sql, text, ...bindings)
      statements.push({ text, cursor })
      return cursor
    }) as typeof sql.exec
    return statements
  })
}

/** Cursors belong to the object: they are read there. */
function rowsOf(conversation: Conversation, statements: Statement[]): Promise<{ read: number; written: number }> {
  return conversation.inside(() => {
    const rows = { read: 0, written: 0 }
    for (const { cursor } of statements.splice(0)) {
      rows.read += cursor.rowsRead
      rows.written += cursor.rowsWritten
    }
    return rows
  })
}

/** SQLite counts the look at the key, which must be free, as a row read. */
const APPEND = { read: 1, written: 1 }

const READS_BODIES = /SELECT(?:(?!\bFROM\b)[\s\S])*\bbody\b(?! IS)/i

describe('what a conversation costs', () => {
  it('is one row written an append, a batch as well as a single event', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('first')
    const statements = await watch(conversation)
    for (const size of [1, 1, 100, 500, 1]) {
      await conversation.append(Array.from({ length: size }, () => ({ event_id: crypto.randomUUID() })))
      expect(await rowsOf(conversation, statements)).toEqual(APPEND)
    }
  })

  it('is the same for the first append and for the 200th', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('first')
    const statements = await watch(conversation)
    for (let i = 0; i < 200; i++) {
      await conversation.record(`e${i}`)
      expect(await rowsOf(conversation, statements)).toEqual(APPEND)
    }
  })

  it('does not grow with the log: after 100,000 events an append costs the same', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    for (let round = 0; round < 25; round++) {
      await conversation.append(Array.from({ length: 4000 }, (_, i) => ({ event_id: `${round}.${i}` })))
      await conversation.confirm()
    }
    const statements = await watch(conversation)
    expect(await conversation.record('24.3999', 'last')).toMatchObject({ duplicates: 1, range: { last_seq: 100_001 } })
    expect(await rowsOf(conversation, statements)).toEqual(APPEND)
  })

  it('is nothing for a repeat, and nothing for a read of what was just written', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const statements = await watch(conversation)
    await conversation.record('a')
    expect(await conversation.ids()).toEqual(['a'])
    expect(statements).toEqual([])
  })

  it('includes no body when an object wakes to append, only when one is read', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const note = 'x'.repeat(100_000)
    for (let i = 0; i < 20; i++) await conversation.append([{ event_id: `e${i}`, note }])
    await evictDurableObject(conversation.object)
    await conversation.quiet()
    const statements = await watch(conversation)
    expect(await conversation.append([{ event_id: 'e7', note }, { event_id: 'new' }])).toMatchObject({
      recorded: 1,
      duplicates: 1,
    })
    const woken = statements.map(({ text }) => text)
    expect(woken.length).toBeGreaterThan(1)
    expect(woken.filter((text) => READS_BODIES.test(text))).toEqual([])
    expect(await conversation.ids({ after: 4, until_seq: 5 })).toEqual(['e4'])
    const texts = statements.map(({ text }) => text)
    expect(texts.filter((text) => READS_BODIES.test(text))).toHaveLength(1)
  })

  it('reads one segment for one event', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    for (let i = 0; i < 20; i++) await conversation.record(`e${i}`)
    await evictDurableObject(conversation.object)
    await conversation.quiet()
    await conversation.record('e0')
    const statements = await watch(conversation)
    expect(await conversation.ids({ filter: { event_id: 'e11' } })).toEqual(['e11'])
    const { read, written } = await rowsOf(conversation, statements)
    expect(read).toBeLessThanOrEqual(4)
    expect(written).toBe(0)
  })
})

describe('a write that fails', () => {
  const failOn = (part: number) => {
    let inserts = 0
    return (text: string) => {
      if (text.includes('INSERT INTO segments') && ++inserts === part) throw new Error('the disk is full')
    }
  }

  it.each([1, 2, 3])('at row %d of an append leaves nothing behind, and the object recovers', async (part) => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await watch(conversation, failOn(part))
    const large = Array.from({ length: 5 }, (_, i) => ({ event_id: `l${i}`, note: 'x'.repeat(1_000_000) }))
    await expect(conversation.append(large)).rejects.toMatchObject({ failure: { kind: 'recording-unavailable' } })
    expect(await conversation.ids()).toEqual(['a'])
    await conversation.quiet()
    expect(await conversation.append(large)).toMatchObject({ recorded: 5, range: { first_seq: 2, last_seq: 6 } })
    await evictDurableObject(conversation.object)
    expect(await conversation.ids()).toEqual(['a', 'l0', 'l1', 'l2', 'l3', 'l4'])
  })

  it('at the first append leaves an unknown conversation', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await watch(conversation, failOn(1))
    await expect(conversation.record('a')).rejects.toThrow()
    expect(await conversation.rpc.stat()).toBeNull()
    expect(await conversation.record('a')).toMatchObject({ recorded: 1, range: { first_seq: 1 } })
  })

  it.each(['DROP TABLE', 'CREATE TABLE', "'', NULL)", 'INSERT INTO state'])(
    'while it trims loses nothing, at %s',
    async (place) => {
      const conversation = new Conversation()
      await conversation.quiet()
      const ids = ['a', 'b', 'c', 'd', 'e']
      for (const id of ids) await conversation.record(id)
      await conversation.confirm()
      await watch(conversation, (text) => {
        if (text.includes(place)) throw new Error('the disk is full')
      })
      await conversation.inside((_, __, bindings) => {
        bindings.HOT_RETENTION_SECONDS = '0'
      })
      await expect(runDurableObjectAlarm(conversation.object)).rejects.toThrow()
      await conversation.rpc.stat()
      await evictDurableObject(conversation.object)
      expect(await conversation.ids()).toEqual(ids)
      expect(await conversation.record('a')).toMatchObject({ duplicates: 1 })
    },
  )

  it('while it clears loses nothing that the clearing does not reach', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const marker = Date.now()
    while (Date.now() <= marker + 1) await new Promise((resolve) => setTimeout(resolve, 1))
    await conversation.record('b')
    await watch(conversation, (text) => {
      if (text.includes('INSERT INTO state')) throw new Error('the disk is full')
    })
    await expect(conversation.rpc.clear(marker)).rejects.toThrow()
    expect(await conversation.ids()).toEqual(['a', 'b'])
    await conversation.rpc.clear(marker)
    expect(await conversation.ids()).toEqual(['b'])
  })
})
