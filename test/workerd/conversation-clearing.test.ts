import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { Conversation } from './support.ts'

const MIB = 1024 * 1024
const request = { after: 0, limit: 10, format: 'json' as const, max_bytes: MIB, part: false }

/** Waits until the clock has moved on, and tells the time before. */
async function nextMoment(): Promise<number> {
  const now = Date.now()
  while (Date.now() <= now + 1) await new Promise((resolve) => setTimeout(resolve, 1))
  return now
}

describe('clearing a conversation', () => {
  it('forgets all of it, ids included, and begins at 1 again', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await conversation.rpc.clear(await nextMoment())
    expect(await conversation.rpc.read(request)).toEqual({ outcome: 'unknown' })
    expect(await conversation.rpc.stat()).toBeNull()
    expect(await conversation.rpc.pending(MIB)).toBeNull()
    expect(await conversation.record('b')).toMatchObject({ recorded: 1, range: { first_seq: 1, last_seq: 1 } })
    await evictDurableObject(conversation.object)
    expect(await conversation.ids()).toEqual(['b'])
  })

  it('counts from the first event after it', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.rpc.clear(await nextMoment())
    const cleared = await nextMoment()
    await conversation.record('b')
    const stat = await conversation.rpc.stat()
    expect(stat).toMatchObject({ head_seq: 1, event_count: 1 })
    expect(stat?.first_at).toBeGreaterThan(cleared)
    expect(stat?.first_at).toBe(stat?.last_at)
  })

  it('keeps what was recorded after the moment of the clearing, under its old number', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    const marker = await nextMoment()
    await conversation.record('c')
    await conversation.rpc.clear(marker)
    for (const evicted of [false, true]) {
      if (evicted) await evictDurableObject(conversation.object)
      const { items } = await conversation.read()
      expect(items.map(({ seq, event }) => [seq, event.event_id])).toEqual([[3, 'c']])
      expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 3, event_count: 1, persisted_seq: 2 })
      expect(await conversation.rpc.pending(MIB)).toMatchObject({ segments: [{ first_seq: 3, count: 1 }] })
    }
    await conversation.quiet()
    expect(await conversation.record('c', 'a')).toMatchObject({
      recorded: 1,
      duplicates: 1,
      range: { first_seq: 3, last_seq: 4 },
    })
  })

  it('is done once: a repeat changes nothing', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const marker = await nextMoment()
    await conversation.rpc.clear(marker)
    await conversation.record('b')
    const { tag } = await conversation.read()
    await conversation.rpc.clear(marker)
    expect((await conversation.read()).tag).toBe(tag)
  })

  it('does nothing to a conversation that is unknown, or that began later', async () => {
    const conversation = new Conversation()
    await conversation.rpc.clear(Date.now())
    expect(await conversation.rpc.stat()).toBeNull()
    await conversation.quiet()
    const marker = await nextMoment()
    await conversation.record('a')
    await conversation.rpc.clear(marker)
    expect(await conversation.ids()).toEqual(['a'])
  })

  it('makes a delivery begun before it void', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const { epoch, through_seq } = (await conversation.rpc.pending(MIB)) as { epoch: number; through_seq: number }
    await conversation.rpc.clear(await nextMoment())
    await conversation.record('b')
    await conversation.rpc.pending(0, { epoch, through_seq, cleared_through: null })
    expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 1, persisted_seq: 0 })
    expect(await conversation.rpc.pending(MIB)).toMatchObject({ segments: [{ first_seq: 1 }] })
  })

  it('is learnt from the history with a confirmation', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const marker = await nextMoment()
    await conversation.record('b')
    const { epoch } = (await conversation.rpc.pending(MIB)) as { epoch: number }
    await conversation.rpc.pending(0, { epoch, through_seq: 2, cleared_through: marker })
    expect(await conversation.ids()).toEqual(['b'])
    expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 2, persisted_seq: 2 })
  })

  it('leaves what is recorded afterwards, though the clock of the object is behind', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const marker = Date.now() + 60_000
    await conversation.rpc.clear(marker)
    await conversation.record('b')
    const { epoch, segments } = (await conversation.rpc.pending(1)) as {
      epoch: number
      segments: readonly { recorded_at: number }[]
    }
    expect(segments[0]?.recorded_at).toBeGreaterThan(marker)
    await conversation.rpc.pending(0, { epoch, through_seq: 1, cleared_through: marker })
    expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 1, event_count: 1 })
  })

  it('reaches a trimmed conversation', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await conversation.trim()
    await conversation.rpc.clear(await nextMoment())
    expect(await conversation.rpc.stat()).toBeNull()
    expect(await conversation.record('a')).toMatchObject({ recorded: 1, range: { first_seq: 1, last_seq: 1 } })
  })

  it('of the trimmed part keeps the rest', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await conversation.trim()
    const marker = await nextMoment()
    await conversation.record('c')
    await conversation.rpc.clear(marker)
    expect(await conversation.ids()).toEqual(['c'])
    expect(await conversation.record('a')).toMatchObject({ recorded: 1, range: { first_seq: 4, last_seq: 4 } })
  })

  it('gives pages read before and after it different tags', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const before = await conversation.read()
    await conversation.rpc.clear(await nextMoment())
    await conversation.record('b')
    expect((await conversation.read()).tag).not.toBe(before.tag)
  })
})
