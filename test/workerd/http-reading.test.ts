import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleEvent, samplePublication } from '../conversation/samples.ts'
import { call, idsOf, LINES, linesOf, newId, post, postText } from './http-support.ts'
import { Conversation } from './support.ts'

const path = encodeURIComponent

describe('what was recorded', () => {
  it('is found by event, conversation, assistant request and in the feed, by the client that has just written it', async () => {
    const [event_id, conversation_id, request] = [newId(), newId(), newId()]
    const { session: headers } = await post([{ event_id, conversation_id, assistant_request_id: request }])
    expect(await call(`/v1/events/${event_id}`, { headers })).toMatchObject({
      status: 200,
      json: { seq: 1, event: { event_id } },
    })
    expect(idsOf(await call(`/v1/conversations/${conversation_id}/events`, { headers }))).toEqual([event_id])
    expect(idsOf(await call(`/v1/assistant-requests/${request}/events`, { headers }))).toEqual([event_id])
    expect(idsOf(await call(`/v1/events?order=desc&limit=1`, { headers }))).toEqual([event_id])
    const { json } = await call('/v1/conversations', { headers })
    expect(json.items).toContainEqual(expect.objectContaining({ conversation_id, head_seq: 1, event_count: 1 }))
  })

  it('is off the session once it was brought to the history, also by a read that found nothing', async () => {
    const { session: headers } = await post([{ event_id: newId(), conversation_id: newId() }])
    const answer = await call(`/v1/events/${newId()}`, { headers })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('Event-Store-Session')).toBe('')
  })

  it('is found by a client whose session had no room for all that it wrote', async () => {
    const request = newId()
    const ids = Array.from({ length: 60 }, (_, i) => `${i}.${request}`)
    const events = ids.map((event_id) => ({
      event_id,
      conversation_id: event_id.padEnd(200, '-'),
      assistant_request_id: request,
    }))
    const { session: headers } = await post(events)
    expect(Object.values(headers)[0]?.length).toBeLessThanOrEqual(4096)
    const found = idsOf(await call(`/v1/assistant-requests/${request}/events`, { headers }))
    expect(found.sort()).toEqual(ids.sort())
  })

  it('is found within its conversation before the history has it', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    const [event_id, request] = [newId(), newId()]
    await postText(JSON.stringify([sampleEvent({ event_id, conversation_id: conversation.id, assistant_request_id: request })]))
    await postText(JSON.stringify([samplePublication(newId(), conversation.id, 'topic', 3)]))
    const within = `conversation_id=${conversation.id}`
    expect(await call(`/v1/events/${event_id}?${within}`)).toMatchObject({ status: 200, json: { event: { event_id } } })
    expect(await call(`/v1/events/${event_id}`)).toMatchObject({ status: 404 })
    expect(idsOf(await call(`/v1/assistant-requests/${request}/events?${within}`))).toEqual([event_id])
    expect((await call(`/v1/topics/topic/events?offsets=3&${within}`)).json.items).toHaveLength(1)
    expect((await call(`/v1/topics/topic/events?offsets=2&${within}`)).json.items).toHaveLength(0)
    expect((await call(`/v1/topics/topic/events?offsets=&${within}`)).json.items).toHaveLength(0)
  })

  it('is found by topic and offset', async () => {
    const [topic, conversation_id] = [newId(), newId()]
    const events = [0, 1, 2].map((offset) => samplePublication(`${topic}${offset}`, conversation_id, topic, offset))
    await postText(JSON.stringify(events), '?ack=persisted')
    expect(idsOf(await call(`/v1/topics/${topic}/events?offsets=0,2`))).toEqual([`${topic}0`, `${topic}2`])
  })

  it('is counted, summed up and drawn as a graph', async () => {
    const [conversation_id, request] = [newId(), newId()]
    await post([{ event_id: newId(), conversation_id, assistant_request_id: request }], '?ack=persisted')
    await postText(JSON.stringify(samplePublication(newId(), conversation_id, 't', 0)))
    expect(await call(`/v1/conversations/${conversation_id}`)).toMatchObject({
      status: 200,
      json: { conversation_id, head_seq: 2, event_count: 2 },
    })
    expect((await call(`/v1/conversations/${conversation_id}/graph`)).json).toMatchObject({ nodes: [{ topic: 't', offset: 0 }] })
    expect((await call(`/v1/assistant-requests/${request}/summary`)).json).toMatchObject({ total_requests: 0, unfinished: [] })
  })

  it('is found under ids of any characters, in paths and in the query', async () => {
    const odd = fc.string({
      unit: fc.constantFrom('/', '%', '?', '#', '+', ' ', '&', '=', ';', ':', '.', '\\', '%2F', '%25', 'ü', '😀', '"', 'a'),
    })
    const ids = fc.string({ unit: 'grapheme', maxLength: 20 })
    const id = fc
      .oneof(odd, ids)
      .map((text) => `${text}.${newId()}`)
      .filter((text) => !/\p{Cc}/u.test(text))
    await fc.assert(
      fc.asyncProperty(id, id, id, async (event_id, conversation_id, request) => {
        const { session: headers, status } = await post([{ event_id, conversation_id, assistant_request_id: request }])
        expect(status).toBe(201)
        const query = new URLSearchParams({ conversation_id })
        for (const address of [
          `/v1/conversations/${path(conversation_id)}/events`,
          `/v1/assistant-requests/${path(request)}/events`,
          `/v1/assistant-requests/${path(request)}/events?${query}`,
        ]) {
          expect(idsOf(await call(address, { headers }))).toEqual([event_id])
        }
        for (const address of [`/v1/events/${path(event_id)}`, `/v1/events/${path(event_id)}?${query}`]) {
          expect((await call(address, { headers })).json.event).toMatchObject({ event_id })
        }
        const { json } = await call(`/v1/conversations/${path(conversation_id)}`, { headers })
        expect(json.conversation_id).toBe(conversation_id)
      }),
      { numRuns: 40 },
    )
  })
})

