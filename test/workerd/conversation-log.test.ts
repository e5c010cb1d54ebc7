import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { sampleEvent } from '../conversation/samples.ts'
import { Conversation } from './support.ts'

const MIB = 1024 * 1024

describe("a conversation's log", () => {
  it('knows nothing of a conversation that was never written, and keeps no trace of the question', async () => {
    const conversation = new Conversation()
    expect(await conversation.rpc.stat()).toBeNull()
    const request = { after: 0, limit: 10, format: 'json' as const, max_bytes: MIB, part: false }
    expect(await conversation.rpc.read(request)).toEqual({ outcome: 'unknown' })
    expect(await conversation.rpc.pending(MIB)).toBeNull()
    await evictDurableObject(conversation.object)
    expect(await conversation.rpc.stat()).toBeNull()
    const tables = await conversation.inside((_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    )
    expect(tables).toEqual([])
  })

  it('numbers from 1 and gives back what it took', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const answer = await conversation.record('a', 'b')
    expect(answer).toEqual({
      outcome: 'recorded',
      recorded: 2,
      fresh: [],
      duplicates: 0,
      conflicts: [],
      range: { first_seq: 1, last_seq: 2 },
      through_seq: 2,
    })
    const { items, next_cursor } = await conversation.read()
    expect(items.map(({ seq, event }) => [seq, event.event_id])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(next_cursor).toBeNull()
    expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 2, persisted_seq: 0, event_count: 2 })
  })

  it('numbers without gaps over many appends, repeats, conflicts and evictions', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    for (let round = 0; round < 6; round++) {
      const first = round * 20
      const events = Array.from({ length: 20 }, (_, i) => ({ event_id: `e${first + i}` }))
      for (let i = 0; i < 10; i++) await conversation.append(events.slice(i * 2, i * 2 + 2))
      await conversation.append(events)
      await conversation.append([{ event_id: `e${first}`, note: 'another' }])
      if (round % 2 === 1) await evictDurableObject(conversation.object)
    }
    const { items } = await conversation.read()
    expect(items.map(({ seq, event }) => [seq, event.event_id])).toEqual(Array.from({ length: 120 }, (_, i) => [i + 1, `e${i}`]))
  })

  it('numbers writers that come at once one after the other', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => conversation.record(`e${i}`, `f${i}`)))
    const firsts = answers.map((answer) => (answer.outcome === 'recorded' ? answer.range?.first_seq : null))
    expect(firsts.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 30 }, (_, i) => i * 2 + 1))
    expect((await conversation.read()).items.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  })

  it('answers a repeat after an eviction as it answered at first, but for what is new', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await evictDurableObject(conversation.object)
    expect(await conversation.record('a', 'b')).toMatchObject({
      recorded: 0,
      duplicates: 2,
      range: { first_seq: 1, last_seq: 2 },
    })
  })

  it('names conflicts by their ids and records the rest', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const answer = await conversation.append([{ event_id: 'a', note: 1 }, { event_id: 'b' }])
    expect(answer).toMatchObject({ recorded: 1, duplicates: 0, conflicts: ['a'], range: { first_seq: 2, last_seq: 2 } })
    expect(await conversation.ids()).toEqual(['a', 'b'])
  })

  it('stores nothing of a batch that is refused for a conflict or for an old head, nor of one that is only checked', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const batch = [{ event_id: 'b' }, { event_id: 'a', note: 1 }]
    expect(await conversation.append(batch, { on_conflict: 'reject' })).toEqual({ outcome: 'conflict', conflicts: ['a'] })
    const late = { outcome: 'wrong-expected-seq', expected_seq: 0, head_seq: 1 }
    expect(await conversation.append([{ event_id: 'b' }], { expected_seq: 0 })).toEqual(late)
    expect(await conversation.append([{ event_id: 'b' }], { check_only: true })).toMatchObject({ recorded: 1 })
    expect(await conversation.ids()).toEqual(['a'])
  })

  it('leaves no trace of a conversation that was only checked', async () => {
    const conversation = new Conversation()
    await conversation.append([{ event_id: 'a' }], { check_only: true })
    expect(await conversation.rpc.stat()).toBeNull()
  })

  it('keeps an event of 4 MiB over several rows, and what stands around it', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const frame = JSON.stringify(sampleEvent({ event_id: 'large', note: '' })).length
    const large = JSON.stringify(sampleEvent({ event_id: 'large', note: 'é'.repeat((4 * MIB - frame) >> 1) }))
    const texts = [JSON.stringify(sampleEvent({ event_id: 'a' })), large, JSON.stringify(sampleEvent({ event_id: 'b' }))]
    await conversation.appendTexts(texts)
    for (const evicted of [false, true]) {
      if (evicted) await evictDurableObject(conversation.object)
      const { text, items } = await conversation.read()
      expect(items.map(({ event }) => event.event_id)).toEqual(['a', 'large', 'b'])
      expect(text.includes(large)).toBe(true)
    }
  })

  it('keeps a batch whose heads and bodies exceed a row', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const ids = Array.from({ length: 3000 }, (_, i) => `${i}-`.padEnd(250, 'é'))
    const answer = await conversation.append(ids.map((event_id) => ({ event_id })))
    expect(answer).toMatchObject({ recorded: 3000, range: { first_seq: 1, last_seq: 3000 } })
    await evictDurableObject(conversation.object)
    expect(await conversation.ids({ limit: 5000 })).toEqual(ids)
    expect(await conversation.record(ids[0] as string, ids[2999] as string)).toMatchObject({ duplicates: 2 })
  })

  it('reads pages whose cursors lead through the whole log', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    for (let i = 0; i < 5; i++) await conversation.record(`a${i}`, `b${i}`)
    const found: string[] = []
    let after = 0
    for (;;) {
      const { items, next_cursor } = await conversation.read({ after, limit: 3 })
      found.push(...items.map(({ event }) => event.event_id))
      if (next_cursor === null) break
      after = Number(next_cursor)
    }
    expect(found).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'b4'])
  })

  it('gives no body to a reader that knows the page, until the page has changed', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const { tag } = await conversation.read()
    const request = { after: 0, limit: 10, format: 'json' as const, max_bytes: MIB, part: false, known_tag: tag }
    expect(await conversation.rpc.read(request)).toMatchObject({ outcome: 'page', items: 1, tag, body: null })
    await conversation.record('b')
    expect(await conversation.ids({ known_tag: tag })).toEqual(['a', 'b'])
  })

  it('finds one event by its id without going through the others', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    for (let i = 0; i < 5; i++) await conversation.record(`a${i}`, `b${i}`)
    expect(await conversation.read({ filter: { event_id: 'b3' } })).toMatchObject({ items: [{ seq: 8 }], next_cursor: null })
    expect(await conversation.ids({ filter: { event_id: 'b3' }, until_seq: 7 })).toEqual([])
    expect(await conversation.ids({ filter: { event_id: 'nowhere' } })).toEqual([])
    expect(await conversation.ids({ filter: { event_id: 'b3', event_type: 'Other' } })).toEqual([])
  })
})
