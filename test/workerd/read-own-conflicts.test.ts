import { describe, expect, it } from 'vitest'
import { decodeSession, SESSION_HEADER } from '../../src/protocol/session.ts'
import { call, newId, post } from './http-support.ts'
import { Conversation } from './support.ts'

const startOf = (run: string, attempt: number) =>
  JSON.stringify({
    event_type: 'application_events',
    event_name: 'workflow_start',
    metadata: { workflow_run_id: run, attempt, created_timestamp: 1756377611 + attempt },
  })

const publish = (body: string) => call('/v1/publish', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

describe('the session of a write that brought an id with other content', () => {
  it('finds a lifecycle event by its id at once, whichever attempt published it', async () => {
    const run = newId()
    await new Conversation(`workflow:${run}`).quiet()
    await publish(startOf(run, 1))
    const retry = await publish(startOf(run, 2))
    expect(retry).toMatchObject({ status: 202, json: { published: 1 } })
    const [id] = retry.json.event_ids as string[]
    const found = await call(`/v1/events/${id}`, { headers: retry.session })
    expect(found).toMatchObject({ status: 200, json: { event: { event_id: id, metadata: { attempt: 1 } } } })
  })

  it('finds the first version of a conflict, while the answer to recording names no place for it', async () => {
    const [event_id, conversation_id] = [newId(), newId()]
    await new Conversation(conversation_id).quiet()
    await post([{ event_id, conversation_id, note: 1 }])
    const conflict = await post([{ event_id, conversation_id, note: 2 }])
    expect(conflict.json).toMatchObject({ recorded: 0, conflicts: [event_id], conversations: [] })
    expect(await call(`/v1/events/${event_id}`, { headers: conflict.session })).toMatchObject({ status: 200, json: { seq: 1 } })
  })

  it('finds it in Postgres without a session when the write waited for that', async () => {
    const [event_id, conversation_id] = [newId(), newId()]
    await new Conversation(conversation_id).quiet()
    await post([{ event_id, conversation_id, note: 1 }])
    await post([{ event_id, conversation_id, note: 2 }], '?ack=persisted')
    expect((await call(`/v1/events/${event_id}`)).status).toBe(200)
  })

  it('still covers what its client wrote before, when an earlier event is repeated', async () => {
    const conversation_id = newId()
    await new Conversation(conversation_id).quiet()
    const [a, b] = [
      { event_id: newId(), conversation_id },
      { event_id: newId(), conversation_id },
    ]
    const { session } = await post([a, b])
    const repeat = await post([a], '', session)
    const persisted = await post([a], '?ack=persisted', session)
    const written = (header: Record<string, string>) => decodeSession(header[SESSION_HEADER] ?? '')?.written.get(conversation_id)
    expect([session, repeat.session, persisted.session].map(written)).toEqual([2, 2, 2])
  })
})
