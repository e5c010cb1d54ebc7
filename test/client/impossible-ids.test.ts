import { describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'

/** What no event can have: a path changes its meaning, or nothing like it can be recorded. */
const IMPOSSIBLE = ['', '.', '..', 'a\u0000b', 'a\nb', '\ud800', 'x'.repeat(257)]

function open() {
  const asked: string[] = []
  const fetch = async (input: unknown) => {
    asked.push(String(input))
    return new Response('{"items":[],"next_cursor":null}')
  }
  return { asked, store: new HttpEventStore({ url: 'http://service.invalid', fetch }) }
}

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const taken: unknown[] = []
  for await (const item of items) taken.push(item)
  return taken
}

describe('an id that no event can have', () => {
  it.each(IMPOSSIBLE.map((id) => [JSON.stringify(id).slice(0, 20), id]))(
    'finds nothing, and no request is made: %s',
    async (_, id) => {
      const { store, asked } = open()
      expect(await store.getEvent(id)).toBeNull()
      expect(await store.getAgentEvents(id)).toEqual([])
      expect(await store.getConversationEvents(id)).toEqual([])
      expect(await store.getTopicEvents(id, [0])).toEqual([])
      expect(await all(store.readConversation(id))).toEqual([])
      expect(await all(store.readAssistantRequest(id))).toEqual([])
      expect(await all(store.readAssistantRequest('r', { conversationId: id }))).toEqual([])
      expect(asked).toEqual([])
    },
  )

  it('is not one of 256 characters, or of dots and more', async () => {
    const { store, asked } = open()
    for (const id of ['x'.repeat(256), '...', '.a']) await store.getConversationEvents(id)
    expect(asked).toHaveLength(3)
  })
})
