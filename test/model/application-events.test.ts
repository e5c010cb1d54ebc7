import { describe, expect, it } from 'vitest'
import { checkApplicationEvent, isLifecycleEventName } from '../../src/model/application-events.ts'

const workflowStart = {
  data: {},
  event_name: 'workflow_start',
  event_type: 'application_events',
  metadata: {
    application_name: 'crawler',
    created_timestamp: 1756377611,
    topic_name: 'application_events',
    workflow_type: 'Crawl',
    workflow_id: 'wf-1',
    workflow_run_id: 'run-1',
    workflow_state: 'running',
    activity_type: null,
    activity_id: null,
    attempt: 2,
    release_id: 'r-7',
  },
}

function pathsOf(value: unknown): string[] {
  const check = checkApplicationEvent(value)
  return check.ok ? [] : check.issues.map((issue) => issue.path)
}

function factsOf(value: unknown) {
  const check = checkApplicationEvent(value)
  if (!check.ok) throw new Error(JSON.stringify(check.issues))
  return check.facts
}

const withMetadata = (members: object) => ({ ...workflowStart, metadata: { ...workflowStart.metadata, ...members } })

describe('checkApplicationEvent', () => {
  it('reads what the sender knows', () => {
    expect(factsOf(workflowStart)).toEqual({
      event_id: null,
      event_type: 'application_events',
      event_name: 'workflow_start',
      topic_name: 'application_events',
      application_name: 'crawler',
      workflow_type: 'Crawl',
      workflow_id: 'wf-1',
      workflow_run_id: 'run-1',
      workflow_state: 'running',
      activity_type: null,
      activity_id: null,
      attempt: 2,
      timestamp: '2025-08-28T10:40:11.000Z',
    })
  })

  it('needs nothing but the event type, which is then the topic', () => {
    expect(factsOf({ event_type: 'data.processed' })).toMatchObject({
      event_name: null,
      topic_name: 'data.processed',
      workflow_run_id: null,
      timestamp: null,
    })
    expect(pathsOf({ event_type: 'data.processed', event_name: null, data: null, metadata: null })).toEqual([])
  })

  it('takes empty strings and a creation time of 0 for nothing', () => {
    const facts = factsOf({ ...withMetadata({ workflow_run_id: '', created_timestamp: 0, topic_name: '' }), event_name: '' })
    expect(facts).toMatchObject({ event_name: null, workflow_run_id: null, timestamp: null, topic_name: 'application_events' })
  })

  it('refuses what Graphite records, and says where it goes; the name of its type alone makes nothing of its own', () => {
    const invoke_context = { conversation_id: 'c' }
    const check = checkApplicationEvent({ event_type: 'ToolInvoke', event_context: { invoke_context } })
    expect(check).toMatchObject({
      issues: [{ path: 'event_context.invoke_context', message: expect.stringContaining('POST /v1/events') }],
    })
    expect(pathsOf({ event_type: 'ToolInvoke', event_context: {} })).toEqual([])
    expect(pathsOf({ event_type: 'a.type', event_context: { invoke_context } })).toEqual([])
  })

  it('keeps the fraction of a creation time to the millisecond', () => {
    expect(factsOf(withMetadata({ created_timestamp: 1756377611.078 })).timestamp).toBe('2025-08-28T10:40:11.078Z')
  })

  it('takes an id of the sender, and an empty one for none', () => {
    expect(factsOf({ ...workflowStart, event_id: 'e-1' }).event_id).toBe('e-1')
    for (const event_id of ['', null]) expect(factsOf({ ...workflowStart, event_id }).event_id).toBeNull()
    for (const event_id of ['..', 'a\n', 7, 'x'.repeat(257)])
      expect(pathsOf({ ...workflowStart, event_id })).toEqual(['event_id'])
  })

  it('takes ids, types and states of a workflow whatever their length and characters: no index has them', () => {
    const names = [
      'application_name',
      'workflow_type',
      'workflow_id',
      'workflow_run_id',
      'workflow_state',
      'activity_type',
      'activity_id',
    ]
    for (const name of names) {
      for (const value of ['x'.repeat(100_000), 'a\n\u0000', '\ud800', '..'])
        expect(factsOf(withMetadata({ [name]: value }))).toMatchObject({ [name]: value })
    }
  })

  it('takes no topic or type that cannot stand in a URL path and in an index', () => {
    for (const name of ['.', '..', 'a\n', 'a\u0000', '\ud800', 'x'.repeat(241)]) {
      expect(pathsOf({ ...workflowStart, event_type: name })).toEqual(['event_type'])
      expect(pathsOf(withMetadata({ topic_name: name }))).toEqual(['metadata.topic_name'])
    }
    for (const name of ['...', 'x'.repeat(240)]) expect(pathsOf({ event_type: name })).toEqual([])
  })

  it('names what does not fit', () => {
    expect(pathsOf({})).toEqual(['event_type'])
    expect(pathsOf({ event_type: '' })).toEqual(['event_type'])
    expect(pathsOf({ event_type: 'a\nb' })).toEqual(['event_type'])
    expect(pathsOf({ ...workflowStart, data: [] })).toEqual(['data'])
    expect(pathsOf({ ...workflowStart, event_name: 'a\u0000' })).toEqual(['event_name'])
    expect(pathsOf(withMetadata({ workflow_id: 7 }))).toEqual(['metadata.workflow_id'])
    expect(pathsOf(withMetadata({ attempt: 1.5 }))).toEqual(['metadata.attempt'])
    for (const created_timestamp of [-1, 1756377611078102, 'now']) {
      expect(pathsOf(withMetadata({ created_timestamp }))).toEqual(['metadata.created_timestamp'])
    }
  })
})

describe('isLifecycleEventName', () => {
  it('knows the four names that a retry repeats', () => {
    const names = ['workflow_start', 'workflow_end', 'activity_start', 'activity_end', 'worker_start', 'DataProcessed']
    expect(names.filter(isLifecycleEventName)).toEqual(names.slice(0, 4))
  })
})
