import { CompleteAsyncError, type Context } from '@temporalio/activity'
import type { Headers, Next } from '@temporalio/common'
import { describe, expect, it, vi } from 'vitest'
import {
  lifecycleActivityInterceptors,
  publishActivities,
  temporalActivityContext,
} from '../../../src/client/temporal/activity.ts'
import { activityContext, inActivity } from '../../support/temporal-activity.ts'
import { FakeService } from './fake-service.ts'

const OF_WORKFLOW = { workflow_type: 'ImportWorkflow', workflow_id: 'import-1', workflow_run_id: 'run-1' }
const OF_ACTIVITY = { activity_type: 'extract', activity_id: '7', attempt: 2, workflow_state: 'running' }

describe('enrichment in a Temporal activity', () => {
  const publisher = new FakeService().publisher({ context: [temporalActivityContext()] })
  const metadata = () => publisher.enrichEventMetadata({ event_type: 'data.processed', metadata: { custom_field: 1 } }).metadata

  it('adds the activity and its workflow', async () => {
    const inside = await inActivity(activityContext(), async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return metadata()
    })
    expect(inside).toEqual({
      custom_field: 1,
      application_name: 'orders',
      created_timestamp: expect.any(Number),
      topic_name: 'data.processed',
      ...OF_WORKFLOW,
      ...OF_ACTIVITY,
    })
  })

  it('adds no workflow to an activity that was started on its own', async () => {
    const inside = await inActivity(activityContext({}, {}), async () => metadata())
    expect(inside).toMatchObject(OF_ACTIVITY)
    expect(inside.workflow_id).toBeUndefined()
  })

  it('adds nothing outside', async () => {
    await inActivity(activityContext(), async () => {})
    expect(Object.keys(metadata())).toEqual(['custom_field', 'application_name', 'created_timestamp', 'topic_name'])
  })
})

describe('the activity that publishes for workflows', () => {
  it('keeps what the workflow filled in, and adds nothing of its own run', async () => {
    const service = new FakeService()
    const { publishEvent } = publishActivities(service.publisher({ context: [temporalActivityContext()] }))
    const context = activityContext({ activityType: 'publishEvent', activityId: '99' })
    const metadata = { ...OF_WORKFLOW, workflow_state: 'completed', created_timestamp: 5, topic_name: 'application_events' }
    await inActivity(context, () => publishEvent({ event_type: 'application_events', event_name: 'workflow_end', metadata }))
    expect(service.events[0]?.metadata).toEqual({ ...metadata, application_name: 'orders' })
  })

  it.each(['workflow_start', 'workflow_end'])('does not hold a workflow up for its %s', async (event_name) => {
    vi.useFakeTimers()
    try {
      const service = new FakeService()
      const never = new Promise<Response>(() => {})
      const publisher = service.publisher({ fetch: vi.fn(service.fetch).mockReturnValueOnce(never) })
      const done = vi.fn()
      void publishActivities(publisher).publishEvent({ event_type: 'application_events', event_name }).then(done)
      await vi.advanceTimersByTimeAsync(999)
      expect(done).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(done).toHaveBeenCalled()
      // It is sent all the same.
      await vi.runAllTimersAsync()
      expect(service.events).toMatchObject([{ event_name }])
    } finally {
      vi.useRealTimers()
    }
  })

  it('waits as long as it is told to', async () => {
    const publisher = new FakeService().publisher({ fetch: () => new Promise(() => {}), timeoutMs: 600_000 })
    const { publishEvent } = publishActivities(publisher, { patienceMs: 1 })
    await expect(publishEvent({ event_type: 'a', event_name: 'workflow_end' })).resolves.toBeUndefined()
  })

  it("ends once an event of the workflow's own is stored or given up", async () => {
    const service = new FakeService()
    const answered = Promise.withResolvers<Response>()
    const done = vi.fn()
    const publisher = service.publisher({ fetch: () => answered.promise })
    const publishing = publishActivities(publisher, { patienceMs: 1 }).publishEvent({ event_type: 'order.paid' }).then(done)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(done).not.toHaveBeenCalled()
    answered.resolve(new Response('{}', { status: 202 }))
    await publishing
  })

  it('succeeds although the store is away', async () => {
    const service = new FakeService()
    service.answers.push(503, 503, 503)
    await expect(publishActivities(service.publisher()).publishEvent({ event_type: 'a' })).resolves.toBeUndefined()
  })
})

