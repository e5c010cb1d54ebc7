import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { activityPublisher, dataActivities } from '../../../examples/publishing/activity-events.ts'
import { workerOptions } from '../../../examples/publishing/temporal/worker-options.ts'
import { temporalActivityContext } from '../../../src/client/temporal/activity.ts'
import { FakeService } from '../../client/publishing/fake-service.ts'
import { bundleWorkflows, publishedBy, SandboxRun } from '../../client/publishing/temporal-sandbox.ts'
import { activityContext, inActivity } from '../../support/temporal-activity.ts'

const OF_ACTIVITY = {
  activity_type: 'processData',
  activity_id: '7',
  attempt: 2,
  workflow_id: 'import-1',
  workflow_state: 'running',
}

function publisherTo(service: FakeService) {
  return service.publisher({ context: [temporalActivityContext()] })
}

describe('the example of activities that publish', () => {
  const context = activityContext({ activityType: 'processData' })

  it('publishes start and success, from inside the activity', async () => {
    const service = new FakeService()
    const { processData } = dataActivities(publisherTo(service), async () => ({ count: 5 }))
    expect(await inActivity(context, () => processData({ source: 's3' }))).toEqual({ count: 5 })
    expect(service.events).toMatchObject([
      { event_type: 'activity.data_processing_started', data: { source: 's3' }, metadata: OF_ACTIVITY },
      { event_type: 'activity.data_processing_completed', data: { source: 's3', records: 5 }, metadata: OF_ACTIVITY },
    ])
  })

  it('publishes a failure, and fails', async () => {
    const service = new FakeService()
    const failure = new Error('access denied')
    const { processData } = dataActivities(publisherTo(service), () => Promise.reject(failure))
    await expect(inActivity(context, () => processData({ source: 's3' }))).rejects.toBe(failure)
    expect(service.events[1]).toMatchObject({
      event_type: 'activity.data_processing_failed',
      data: { error: 'Error: access denied' },
    })
  })

  it('runs without an event store', async () => {
    const { processData } = dataActivities(activityPublisher({}), async () => ({ count: 5 }))
    expect(await inActivity(context, () => processData({ source: 's3' }))).toEqual({ count: 5 })
  })
})

describe('the example of a worker', () => {
  it('gives the worker what tracks workflows and activities', async () => {
    const service = new FakeService()
    const options = workerOptions(publisherTo(service), { processData: async () => ({ count: 5 }) })
    expect(Object.keys(options.activities)).toEqual(['processData', 'publishEvent'])

    const context = activityContext({ activityType: 'processData' })
    const [interceptors] = options.interceptors.activity.map((factory) => factory(context))
    await inActivity(context, async () => interceptors?.inbound.execute({ args: [] }, options.activities.processData))
    expect(service.events.map(({ event_name }) => event_name)).toEqual(['activity_start', 'activity_end'])
    for (const module of [options.workflowsPath, ...options.interceptors.workflowModules]) await readFile(module)
  })

  it('runs its workflow between start and end, and publishes from it', async () => {
    const { workflowsPath, interceptors } = workerOptions(new FakeService().publisher(), {})
    const run = new SandboxRun(await bundleWorkflows(workflowsPath, interceptors.workflowModules[0] as string), 'importSource')
    const published = [run.start(), run.resolve(1), run.resolve(2, { result: { count: 5 } }), run.resolve(3)].flatMap(
      (commands) =>
        commands.filter(
          (command) => (command.scheduleLocalActivity ?? command.scheduleActivity)?.activityType === 'publishEvent',
        ),
    )
    expect(published.map((command) => publishedBy(command).event)).toMatchObject([
      { event_name: 'workflow_start', metadata: { workflow_type: 'importSource' } },
      { event_name: 'SourceImported', data: { count: 5 }, metadata: { workflow_type: 'importSource' } },
      { event_name: 'workflow_end', data: { state: 'completed' } },
    ])
  })
})
