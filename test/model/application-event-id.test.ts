import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventEnvelopeSchema } from '../../src/model/agent-events.ts'
import { lifecycleEventId } from '../../src/model/application-event-id.ts'
import { applicationEventHead, applicationEventLog } from '../../src/model/application-event-log.ts'
import { type ApplicationEventFacts, checkApplicationEvent } from '../../src/model/application-events.ts'

function factsOf(event_name: string | null, metadata: object, more: object = {}): ApplicationEventFacts {
  const check = checkApplicationEvent({ event_type: 'application_events', event_name, metadata, ...more })
  if (!check.ok) throw new Error(JSON.stringify(check.issues))
  return check.facts
}

const idOf = (event_name: string | null, metadata: object) => lifecycleEventId(factsOf(event_name, metadata))
const logOf = (metadata: object) => applicationEventLog(factsOf('x', metadata), 'id')
const inActivity = { workflow_run_id: 'run-1', activity_id: '3', attempt: 1 }

describe('the id of an event of a beginning or an end', () => {
  it('is the same for every attempt to publish that a run started or ended', async () => {
    const first = await idOf('workflow_start', { ...inActivity, created_timestamp: 1 })
    expect(await idOf('workflow_start', { ...inActivity, attempt: 2, created_timestamp: 9 })).toBe(first)
    expect(await idOf('workflow_start', { workflow_run_id: 'run-1' })).toBe(first)
    expect(await idOf('workflow_end', inActivity)).not.toBe(first)
    expect(await idOf('workflow_start', { ...inActivity, workflow_run_id: 'run-2' })).not.toBe(first)
  })

  it('is another one for every activity and every attempt of an activity', async () => {
    const ids = [
      await idOf('activity_start', inActivity),
      await idOf('activity_end', inActivity),
      await idOf('activity_start', { ...inActivity, attempt: 2 }),
      await idOf('activity_start', { ...inActivity, attempt: null }),
      await idOf('activity_start', { ...inActivity, activity_id: '4' }),
      await idOf('activity_start', { ...inActivity, workflow_run_id: 'run-2' }),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(await idOf('activity_start', { ...inActivity, workflow_state: 'running' })).toBe(ids[0])
  })

  it('is the beginning of the SHA-256 of its facts as a JSON array, for ever: stored events have it', async () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)
    expect(await idOf('workflow_end', inActivity)).toBe(hash('["run-1","workflow_end"]'))
    expect(await idOf('activity_end', inActivity)).toBe(hash('["run-1","3",1,"activity_end"]'))
    expect(await idOf('activity_end', { ...inActivity, attempt: null })).toBe(hash('["run-1","3",null,"activity_end"]'))
  })

  it.each([
    ['of another name', 'data_processed', inActivity],
    ['without a name', null, inActivity],
    ['of a worker', 'worker_start', inActivity],
    ['without a run', 'workflow_start', { workflow_id: 'wf' }],
    ['of an activity without its id', 'activity_end', { workflow_run_id: 'run-1', attempt: 1 }],
  ])('is not derived for an event %s', async (_, name, metadata) => {
    expect(await idOf(name, metadata)).toBeNull()
  })
})

describe('the log of an application event', () => {
  it('is that of its run, else of its workflow', async () => {
    expect(await logOf({ workflow_run_id: 'r', workflow_id: 'w' })).toBe('workflow:r')
    expect(await logOf({ workflow_run_id: '', workflow_id: 'w' })).toBe('workflow:w')
    expect(await logOf({ workflow_run_id: 'r', workflow_id: 'w'.repeat(5_000) })).toBe('workflow:r')
  })

  it('has an id as it is up to 240 characters, for ever: stored events stand there', async () => {
    for (const id of ['.', '..', 'a/b é😀', 'x'.repeat(240)]) {
      expect(await logOf({ workflow_run_id: id })).toBe(`workflow:${id}`)
      expect(await logOf({ workflow_id: id })).toBe(`workflow:${id}`)
    }
  })

  it('has of a longer id the beginning and a hash, and no character that a conversation id may not have', async () => {
    const hash = (id: string) =>
      createHash('sha256')
        .update(JSON.stringify([id]))
        .digest('hex')
        .slice(0, 16)
    const long = 'x'.repeat(241)
    expect(await logOf({ workflow_run_id: long })).toBe(`workflow:${'x'.repeat(200)}~${hash(long)}`)
    expect(await logOf({ workflow_id: long })).toBe(`workflow:${'x'.repeat(200)}~${hash(long)}`)
    expect(await logOf({ workflow_run_id: `${long}y` })).not.toBe(await logOf({ workflow_run_id: `${long}z` }))
    expect(await logOf({ workflow_run_id: 'a\n\u0000\ud800b' })).toBe(`workflow:a___b~${hash('a\n\u0000\ud800b')}`)
    const cut = `${'x'.repeat(199)}😀${'y'.repeat(100)}`
    expect(await logOf({ workflow_run_id: cut })).toBe(`workflow:${'x'.repeat(199)}_~${hash(cut)}`)
  })

  it('is else one of 16 of its topic, always the same for an id', async () => {
    const facts = factsOf('x', { topic_name: 'orders' })
    const logs = await Promise.all(Array.from({ length: 1_000 }, (_, i) => applicationEventLog(facts, `id-${i}`)))
    const expected = Array.from({ length: 16 }, (_, i) => `topic:orders:${String(i).padStart(2, '0')}`)
    expect([...new Set(logs)].sort()).toEqual(expected)
    expect(await applicationEventLog(facts, 'id-7')).toBe(logs[7])
    expect(await applicationEventLog(factsOf('x', {}), 'id-7')).toBe(logs[7]?.replace('orders', 'application_events'))
  })

  it('is a conversation id that can be read by', async () => {
    const name = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 240 }), fc.constantFrom('x'.repeat(240), '/', '%'))
    const id = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.constantFrom('x'.repeat(240), '.', '..', '\ud800'))
    const conversationId = EventEnvelopeSchema.shape.event_context.shape.invoke_context.shape.conversation_id
    await fc.assert(
      fc.asyncProperty(id, id, name, fc.string(), async (workflow_run_id, workflow_id, topic_name, eventId) => {
        const check = checkApplicationEvent({ event_type: 't', metadata: { workflow_run_id, workflow_id, topic_name } })
        fc.pre(check.ok)
        if (!check.ok) return
        expect(conversationId.safeParse(await applicationEventLog(check.facts, eventId)).success).toBe(true)
      }),
    )
  })
})

it('is found by its type, name, topic and time, and by nothing that agent events have', () => {
  const facts = factsOf('workflow_start', { created_timestamp: 1756377611.5, topic_name: 'runs' })
  expect(applicationEventHead(facts, 'id', '2026-01-01T00:00:00.000Z')).toEqual({
    event_id: 'id',
    assistant_request_id: null,
    event_type: 'application_events',
    event_name: 'workflow_start',
    event_version: null,
    user_id: null,
    topic_name: 'runs',
    topic_offset: null,
    timestamp: '2025-08-28T10:40:11.500Z',
  })
  const unnamed = factsOf(null, {})
  expect(applicationEventHead(unnamed, 'id', '2026-01-01T00:00:00.000Z')).toMatchObject({
    event_name: null,
    topic_name: 'application_events',
    timestamp: '2026-01-01T00:00:00.000Z',
  })
})