/** As the worker's package declares them (`ActivityInterceptorsFactory`). */
interface InboundCalls {
  execute?: (
    input: { readonly args: unknown[]; readonly headers: Headers },
    next: Next<InboundCalls, 'execute'>,
  ) => Promise<unknown>
}
type InterceptorsFactory = (context: Context) => { inbound?: InboundCalls; outbound?: object }

/** Runs the work under the interceptor, as the worker does. */
function intercepted(service: FakeService, work: () => Promise<unknown>, context: Context = activityContext()) {
  const factory: InterceptorsFactory = lifecycleActivityInterceptors(service.publisher())
  const execute = factory(context).inbound?.execute
  return inActivity(context, async () => execute?.({ args: [], headers: {} }, work))
}

describe('the interceptor of activities', () => {
  it('publishes start and end with state and duration', async () => {
    const service = new FakeService()
    expect(await intercepted(service, async () => 'rows')).toBe('rows')
    expect(service.events.map(({ event_name, data }) => ({ event_name, ...data }))).toEqual([
      { event_name: 'activity_start', state: 'running' },
      { event_name: 'activity_end', state: 'completed', duration_ms: expect.any(Number) },
    ])
    for (const { metadata } of service.events) expect(metadata).toMatchObject({ ...OF_WORKFLOW, ...OF_ACTIVITY })
  })

  it('tells of a failure, and lets the very same failure through', async () => {
    const service = new FakeService()
    const failure = new RangeError('row 7 is no row')
    await expect(intercepted(service, () => Promise.reject(failure))).rejects.toBe(failure)
    expect(service.events[1]?.data).toMatchObject({ state: 'failed', error_type: 'RangeError', error_message: 'row 7 is no row' })
  })

  it.each([undefined, null, 'text', Object.create(null)])('tells of a failure that is no error: %s', async (thrown) => {
    const service = new FakeService()
    await expect(intercepted(service, () => Promise.reject(thrown))).rejects.toBe(thrown)
    expect(service.events[1]?.data?.state).toBe('failed')
  })

  it('publishes no end of an activity that completes elsewhere', async () => {
    const service = new FakeService()
    const elsewhere = new CompleteAsyncError()
    await expect(intercepted(service, () => Promise.reject(elsewhere))).rejects.toBe(elsewhere)
    expect(service.events.map(({ event_name }) => event_name)).toEqual(['activity_start'])
  })

  it('leaves the publishing activity alone', async () => {
    const service = new FakeService()
    await intercepted(service, async () => 'done', activityContext({ activityType: 'publishEvent' }))
    expect(service.requests).toEqual([])
  })

  it('does not hold the activity up while the store does not answer, and publishes in order when it does', async () => {
    const service = new FakeService()
    let answer = () => {}
    const store = new Promise<void>((resolve) => {
      answer = resolve
    })
    const slowAtFirst = vi.fn(service.fetch).mockImplementationOnce((input, init) => store.then(() => service.fetch(input, init)))
    const publisher = service.publisher({ timeoutMs: 600_000, fetch: slowAtFirst })
    const { inbound } = lifecycleActivityInterceptors(publisher, { patienceMs: 5 })(activityContext())
    expect(await inbound.execute({}, async () => 'rows')).toBe('rows')
    expect(service.requests).toEqual([])
    answer()
    await expect.poll(() => service.events.map(({ event_name }) => event_name)).toEqual(['activity_start', 'activity_end'])
  })

  it('changes nothing about the activity while the store is away', async () => {
    const service = new FakeService()
    service.answers.push(...Array.from({ length: 6 }, () => 503))
    expect(await intercepted(service, async () => 'rows')).toBe('rows')
  })
})
