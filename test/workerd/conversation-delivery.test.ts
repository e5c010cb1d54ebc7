import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { Conversation, decode } from './support.ts'

const MIB = 1024 * 1024

async function handedOut(conversation: Conversation, limit = MIB): Promise<string[] | null> {
  const handout = await conversation.rpc.pending(limit)
  return handout && (JSON.parse(`[${decode(handout.events)}]`) as { event_id: string }[]).map((event) => event.event_id)
}

const alarmOf = (conversation: Conversation) => conversation.inside((_, { storage }) => storage.getAlarm())

describe("a conversation's outbox", () => {
  it('hands out what is not confirmed, again and again, also after an eviction', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await conversation.record('c')
    expect(await handedOut(conversation)).toEqual(['a', 'b', 'c'])
    expect(await handedOut(conversation)).toEqual(['a', 'b', 'c'])
    await evictDurableObject(conversation.object)
    expect(await handedOut(conversation)).toEqual(['a', 'b', 'c'])
    expect(await conversation.rpc.pending(MIB)).toMatchObject({
      tenant: 'default',
      conversation_id: conversation.id,
      segments: [
        { first_seq: 1, count: 2 },
        { first_seq: 3, count: 1 },
      ],
      through_seq: 3,
    })
  })

  it('goes on after what is confirmed, and remembers it over an eviction', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.record('b')
    await conversation.confirm(1)
    expect(await handedOut(conversation)).toEqual(['b'])
    await evictDurableObject(conversation.object)
    expect(await handedOut(conversation)).toEqual(['b'])
    await conversation.confirm()
    expect(await handedOut(conversation)).toBeNull()
    expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 2, persisted_seq: 2 })
  })

  it('never goes back, and never past its head', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.record('b')
    const { epoch } = (await conversation.rpc.pending(MIB)) as { epoch: number }
    await conversation.rpc.pending(0, { epoch, through_seq: 2, cleared_through: null })
    await conversation.rpc.pending(0, { epoch, through_seq: 1, cleared_through: null })
    expect(await conversation.rpc.stat()).toMatchObject({ persisted_seq: 2 })
    await conversation.rpc.pending(0, { epoch, through_seq: 99, cleared_through: null })
    expect(await conversation.rpc.stat()).toMatchObject({ persisted_seq: 2 })
    await conversation.record('c')
    expect(await handedOut(conversation)).toEqual(['c'])
  })

  it('ignores a confirmation of another epoch', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    const { epoch } = (await conversation.rpc.pending(MIB)) as { epoch: number }
    await conversation.rpc.pending(0, { epoch: epoch + 1, through_seq: 1, cleared_through: Date.now() + 1e6 })
    expect(await handedOut(conversation)).toEqual(['a'])
  })

  it('hands out nothing for a limit of 0, and a whole segment for any other', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await conversation.record('c')
    expect(await conversation.rpc.pending(0)).toBeNull()
    expect(await handedOut(conversation, 1)).toEqual(['a', 'b'])
  })
})

