import { beforeAll, describe, expect, it, vi } from 'vitest'
import { publishFromWorkflow } from '../../../src/client/temporal/workflow.ts'
import { bundleWorkflows, type Command, publishedBy, SandboxRun } from './temporal-sandbox.ts'

const PATCH = 'edge-event-store-lifecycle-events'
const WORKFLOWS = './test/client/publishing/sandbox-workflows.ts'
const INTERCEPTORS = './src/client/temporal/workflow.ts'
let code: string

beforeAll(async () => {
  code = await bundleWorkflows(WORKFLOWS, INTERCEPTORS)
})

/** What stands beside every command's own member. */
const BESIDE = ['userMetadata', 'eventGroupMarkers']

const kinds = (commands: readonly Command[]) =>
  commands.flatMap((command) => Object.keys(command).filter((key) => !BESIDE.includes(key)))
const publishing = (commands: readonly Command[]) =>
  commands.find((command) => command.scheduleLocalActivity ?? command.scheduleActivity)

/** A run past its start event. */
function begun(workflow: string): { run: SandboxRun; commands: Command[] } {
  const run = new SandboxRun(code, workflow)
  const { seq } = publishedBy(publishing(run.start()))
  return { run, commands: run.resolve(seq) }
}

describe('a workflow with the lifecycle interceptor', () => {
  it('publishes its start first, from its own clock', () => {
    const commands = new SandboxRun(code, 'charges').start()
    const { local, event } = publishedBy(publishing(commands))
    expect(kinds(commands)).toEqual(['setPatchMarker', 'scheduleLocalActivity'])
    expect(local).toBe(true)
    expect(event).toEqual({
      event_type: 'application_events',
      event_name: 'workflow_start',
      data: { state: 'running' },
      metadata: {
        created_timestamp: 1_700_000_000,
        topic_name: 'application_events',
        workflow_type: 'charges',
        workflow_id: 'order-1',
        workflow_run_id: 'run-1',
        workflow_state: 'running',
      },
    })
  })

  it('publishes its end with state and duration before it completes', () => {
    const { run, commands } = begun('charges')
    expect(kinds(commands)).toEqual(['scheduleActivity'])
    const last = run.resolve(2, { passed: 2_500 })
    const { seq, event } = publishedBy(publishing(last))
    expect(event.data).toEqual({ state: 'completed', duration_ms: 2_500 })
    expect(event.metadata).toMatchObject({
      workflow_state: 'completed',
      created_timestamp: 1_700_000_003,
      workflow_run_id: 'run-1',
    })
    expect(kinds(run.resolve(seq))).toEqual(['completeWorkflowExecution'])
  })

  it('gives a publish three attempts, and goes on when all of them failed', () => {
    const run = new SandboxRun(code, 'charges')
    const start = publishing(run.start())
    expect(start?.scheduleLocalActivity?.retryPolicy.maximumAttempts).toBe(3)
    expect(kinds(run.resolve(1, { failure: 'no such activity here' }))).toEqual(['scheduleActivity'])
    expect(kinds(run.resolve(2))).toEqual(['scheduleLocalActivity'])
    expect(kinds(run.resolve(3, { failure: 'the store is away' }))).toEqual(['completeWorkflowExecution'])
  })

  it('tells of its failure, and fails as it would have', () => {
    const { run, commands } = begun('fails')
    const { seq, event } = publishedBy(publishing(commands))
    expect(event.data).toMatchObject({ state: 'failed', error_type: 'ApplicationFailure', error_message: 'no such order' })
    expect(event.metadata.workflow_state).toBe('failed')
    const [end] = run.resolve(seq)
    expect(end?.failWorkflowExecution?.failure.message).toBe('no such order')
  })

  it('tells the first cause of a failed activity', () => {
    const { run } = begun('charges')
    const { event } = publishedBy(publishing(run.resolve(2, { failure: 'card declined' })))
    expect(event.data).toMatchObject({ state: 'failed', error_message: 'card declined' })
  })

  it('has not ended while a bug makes Temporal try the task again', () => {
    const run = new SandboxRun(code, 'hasABug')
    run.start()
    expect(() => run.resolve(1)).toThrow('undefined is not an order')
  })

  it('has ended by a bug where the worker says that bugs fail workflows', async () => {
    const own = './test/client/publishing/sandbox-interceptors.ts'
    const run = new SandboxRun(await bundleWorkflows(WORKFLOWS, own), 'hasABug')
    run.start()
    expect(publishedBy(publishing(run.resolve(1))).event.data).toMatchObject({ state: 'failed', error_type: 'TypeError' })
  })

  it('tells of its cancellation although it is cancelled', () => {
    const { run, commands } = begun('sleeps')
    expect(kinds(commands)).toEqual(['startTimer'])
    const cancelled = run.cancel()
    const { seq, event } = publishedBy(publishing(cancelled))
    expect(event.data).toMatchObject({ state: 'failed', cancelled: true })
    expect(kinds(run.resolve(seq))).toEqual(['cancelWorkflowExecution'])
  })

  it('publishes its start although it is cancelled meanwhile', () => {
    const run = new SandboxRun(code, 'sleeps')
    run.start()
    expect(kinds(run.cancel())).not.toContain('requestCancelLocalActivity')
    expect(publishedBy(publishing(run.resolve(1))).event.data).toMatchObject({ cancelled: true })
  })

  it('has completed, not failed, when it continues as new', () => {
    const { run, commands } = begun('goesOnAsNew')
    const { seq, event } = publishedBy(publishing(commands))
    expect(event.data).toMatchObject({ state: 'completed', continued_as_new: true })
    expect(kinds(run.resolve(seq))).toEqual(['continueAsNewWorkflowExecution'])
  })

  it('gives the same commands in a replay', () => {
    const script = (run: SandboxRun, patches: string[]) => [
      run.start(patches),
      run.resolve(1),
      run.resolve(2, { passed: 90 }),
      run.resolve(3),
    ]
    const plain = (steps: readonly Command[][]) => JSON.stringify(steps)
    const lived = script(new SandboxRun(code, 'charges'), [])
    expect(plain(script(new SandboxRun(code, 'charges', { replaying: true }), [PATCH]))).toBe(plain(lived))
  })

  it('replays a history from before the interceptor as it ran', () => {
    const run = new SandboxRun(code, 'charges', { replaying: true })
    expect(kinds(run.start())).toEqual(['scheduleActivity'])
    expect(kinds(run.resolve(1))).toEqual(['completeWorkflowExecution'])
  })
})

