import { describe, expect, it } from 'vitest'
import { MAX_LIVE_READERS } from '../../src/model/limits.ts'
import { call, newId } from './http-support.ts'
import { live, Talk } from './live-support.ts'

const pathOf = (id: string) => `/v1/conversations/${id}/live`

const readers = (conversation: Talk) => conversation.inside((_, state) => state.getWebSockets().length)

describe('live reading over HTTP', () => {
  it('answers HEAD with the head alone, and opens nothing', async () => {
    const conversation = new Talk()
    await conversation.record('e1')
    const answer = await call(pathOf(conversation.id), { method: 'HEAD' })
    expect([answer.status, answer.headers.get('Content-Type'), answer.text]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ])
    expect(await readers(conversation)).toBe(0)
  })

  it.each(['application/json', 'application/x-ndjson', 'text/event-stream', '*/*'])(
    'does not mind Accept: %s',
    async (accept) => {
      const stream = await live(pathOf(newId()), { Accept: accept })
      await stream.upTo(0)
      expect(stream.response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8')
      await stream.close()
    },
  )

  it.each([
    ['?after=-1', 'after'],
    ['?after=x', 'after'],
    ['?limit=1', 'limit'],
    ['?after=1&after=2', 'after'],
  ])('refuses %s before anything is opened', async (query, path) => {
    const answer = await call(`${pathOf(newId())}${query}`)
    expect(answer.status).toBe(400)
    expect(answer.json.errors).toEqual([expect.objectContaining({ path })])
  })

  it('refuses a Last-Event-ID that is no seq', async () => {
    const answer = await call(pathOf(newId()), { headers: { 'Last-Event-ID': 'x' } })
    expect([answer.status, answer.json.errors]).toEqual([400, [expect.objectContaining({ path: 'Last-Event-ID' })]])
  })

  it('takes no other method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await call(pathOf(newId()), { method })
      expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
    }
  })

  it('is never answered from the edge cache, nor kept there', async () => {
    const conversation = new Talk()
    await conversation.record('e1')
    const path = pathOf(conversation.id)
    const first = await live(path)
    await first.upTo(1)
    await conversation.record('e2')
    const second = await live(path)
    await second.upTo(2)
    expect(second.ids).toEqual(['e1', 'e2'])
    expect(second.response.headers.get('Cache-Control')).toBe('no-store, no-transform')
    await Promise.all([first.close(), second.close()])
  })

  it('lets go of a reader whose client has left', async () => {
    const conversation = new Talk()
    const stream = await live(pathOf(conversation.id))
    await stream.upTo(0)
    expect(await readers(conversation)).toBe(1)
    await stream.close()
    await expect.poll(() => readers(conversation)).toBe(0)
  })

  it('has room for so many readers of a conversation, and again when one leaves', { timeout: 60_000 }, async () => {
    const conversation = new Talk()
    const sockets: WebSocket[] = []
    while (sockets.length < MAX_LIVE_READERS) {
      for (const socket of await Promise.all(Array.from({ length: 50 }, () => conversation.rpc.listen()))) {
        if (!socket) throw new Error('there is no room')
        socket.accept()
        sockets.push(socket)
      }
    }
    const answer = await call(pathOf(conversation.id))
    expect([answer.status, answer.json.type, answer.headers.get('Retry-After')]).toEqual([
      429,
      'urn:edge-event-store:problem:rate-limited',
      '10',
    ])
    expect(answer.text).toContain('1000 live readers of this conversation')
    expect([answer.headers.get('RateLimit'), answer.headers.get('RateLimit-Policy')]).toEqual([null, null])
    sockets.pop()?.close()
    await expect.poll(async () => (await conversation.rpc.listen()) !== null).toBe(true)
    for (const socket of sockets) socket.close()
  })
})