describe('notices', () => {
  it('are sent anew, with an alarm, by the first append after the object has woken with events to deliver', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.inside((_, { storage }) => storage.deleteAlarm())
    await evictDurableObject(conversation.object)
    const sent = await conversation.quiet()
    await conversation.record('b')
    await conversation.record('c')
    expect(sent.count).toBe(1)
    expect(await alarmOf(conversation)).toBeGreaterThan(Date.now())
  })

  it('are sent once while the conversation is dirty, and again when it becomes so anew', async () => {
    const conversation = new Conversation()
    const sent = await conversation.quiet()
    await conversation.record('a')
    await conversation.record('b')
    await conversation.record('a')
    expect(sent.count).toBe(1)
    await conversation.confirm(1)
    await conversation.record('c')
    expect(sent.count).toBe(1)
    await conversation.confirm()
    await conversation.record('a', 'b')
    expect(sent.count).toBe(1)
    await conversation.record('d')
    expect(sent.count).toBe(2)
  })

  it('are sent for what came while the rest was confirmed for the last time', async () => {
    const conversation = new Conversation()
    const sent = await conversation.quiet()
    await conversation.record('a')
    const { epoch } = (await conversation.rpc.pending(MIB)) as { epoch: number }
    await conversation.record('b')
    await conversation.rpc.pending(0, { epoch, through_seq: 1, cleared_through: null, is_last: true })
    expect(sent.count).toBe(2)
    await conversation.rpc.pending(0, { epoch, through_seq: 2, cleared_through: null, is_last: true })
    expect(sent.count).toBe(2)
  })

  it('are repeated by the alarm, which comes back later each time, while anything is unconfirmed', async () => {
    const conversation = new Conversation()
    const sent = await conversation.quiet()
    const start = Date.now()
    await conversation.record('a')
    expect(await alarmOf(conversation)).toBeGreaterThanOrEqual(start + 10_000)
    for (const seconds of [20, 40, 60, 60]) {
      const before = Date.now()
      expect(await runDurableObjectAlarm(conversation.object)).toBe(true)
      expect(await alarmOf(conversation)).toBeGreaterThanOrEqual(before + seconds * 1000)
      expect(await alarmOf(conversation)).toBeLessThan(before + seconds * 1000 + 5_000)
    }
    expect(sent.count).toBe(5)
    await conversation.confirm()
    await runDurableObjectAlarm(conversation.object)
    expect(sent.count).toBe(5)
  })

  it('leave the alarm where it is when it rings soon enough', async () => {
    const conversation = new Conversation()
    const sent = await conversation.quiet()
    await conversation.record('a')
    const first = await alarmOf(conversation)
    await conversation.confirm()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await conversation.record('b')
    expect(sent.count).toBe(2)
    expect(await alarmOf(conversation)).toBe(first)
    await runDurableObjectAlarm(conversation.object)
    expect(sent.count).toBe(3)
  })

  it('bring an alarm forward that would let go of the conversation days later', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.confirm()
    await runDurableObjectAlarm(conversation.object)
    expect(await alarmOf(conversation)).toBeGreaterThan(Date.now() + 600_000_000)
    await conversation.record('b')
    expect(await alarmOf(conversation)).toBeLessThan(Date.now() + 15_000)
  })

  it('may fail: the event is recorded, and the alarm repeats the notice', async () => {
    const conversation = new Conversation()
    const sent = await conversation.quiet()
    sent.broken = true
    expect(await conversation.record('a')).toMatchObject({ outcome: 'recorded', recorded: 1 })
    expect(await runDurableObjectAlarm(conversation.object)).toBe(true)
    expect(await alarmOf(conversation)).not.toBeNull()
    sent.broken = false
    await runDurableObjectAlarm(conversation.object)
    expect(sent.count).toBe(3)
  })
})

describe('the alarm of a conversation that is all confirmed', () => {
  it('waits for the hot retention and drops nothing before', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.confirm()
    const { last_at } = (await conversation.rpc.stat()) as { last_at: number }
    await runDurableObjectAlarm(conversation.object)
    expect(await alarmOf(conversation)).toBe(last_at + 604_800_000)
    expect(await conversation.ids()).toEqual(['a'])
  })

  it('drops what is idle, and the conversation goes on counting and knowing its ids', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a', 'b')
    await conversation.record('c')
    await conversation.trim()
    const request = { after: 0, limit: 10, format: 'json' as const, max_bytes: MIB, part: false }
    const cold = { outcome: 'cold', trimmed_through: 3, head_seq: 3 }
    expect(await conversation.rpc.read(request)).toMatchObject(cold)
    expect(await alarmOf(conversation)).toBeNull()
    await evictDurableObject(conversation.object)
    await conversation.quiet()
    expect(await conversation.rpc.read(request)).toMatchObject(cold)
    expect(await conversation.rpc.stat()).toMatchObject({ head_seq: 3, persisted_seq: 3, event_count: 3 })
    expect(await conversation.append([{ event_id: 'b' }, { event_id: 'a', note: 1 }, { event_id: 'd' }])).toMatchObject({
      recorded: 1,
      duplicates: 1,
      conflicts: ['a'],
      range: { first_seq: 2, last_seq: 4 },
    })
    expect(await conversation.ids({ after: 3 })).toEqual(['d'])
    expect(await handedOut(conversation)).toEqual(['d'])
  })

  it('drops anew what came later', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.trim()
    await conversation.record('b', 'c')
    await conversation.trim()
    const rows = await conversation.inside((_, { storage }) =>
      storage.sql.exec('SELECT count, body IS NULL AS bare FROM segments ORDER BY id').toArray(),
    )
    expect(rows).toEqual([
      { count: 1, bare: 1 },
      { count: 2, bare: 1 },
    ])
    await evictDurableObject(conversation.object)
    expect(await conversation.record('a', 'b', 'c')).toMatchObject({ duplicates: 3, range: { first_seq: 1, last_seq: 3 } })
  })

  it('does not drop what is not confirmed, however old it is', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record('a')
    await conversation.inside((_, __, bindings) => {
      bindings.HOT_RETENTION_SECONDS = '0'
    })
    await runDurableObjectAlarm(conversation.object)
    expect(await conversation.ids()).toEqual(['a'])
  })
})