describe('the module for workflows', () => {
  it('brings no validation, no HTTP and no module of Node into the sandbox', () => {
    const own = [...code.matchAll(/^ *\/\/ (src\/.*\.ts)$/gm)].map(([, file]) => file)
    expect(own.sort()).toEqual([
      'src/client/publishing/enrich-metadata.ts',
      'src/client/publishing/event-names.ts',
      'src/client/publishing/lifecycle-events.ts',
      'src/client/publishing/reason-of.ts',
      'src/client/temporal/workflow.ts',
      'src/model/event-types.ts',
    ])
  })
})

describe('publishing from a workflow', () => {
  it('goes through an activity, with the metadata and an id that repeats keep', () => {
    const published = () => publishedBy(publishing(begun('publishes').commands))
    const { local, event } = published()
    expect(local).toBe(false)
    expect(event).toMatchObject({
      event_type: 'order.paid',
      data: { amount: 5 },
      metadata: { custom_field: 'kept', topic_name: 'order.paid', workflow_type: 'publishes', workflow_id: 'order-1' },
    })
    expect(event.event_id).toMatch(/^[0-9a-f]{8}-/)
    expect(published().event.event_id).toBe(event.event_id)
  })

  it('does not fail the workflow, whatever becomes of the event', () => {
    const { run, commands } = begun('publishes')
    expect(kinds(run.resolve(publishedBy(publishing(commands)).seq, { failure: 'timed out' }))).toEqual(['scheduleLocalActivity'])
    const { event } = publishedBy(publishing(begun('publishesWhatNoPayloadHolds').commands))
    expect(event.data).toMatchObject({ state: 'completed' })
  })
  it('warns outside of a workflow, where it publishes nothing', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    await publishFromWorkflow({ event_type: 'order.paid' })
    const said = warn.mock.calls.flat()
    warn.mockRestore()
    expect(said).toEqual([expect.stringContaining('publishFromWorkflow was called outside of a workflow')])
  })
})
