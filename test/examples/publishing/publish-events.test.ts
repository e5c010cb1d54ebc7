import { describe, expect, it } from 'vitest'
import { publishProcessedBatch } from '../../../examples/publishing/basic-publish.ts'
import { processBatch } from '../../../examples/publishing/batch-processing.ts'
import { choosePublisher } from '../../../examples/publishing/choose-a-publisher.ts'
import { publishCustomAction } from '../../../examples/publishing/custom-metadata.ts'
import { CriticalError, handleError } from '../../../examples/publishing/error-events.ts'
import { publishLifecycle } from '../../../examples/publishing/lifecycle-events.ts'
import { publishPipelineEvents, publishPipelineEventsApart } from '../../../examples/publishing/pipeline-stages.ts'
import { importTable } from '../../../examples/publishing/tracked-code.ts'
import { publishWorkflowStatus } from '../../../examples/publishing/workflow-status.ts'
import { FakeService } from '../../client/publishing/fake-service.ts'

/** What an example publishes, without the metadata that every event has. */
async function published(example: (publisher: ReturnType<FakeService['publisher']>) => Promise<unknown>) {
  const service = new FakeService()
  await example(service.publisher())
  expect(service.logged).toEqual([])
  for (const { event_type, metadata } of service.events) {
    expect(metadata).toMatchObject({ application_name: 'orders', topic_name: event_type, created_timestamp: expect.any(Number) })
  }
  return { requests: service.requests.length, events: service.events.map(({ metadata: _, ...event }) => event) }
}

describe('the examples of publishing', () => {
  it('publish an event', async () => {
    expect((await published(publishProcessedBatch)).events).toEqual([
      {
        event_type: 'data.processed',
        event_name: 'DataProcessed',
        data: { batch_id: 'batch-123', records_count: 1000, success_count: 995, error_count: 5 },
      },
    ])
  })

  it('choose the publisher by the environment', async () => {
    await expect(choosePublisher({}).publishEvent({ event_type: 'a' })).resolves.toBeUndefined()
    const { metadata } = choosePublisher({ APPLICATION_NAME: 'orders' }).enrichEventMetadata({ event_type: 'a' })
    expect(metadata.application_name).toBe('orders')
  })

  it('publish the status of a workflow', async () => {
    expect((await published(publishWorkflowStatus)).events).toMatchObject([
      { event_type: 'workflow.started', data: { workflow_id: 'wf-123', source: 'manual', user_id: 'user-456' } },
      { event_type: 'workflow.completed', data: { status: 'success', duration_seconds: 1800, records_processed: 10_000 } },
    ])
  })

  it('publish the processing of a batch', async () => {
    const processed: number[] = []
    const process = async (item: number) => {
      processed.push(item)
    }
    const { events } = await published((publisher) => processBatch(publisher, 'batch-456', [1, 2, 3], process))
    expect(processed).toEqual([1, 2, 3])
    expect(events).toMatchObject([
      { event_type: 'batch.started', data: { batch_id: 'batch-456', item_count: 3, priority: 'high' } },
      { event_type: 'batch.completed', data: { processed_count: 3, duration_ms: expect.any(Number) } },
    ])
  })

  it('add metadata of their own', async () => {
    const service = new FakeService()
    const enriched = await publishCustomAction(service.publisher())
    expect(enriched.metadata).toMatchObject({
      custom_field: 'custom_value',
      application_name: 'orders',
      topic_name: 'custom.action',
    })
    expect(service.events).toEqual([enriched])
  })

  it.each([
    [new CriticalError('disk full'), 'CriticalError', 'high'],
    [new TypeError('no such row'), 'TypeError', 'medium'],
  ])('publish errors: %s', async (error, error_type, severity) => {
    const { events } = await published((publisher) => handleError(publisher, error, { step: 'export' }))
    expect(events).toMatchObject([{ data: { error_type, error_message: error.message, context: { step: 'export' }, severity } }])
  })

  it('publish the stages of a pipeline, in one request or in several', async () => {
    const stages = [
      { name: 'extract', status: 'done' },
      { name: 'load', status: 'running' },
    ]
    const together = await published((publisher) => publishPipelineEvents(publisher, 'pipeline-1', stages))
    const apart = await published((publisher) => publishPipelineEventsApart(publisher, 'pipeline-1', stages))
    expect([together.requests, apart.requests]).toEqual([1, 2])
    expect(together.events).toEqual([
      {
        event_type: 'pipeline.stage.extract',
        event_name: 'StageExtract',
        data: { pipeline_id: 'pipeline-1', stage: 'extract', status: 'done' },
      },
      {
        event_type: 'pipeline.stage.load',
        event_name: 'StageLoad',
        data: { pipeline_id: 'pipeline-1', stage: 'load', status: 'running' },
      },
    ])
    expect(apart.events).toEqual(together.events)
  })

  it('publish lifecycle events', async () => {
    expect((await published(publishLifecycle)).events).toEqual([
      { event_name: 'workflow_start', event_type: 'workflow.started', data: { workflow_type: 'DataProcessing' } },
      { event_name: 'activity_start', event_type: 'activity.started', data: { activity_type: 'ExtractData' } },
    ])
  })

  it('track code that runs in no workflow engine', async () => {
    const service = new FakeService()
    expect(await importTable({ url: 'https://events.example', fetch: service.fetch }, 'orders')).toBe(3)
    expect(
      service.events.map(({ event_name, event_type, metadata }) => [event_name ?? event_type, metadata.activity_id]),
    ).toEqual([
      ['workflow_start', undefined],
      ['activity_start', 'extract-1'],
      ['data.extracted', 'extract-1'],
      ['activity_end', 'extract-1'],
      ['workflow_end', undefined],
    ])
  })
})