describe('what is not there', () => {
  it.each([
    '/v1/events/no',
    '/v1/events/no?conversation_id=no',
    '/v1/conversations/no',
    '/v1/conversations/no/graph',
    '/v1/assistant-requests/no/summary',
  ])('is 404 at %s', async (address) => {
    const answer = await call(address)
    expect(answer).toMatchObject({ status: 404, json: { type: 'urn:edge-event-store:problem:not-found' } })
    expect(answer.json.detail).not.toContain('There is nothing at this path')
  })

  it.each(['/v1/conversations/no/events', '/v1/assistant-requests/no/events', '/v1/topics/no/events?offsets=1'])(
    'is an empty page at %s',
    async (address) => {
      expect(await call(address)).toMatchObject({ status: 200, json: { items: [], next_cursor: null } })
      expect(await call(address, { headers: LINES })).toMatchObject({ status: 200, text: '' })
    },
  )

  it.each(['/v1/events/nothing', '/v1/assistant-requests/nothing/summary'])(
    'may be of the last second, as %s says',
    async (address) => {
      const { json } = await call(address)
      expect(json.detail).toMatch(/One of the last second is found with .*the session of its writer\.$/)
    },
  )
})

describe('pages', () => {
  async function conversationOf(count: number, note?: unknown): Promise<{ id: string; ids: string[] }> {
    const id = newId()
    const ids = Array.from({ length: count }, (_, i) => `${id}.${i + 1}`)
    for (let at = 0; at < count; at += 2500) {
      await post(ids.slice(at, at + 2500).map((event_id) => ({ event_id, conversation_id: id, note })))
    }
    return { id, ids }
  }

  it('lead from one to the next by their cursors, and show the conversation as it was', async () => {
    const { id, ids } = await conversationOf(5)
    const first = await call(`/v1/conversations/${id}/events?limit=2`)
    expect(first.json.next_cursor).toBe('2')
    const second = await call(`/v1/conversations/${id}/events?limit=3&after=2`)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids)
    expect(second.json.next_cursor).toBeNull()
    expect(idsOf(await call(`/v1/conversations/${id}/events?until_seq=3`))).toEqual(ids.slice(0, 3))
    expect((await call(`/v1/conversations/${id}/events?event_type=Other`)).json.items).toEqual([])
  })

  it('have a tag, and none is sent twice to a reader that shows it', async () => {
    const { id } = await conversationOf(1)
    const address = `/v1/conversations/${id}/events`
    const tag = (await call(address)).headers.get('ETag') as string
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await call(address, { headers: { 'If-None-Match': known } })
      expect(again).toMatchObject({ status: 304, text: '' })
      expect(again.headers.get('ETag')).toBe(tag)
    }
    await post([{ event_id: newId(), conversation_id: id }])
    expect(await call(address, { headers: { 'If-None-Match': tag } })).toMatchObject({ status: 200 })
  })

  it('of lists and of the feed have one too', async () => {
    for (const address of ['/v1/events?limit=1', '/v1/conversations', '/v1/quarantine']) {
      const tag = (await call(address)).headers.get('ETag') as string
      expect(tag).toMatch(/^".+"$/)
      expect((await call(address, { headers: { 'If-None-Match': tag } })).status).toBe(304)
    }
  })

  it('stream as lines over many pages, however the events are broken into lines', async () => {
    const { id, ids } = await conversationOf(2600)
    const pretty = JSON.stringify(sampleEvent({ event_id: `${id}.pretty`, conversation_id: id, note: ['a\nb'] }), null, '\r\n ')
    await postText(pretty)
    const answer = await call(`/v1/conversations/${id}/events`, { headers: LINES })
    expect(answer.headers.get('Content-Type')).toBe('application/x-ndjson')
    const items = linesOf(answer)
    expect(items.map(({ event }) => event.event_id)).toEqual([...ids, `${id}.pretty`])
    expect(items.at(-1)?.event).toEqual(JSON.parse(pretty))
    const some = linesOf(await call(`/v1/conversations/${id}/events?limit=1500&after=10`, { headers: LINES }))
    expect(some.map(({ seq }) => seq)).toEqual(Array.from({ length: 1500 }, (_, i) => i + 11))
  })

  it.each([
    ['application/jsonl', true],
    ['application/json, Application/NDJSON', true],
    ['application/x-ndjson;q=0.5, */*;q=0.1', true],
    ['application/x-ndjson;q=0, application/json', false],
    ['application/x-ndjson;q=0.5, application/json', false],
    ['*/*', false],
  ])('are lines or JSON as %s says', async (Accept, lines) => {
    const { headers } = await call('/v1/conversations/no/events', { headers: { Accept } })
    expect(headers.get('Content-Type')).toBe(lines ? 'application/x-ndjson' : 'application/json')
  })

  it('hold at most 6 MiB of events, and stream more than that', async () => {
    const { id } = await conversationOf(3, 'x'.repeat(2_500_000))
    expect(await call(`/v1/conversations/${id}/events`)).toMatchObject({ json: { next_cursor: '2' } })
    expect(linesOf(await call(`/v1/conversations/${id}/events`, { headers: LINES }))).toHaveLength(3)
  })

  it('of a conversation that is partly trimmed go from the history into the object without a seam', async () => {
    const { id, ids } = await conversationOf(4)
    const conversation = new Conversation(id)
    await call(`/v1/events/${ids[3]}`, { headers: (await post([{ event_id: ids[0] as string, conversation_id: id }])).session })
    await conversation.trim()
    const more = [`${id}.5`, `${id}.6`]
    await post(more.map((event_id) => ({ event_id, conversation_id: id })))
    const all = [...ids, ...more]
    expect(idsOf(await call(`/v1/conversations/${id}/events`))).toEqual(all)
    for (const limit of [1, 2, 3, 4, 5]) {
      const found: string[] = []
      let after = '0'
      for (let page = 0; page < 10; page++) {
        const answer = await call(`/v1/conversations/${id}/events?limit=${limit}&after=${after}`)
        found.push(...idsOf(answer))
        if (answer.json.next_cursor === null) break
        after = answer.json.next_cursor
      }
      expect(found).toEqual(all)
    }
    expect(linesOf(await call(`/v1/conversations/${id}/events`, { headers: LINES })).map(({ event }) => event.event_id)).toEqual(
      all,
    )
    for (const event_id of all) {
      const { json, status } = await call(`/v1/events/${event_id}?conversation_id=${id}`)
      expect({ status, event_id: (json.event as { event_id: string } | undefined)?.event_id }).toEqual({ status: 200, event_id })
    }
  })

  it('that are full come from the cache, and those that are not do not', async () => {
    const { id, ids } = await conversationOf(3)
    const full = `/v1/conversations/${id}/events?limit=2`
    const before = await call(full)
    const cached = async () => {
      for await (const tries of [1, 2, 3, 4, 5]) {
        const key = `https://pages.invalid/default/0/v1/conversations/${id}/events?limit=2`
        if (await caches.default.match(key)) return tries
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return null
    }
    expect(await cached()).not.toBeNull()
    const again = await call(full)
    expect(again.text).toBe(before.text)
    expect(again.headers.get('ETag')).toBe(before.headers.get('ETag'))
    expect(again.headers.get('Cache-Control')).toBe('private, no-cache')
    const tail = `/v1/conversations/${id}/events?after=2&limit=2`
    expect(idsOf(await call(tail))).toEqual(ids.slice(2))
    await post([{ event_id: `${id}.4`, conversation_id: id }])
    expect(idsOf(await call(tail))).toEqual([ids[2], `${id}.4`])
  })
})

it('lists what was set aside, with the reason and the text', async () => {
  const [event_id, c, d] = [newId(), newId(), newId()]
  await post([{ event_id, conversation_id: c }], '?ack=persisted')
  await post([{ event_id, conversation_id: d, note: 'second' }], '?ack=persisted')
  const { json } = await call('/v1/quarantine')
  expect(json.items).toContainEqual(
    expect.objectContaining({
      conversation_id: d,
      seq: 1,
      event_id,
      code: 'duplicate-event-id',
      event: sampleEvent({ event_id, conversation_id: d, note: 'second' }),
    }),
  )
  expect(idsOf(await call(`/v1/conversations/${d}/events`))).toEqual([event_id])
})
