import { describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'
import { RequestConversations } from '../../src/client/request-conversations.ts'
import { eventText } from '../support/events.ts'

describe('which conversation a request belongs to', () => {
  it('is known of one that was recorded to one, and of none that was recorded to several', () => {
    const known = new RequestConversations()
    known.note('r', 'a')
    known.note('r', 'a')
    expect(known.of('r')).toBe('a')
    known.note('r', 'b')
    known.note('r', 'b')
    expect(known.of('r')).toBeNull()
  })

  it('stays unknown of one that comes back after very many others', () => {
    const known = new RequestConversations()
    known.note('r', 'a')
    for (let i = 0; i < 20_000; i++) known.note(`other-${i}`, 'c')
    known.note('r', 'b')
    expect(known.of('r')).toBeNull()
  })

  it('stays known of nearly all new ones, however many there were', () => {
    const known = new RequestConversations()
    let hot = 0
    for (let i = 0; i < 50_000; i++) {
      known.note(`request-${i}`, 'c')
      if (known.of(`request-${i}`) === 'c') hot += 1
    }
    expect(hot).toBeGreaterThan(45_000)
  })

  it('is not taken for one while the answer to a recording in another got lost', async () => {
    const asked: URL[] = []
    const fetch = async (input: unknown, { method, body }: RequestInit = {}) => {
      const url = new URL(String(input))
      if (method !== 'POST') {
        asked.push(url)
        return new Response('{"items":[],"next_cursor":null}')
      }
      if (String(body).includes('lost')) throw new TypeError('fetch failed')
      return Response.json({ recorded: 1, duplicates: 0, conflicts: [], conversations: [] })
    }
    const store = new HttpEventStore({ url: 'http://service.invalid', fetch, retry: { attempts: 1 } })
    await store.recordEvent(eventText({ conversation: 'a', request: 'r' }))
    await expect(store.recordEvent(eventText({ conversation: 'lost', request: 'r' }))).rejects.toThrow()
    await store.getAgentEvents('r')
    expect(asked.map(({ searchParams }) => searchParams.get('conversation_id'))).toEqual([null])
  })
})
