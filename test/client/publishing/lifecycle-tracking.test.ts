import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import { asyncContext, type ExecutionContext, lifecycleTracking } from '../../../src/client/publishing/index.ts'
import { FakeService } from './fake-service.ts'

const workflow = { type: 'Import', id: 'import-1', runId: 'run-1' }
const extract = { type: 'extract', id: 'extract-1', attempt: 1 }

function setUp() {
  const service = new FakeService()
  const context = asyncContext(new AsyncLocalStorage<ExecutionContext>())
  const publisher = service.publisher({ context: [context.provider] })
  return { service, context, publisher, ...lifecycleTracking(publisher, context, { patienceMs: 30_000 }) }
}

const names = ({ events }: FakeService) => events.map(({ event_name, event_type }) => event_name ?? event_type)

describe('context that follows the calls', () => {
  it('knows what code runs in, across awaits and side by side', async () => {
    const { context, publisher, service } = setUp()
    const runs = ['run-1', 'run-2'].map((runId) =>
      context.run({ workflow: { ...workflow, runId } }, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await publisher.publishEvent({ event_type: runId })
      }),
    )
    await Promise.all(runs)
    await publisher.publishEvent({ event_type: 'outside' })
    expect(service.events.map(({ event_type, metadata }) => [event_type, metadata.workflow_run_id])).toEqual([
      ['run-1', 'run-1'],
      ['run-2', 'run-2'],
      ['outside', undefined],
    ])
  })
})

describe('tracking code that runs in no workflow engine', () => {
  it('publishes start and end of workflow and activities, around what they publish', async () => {
    const { service, publisher, trackWorkflow, trackActivity } = setUp()
    const result = await trackWorkflow(workflow, async () => {
      const rows = await trackActivity(extract, async () => {
        await publisher.publishEvent({ event_type: 'data.read' })
        return 3
      })
      return rows + 1
    })
    expect(result).toBe(4)
    expect(names(service)).toEqual(['workflow_start', 'activity_start', 'data.read', 'activity_end', 'workflow_end'])
    for (const { metadata } of service.events) {
      expect(metadata).toMatchObject({ workflow_type: 'Import', workflow_id: 'import-1', workflow_run_id: 'run-1' })
    }
    expect(service.events.map(({ metadata }) => metadata.activity_id)).toEqual([
      undefined,
      'extract-1',
      'extract-1',
      'extract-1',
      undefined,
    ])
    expect(service.events.map(({ metadata }) => metadata.workflow_state)).toEqual([
      'running',
      'running',
      'running',
      'running',
      'completed',
    ])
    expect(service.events[4]?.data).toEqual({ state: 'completed', duration_ms: expect.any(Number) })
  })

  it('tells of failures, and lets them through', async () => {
    const { service, trackWorkflow, trackActivity } = setUp()
    const failure = new Error('no such table', { cause: new Error('connection lost') })
    const fails = () => {
      throw failure
    }
    await expect(trackWorkflow(workflow, () => trackActivity(extract, fails))).rejects.toBe(failure)
    const told = { state: 'failed', error_type: 'Error', error_message: 'no such table', error_cause: 'connection lost' }
    expect(names(service)).toEqual(['workflow_start', 'activity_start', 'activity_end', 'workflow_end'])
    expect(service.events[2]?.data).toMatchObject(told)
    expect(service.events[3]).toMatchObject({ data: told, metadata: { workflow_state: 'failed' } })
  })

  it('leaves no timer behind once its events are stored', async () => {
    vi.useFakeTimers()
    try {
      await setUp().trackActivity(extract, () => 'done')
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('runs the work all the same where nothing is published', async () => {
    const context = asyncContext(new AsyncLocalStorage<ExecutionContext>())
    const silent = lifecycleTracking(new FakeService().publisher({ url: undefined }), context)
    expect(await silent.trackActivity(extract, () => 'done')).toBe('done')
  })
})
