import { abortAllDurableObjects, evictDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { post } from './http-support.ts'
import { type LiveStream, live, Talk } from './live-support.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const idsOf = (from: number, to: number) => range(from, to).map((n) => `e${n}`)
const pathOf = (conversation: Talk) => `/v1/conversations/${conversation.id}/live`

describe('a conversation that is read live', () => {
  it('is told from its beginning, then as it goes on', async () => {
    const conversation = new Talk()
    await conversation.record('e1', 'e2')
    const stream = await live(pathOf(conversation))
    await stream.upTo(2)
    await conversation.record('e3')
    await stream.upTo(3)
    expect(stream.response.status).toBe(200)
    expect(stream.response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8')
    expect(stream.messages.map(({ event, id }) => [event, id])).toEqual([
      ['event', '1'],
      ['event', '2'],
      ['up-to-date', null],
      ['event', '3'],
      ['up-to-date', null],
    ])
    const page = await conversation.read()
    expect(`[${stream.messages.filter(({ event }) => event === 'event').map(({ data }) => data)}]`).toBe(
      JSON.stringify(page.items),
    )
    await stream.close()
  })

  it('may have no events yet', async () => {
    const conversation = new Talk()
    const stream = await live(pathOf(conversation))
    await stream.upTo(0)
    await conversation.record('e1')
    await stream.upTo(1)
    expect(stream.ids).toEqual(['e1'])
    await stream.close()
  })

  it('goes on behind Last-Event-ID, which wins over after', async () => {
    const conversation = new Talk()
    await conversation.record(...idsOf(1, 5))
    const stream = await live(`${pathOf(conversation)}?after=1`, { 'Last-Event-ID': '3' })
    const other = await live(`${pathOf(conversation)}?after=1`)
    await Promise.all([stream.upTo(5), other.upTo(5)])
    expect(stream.seqs).toEqual([4, 5])
    expect(other.seqs).toEqual([2, 3, 4, 5])
    await Promise.all([stream.close(), other.close()])
  })

  it('takes an empty Last-Event-ID for none, of a conversation and of the feed', async () => {
    const conversation = new Talk()
    await conversation.record(...idsOf(1, 3))
    const stream = await live(`${pathOf(conversation)}?after=1`, { 'Last-Event-ID': '' })
    await stream.upTo(3)
    expect(stream.seqs).toEqual([2, 3])
    await stream.close()
    const feed = await live('/v1/events/live', { 'Last-Event-ID': '' })
    expect(feed.response.status).toBe(200)
    await feed.close()
    expect((await live(pathOf(conversation), { 'Last-Event-ID': 'x' })).response.status).toBe(400)
  })

  it('brings every event once and in order while writers go on', async () => {
    const conversation = new Talk()
    await conversation.record('e1')
    const writing = (async () => {
      for (let n = 2; n <= 300; n += 3) await conversation.record(...idsOf(n, Math.min(n + 2, 300)))
    })()
    const streams: LiveStream[] = []
    for (let n = 0; n < 5; n++) streams.push(await live(pathOf(conversation)))
    await writing
    for (const stream of streams) {
      await stream.upTo(300)
      expect(stream.seqs).toEqual(range(1, 300))
      expect(stream.ids).toEqual(idsOf(1, 300))
      await stream.close()
    }
  })

  it('brings appends that are too large to be sent along', async () => {
    const conversation = new Talk()
    const stream = await live(pathOf(conversation))
    await stream.upTo(0)
    await conversation.append(range(1, 10).map((n) => ({ event_id: `e${n}@${conversation.id}`, note: 'x'.repeat(100_000) })))
    await conversation.record('e11')
    await stream.upTo(11)
    expect(stream.ids).toEqual(idsOf(1, 11))
    await stream.close()
  })

  it('brings what the object has trimmed from the history', async () => {
    const conversation = new Talk()
    const events = idsOf(1, 4).map((id) => ({ event_id: `${id}@${conversation.id}`, conversation_id: conversation.id }))
    await post(events, '?ack=persisted')
    await conversation.trim()
    await conversation.record('e5')
    const stream = await live(`${pathOf(conversation)}?after=1`)
    await stream.upTo(5)
    await conversation.record('e6')
    await stream.upTo(6)
    expect(stream.ids).toEqual(idsOf(2, 6))
    await stream.close()
  })
})

describe('a live reader whose object', () => {
  it('sleeps between two events hears of the next', async () => {
    const conversation = new Talk()
    await conversation.record('e1')
    const stream = await live(pathOf(conversation))
    await stream.upTo(1)
    await evictDurableObject(conversation.object, { webSockets: 'hibernate' })
    await conversation.record('e2')
    await stream.upTo(2)
    expect(stream.ids).toEqual(['e1', 'e2'])
    await stream.close()
  })

  it('moves elsewhere finds it again', async () => {
    const conversation = new Talk()
    await conversation.record('e1')
    const stream = await live(pathOf(conversation))
    await stream.upTo(1)
    await evictDurableObject(conversation.object, { webSockets: 'close' })
    await conversation.record('e2')
    await stream.upTo(2)
    expect(stream.ids).toEqual(['e1', 'e2'])
    await stream.close()
  })

  it('is aborted again and again gets every event once, over as many streams as it takes', async () => {
    const conversation = new Talk()
    await conversation.record('e1')
    const seqs: number[] = []
    let streams = 0
    const reading = (async () => {
      while (seqs.length < 60) {
        const stream = await live(pathOf(conversation), seqs.length > 0 ? { 'Last-Event-ID': String(seqs.at(-1)) } : {})
        streams += 1
        const enough = stream.until(() => seqs.length + stream.seqs.length >= 60).catch(() => undefined)
        await Promise.race([enough, stream.done])
        seqs.push(...stream.seqs)
        if (!stream.ended) await stream.close()
      }
    })()
    for (let n = 2; n <= 60; n++) {
      await conversation.record(`e${n}`)
      if (n % 10 === 0) await abortAllDurableObjects()
    }
    await reading
    expect(seqs).toEqual(range(1, 60))
    expect(streams).toBeGreaterThan(0)
  })
})

describe('a clearing during live reading', () => {
  it('of everything begins again at 1, and tells the client so', async () => {
    const conversation = new Talk()
    await conversation.record(...idsOf(1, 3))
    const stream = await live(pathOf(conversation))
    await stream.upTo(3)
    await conversation.rpc.clear(Date.now() + 10)
    await stream.upTo(0)
    expect(stream.messages.at(-1)).toEqual({ event: 'up-to-date', id: '0', data: '{"cursor":"0"}' })
    await conversation.record('n1', 'n2')
    await stream.upTo(2)
    expect(stream.ids).toEqual([...idsOf(1, 3), 'n1', 'n2'])
    await stream.close()
  })

  it('of a part goes on counting', async () => {
    const conversation = new Talk()
    await conversation.record(...idsOf(1, 3))
    const marker = Date.now()
    while (Date.now() <= marker) await new Promise((resolve) => setTimeout(resolve, 1))
    await conversation.record('e4')
    const stream = await live(pathOf(conversation))
    await stream.upTo(4)
    await conversation.rpc.clear(marker)
    await conversation.record('e5')
    await stream.upTo(5)
    expect(stream.ids).toEqual(idsOf(1, 5))
    await stream.close()
  })

  it('while the client was away sends what came after it from its beginning', async () => {
    const conversation = new Talk()
    await conversation.record(...idsOf(1, 3))
    await conversation.rpc.clear(Date.now() + 10)
    await conversation.record('n1')
    const stream = await live(pathOf(conversation), { 'Last-Event-ID': '3' })
    await stream.upTo(1)
    expect(stream.ids).toEqual(['n1'])
    await stream.close()
  })
})
