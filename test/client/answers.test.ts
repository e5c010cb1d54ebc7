import { describe, expect, it } from 'vitest'
import {
  ConflictingEventsError,
  EventPersistenceError,
  HttpEventStore,
  InvalidEventError,
  type RecordOptions,
  WrongExpectedSeqError,
} from '../../src/client/index.ts'
import { eventText } from '../support/events.ts'
import { problem, ScriptedFetch, type Step, status } from './scripted-fetch.ts'

function storeWith(...steps: Step[]) {
  const { fetch, calls } = new ScriptedFetch(...steps)
  return { store: new HttpEventStore({ url: 'http://service.invalid', fetch, retry: { attempts: 1 } }), calls }
}

const recorded = () => Response.json({ recorded: 1, duplicates: 0, conflicts: [], conversations: [] }, { status: 201 })
const text = eventText({ conversation: 'c' })

describe('a recording', () => {
  it.each<[RecordOptions, string]>([
    [{}, ''],
    [{ ack: 'persisted' }, '?ack=persisted'],
    [{ expectedSeq: 0 }, '?expected_seq=0'],
    [{ onConflict: 'reject', expectedSeq: 7 }, '?expected_seq=7&on_conflict=reject'],
  ])('asks for %j with the query "%s"', async (options, query) => {
    const { store, calls } = storeWith(recorded)
    await store.recordEvent(text, options)
    expect(calls[0]?.url).toBe(`http://service.invalid/v1/events${query}`)
  })

  it('throws a typed error when the conversation has gone on', async () => {
    const members = { conversation_id: 'c', expected_seq: 3, head_seq: 5 }
    const { store } = storeWith(problem(409, 'wrong-expected-seq', members))
    const failing = store.recordEvent(text, { expectedSeq: 3 })
    await expect(failing).rejects.toBeInstanceOf(WrongExpectedSeqError)
    await expect(failing).rejects.toMatchObject({
      tag: 'wrong-expected-seq',
      conversationId: 'c',
      expectedSeq: 3,
      headSeq: 5,
    })
  })

  it.each([false, true])('throws a typed error for conflicting events, a part recorded: %j', async (partly) => {
    const members = { conflicts: ['x', 'y'], partly_recorded: partly }
    const { store } = storeWith(problem(409, 'conflicting-events', members))
    const failing = store.recordEvent(text, { onConflict: 'reject' })
    await expect(failing).rejects.toBeInstanceOf(ConflictingEventsError)
    await expect(failing).rejects.toMatchObject({ tag: 'conflicting-events', conflicts: ['x', 'y'], partlyRecorded: partly })
  })

  it('tells what the service finds wrong with an event', async () => {
    const errors = [{ index: 2, path: 'event_id', message: 'is empty' }]
    const { store } = storeWith(problem(422, 'invalid-events', { errors }))
    const failing = store.recordEvent(text)
    await expect(failing).rejects.toBeInstanceOf(InvalidEventError)
    await expect(failing).rejects.toMatchObject({ issues: errors })
  })

  it('passes on what the service says of a failure', async () => {
    const { store } = storeWith(problem(413, 'too-large', { limit: 'event_bytes' }))
    await expect(store.recordEvent(text)).rejects.toMatchObject({
      message: 'recordEvents failed. A title: A detail.',
      refusesData: true,
      transient: false,
      cause: { limit: 'event_bytes' },
    })
  })
})

describe('something else at the service’s address', () => {
  const page = () => new Response('<html>Please sign in</html>')

  it('is told as such, whatever was asked', async () => {
    const { store } = storeWith(page)
    for (const call of [store.recordEvent(text), store.getEvents(), store.getEvent('x'), store.getConversationEvents('c')]) {
      await expect(call).rejects.toBeInstanceOf(EventPersistenceError)
      await expect(call).rejects.toMatchObject({ transient: false, repeatIsSafe: true })
    }
  })

  it('that knows of no address is not taken for a service that knows of no event', async () => {
    for (const step of [status(404), () => new Response('not here', { status: 404 }), problem(404, 'something-else')]) {
      await expect(storeWith(step).store.getEvent('x')).rejects.toMatchObject({ tag: 'event-persistence', transient: false })
    }
    expect(await storeWith(problem(404, 'not-found')).store.getEvent('x')).toBeNull()
    expect(await storeWith(problem(404, 'not-found')).store.readEvent('x')).toBeNull()
    await expect(storeWith(page).store.readEvent('x')).rejects.toBeInstanceOf(EventPersistenceError)
  })

  it('that says yes to everything has cleared nothing', async () => {
    for (const step of [page, status(200), () => new Response(null, { status: 204 })]) {
      await expect(storeWith(step).store.clearEvents()).rejects.toMatchObject({ tag: 'event-persistence', transient: false })
    }
    await storeWith(() => Response.json({ cleared_conversations: 0 })).store.clearEvents()
  })

  it('that answers with JSON of its own is told as such, too', async () => {
    const { store } = storeWith(status(200))
    await expect(store.recordEvent(text)).rejects.toMatchObject({ transient: false })
    await expect(store.getEvent('x')).rejects.toMatchObject({ transient: false })
  })
})
