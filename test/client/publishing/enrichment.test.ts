import { describe, expect, it } from 'vitest'
import {
  type ApplicationEvent,
  ApplicationEventNames,
  type ExecutionContext,
  getTopicName,
  WorkflowStates,
} from '../../../src/client/publishing/index.ts'
import { APPLICATION_EVENT_NAMES, WORKFLOW_STATES } from '../../../src/model/event-types.ts'
import { FakeService } from './fake-service.ts'

const workflow = { type: 'Import', id: 'import-1', runId: 'run-1' }
const activity = { type: 'extract', id: '7', attempt: 2 }
const ofWorkflow = { workflow_type: 'Import', workflow_id: 'import-1', workflow_run_id: 'run-1' }
const ofActivity = { activity_type: 'extract', activity_id: '7', attempt: 2, workflow_state: 'running' }

function enriched(metadata: ApplicationEvent['metadata'], context: ExecutionContext | null = null) {
  const publisher = new FakeService().publisher({ context: [() => context] })
  const { application_name, created_timestamp, topic_name, ...rest } = publisher.enrichEventMetadata({
    event_type: 'data.processed',
    metadata,
  }).metadata
  return { basics: { application_name, created_timestamp, topic_name }, rest }
}

describe('enriching the metadata of an event', () => {
  it('returns the same event', () => {
    const event = { event_type: 'custom.action', metadata: { custom_field: 'custom_value' } }
    const result = new FakeService().publisher().enrichEventMetadata(event)
    expect(result).toBe(event)
    expect(event.metadata).toMatchObject({ custom_field: 'custom_value', topic_name: 'custom.action' })
  })

  it('sets application, time in whole seconds and topic', () => {
    const before = Math.floor(Date.now() / 1000)
    const { basics } = enriched(undefined)
    expect(basics).toMatchObject({ application_name: 'orders', topic_name: 'data.processed' })
    expect(Number.isInteger(basics.created_timestamp)).toBe(true)
    expect(basics.created_timestamp).toBeGreaterThanOrEqual(before)
    expect(basics.created_timestamp).toBeLessThanOrEqual(Date.now() / 1000)
  })

  it.each<[string, ExecutionContext | null, object]>([
    ['nothing outside of everything', null, {}],
    ['the workflow inside a workflow', { workflow }, ofWorkflow],
    ['both inside an activity', { workflow, activity }, { ...ofWorkflow, ...ofActivity }],
    ['the activity alone where it belongs to no workflow', { activity }, ofActivity],
  ])('adds %s', (_, context, expected) => {
    expect(enriched({}, context).rest).toEqual(expected)
    expect(enriched(null, context).rest).toEqual(expected)
  })

  it('leaves what the sender set', () => {
    const own = {
      application_name: 'other',
      created_timestamp: 5,
      topic_name: 'mine',
      workflow_state: 'completed',
      attempt: 9,
      release: [1],
    }
    const { basics, rest } = enriched(own, { workflow, activity })
    expect({ ...basics, ...rest }).toEqual({ ...ofWorkflow, ...ofActivity, ...own })
  })

  it('fills what says nothing, as the defaults of the models of the SDK do', () => {
    const empty = { application_name: '', created_timestamp: 0, topic_name: null, workflow_id: null, workflow_state: 'unknown' }
    const { basics, rest } = enriched(empty, { workflow, activity })
    expect(basics).toMatchObject({ application_name: 'orders', topic_name: 'data.processed' })
    expect(basics.created_timestamp).toBeGreaterThan(0)
    expect(rest).toEqual({ ...ofWorkflow, ...ofActivity })
  })

  it('does not mix the workflow or activity that the sender names with those around it', () => {
    expect(enriched({ workflow_id: 'import-2' }, { workflow, activity }).rest).toEqual({ workflow_id: 'import-2' })
    expect(enriched({ workflow_run_id: 'run-2' }, { workflow }).rest).toEqual({ workflow_run_id: 'run-2' })
    expect(enriched({ activity_id: '8' }, { workflow, activity }).rest).toEqual({ ...ofWorkflow, activity_id: '8' })
  })

  it('asks the providers in turn until one knows', () => {
    const service = new FakeService()
    const fails = () => {
      throw new Error('broken')
    }
    const publisher = service.publisher({ context: [fails, () => null, () => ({ workflow }), () => ({ activity })] })
    expect(publisher.enrichEventMetadata({ event_type: 'a' }).metadata).toMatchObject(ofWorkflow)
    expect(service.logged).toEqual([{ level: 'warn', message: 'a context provider failed', reason: 'broken' }])
  })

  it('passes over a provider that gives a promise, whatever becomes of that', () => {
    const service = new FakeService()
    const late = async () => {
      throw new Error('broken')
    }
    const publisher = service.publisher({ context: [late as never, () => ({ workflow })] })
    expect(publisher.enrichEventMetadata({ event_type: 'a' }).metadata).toMatchObject(ofWorkflow)
    expect(service.logged).toEqual([
      { level: 'warn', message: 'a context provider failed', reason: 'it gave a promise: give the context itself' },
    ])
  })

  it('counts as outside where the only provider fails', () => {
    const fails = () => {
      throw new Error('broken')
    }
    const publisher = new FakeService().publisher({ context: [fails] })
    expect(Object.keys(publisher.enrichEventMetadata({ event_type: 'a' }).metadata)).toEqual([
      'application_name',
      'created_timestamp',
      'topic_name',
    ])
  })

  it('leaves an event alone that cannot be changed', () => {
    const service = new FakeService()
    const event = Object.freeze({ event_type: 'a' })
    expect(service.publisher().enrichEventMetadata(event)).toBe(event)
    expect(service.logged).toMatchObject([{ level: 'error', message: 'metadata could not be enriched' }])
  })
})

describe('the words of the SDK', () => {
  it('name the topic after the type', () => {
    expect(getTopicName({ event_type: 'data.processed' })).toBe('data.processed')
  })

  it('are all there', () => {
    expect(Object.values(ApplicationEventNames).sort()).toEqual([...APPLICATION_EVENT_NAMES].sort())
    expect(Object.values(WorkflowStates).sort()).toEqual([...WORKFLOW_STATES].sort())
  })
})
