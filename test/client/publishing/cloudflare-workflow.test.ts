import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type TrackedStep, trackWorkflowRun } from '../../../src/client/publishing/cloudflare-workflow.ts'
import { FakeEngine } from './fake-engine.ts'
import { FakeService } from './fake-service.ts'

const trigger = { instanceId: 'order-1', workflowName: 'orders' }

function run(service: FakeService, engine: FakeEngine, body: (step: TrackedStep) => Promise<unknown>) {
  return engine.run((step) => trackWorkflowRun(service.publisher(), trigger, step, body))
}

const told = ({ events }: FakeService) =>
  events.map(({ event_type, event_name, metadata }) => [event_name ?? event_type, metadata.activity_id, metadata.attempt])

describe('a tracked run of a Cloudflare Workflow', () => {
  it('tells the steps of one name apart', async () => {
    const service = new FakeService()
    await run(service, new FakeEngine(), async (step) => {
      await step.do('charge', async () => 1)
      await step.do('charge', async ({ publisher }) => publisher.publishEvent({ event_type: 'order.paid' }))
    })
    expect(told(service)).toEqual([
      ['workflow_start', undefined, undefined],
      ['activity_start', 'charge-1', 1],
      ['activity_end', 'charge-1', 1],
      ['activity_start', 'charge-2', 1],
      ['order.paid', 'charge-2', 1],
      ['activity_end', 'charge-2', 1],
      ['workflow_end', undefined, undefined],
    ])
  })

  it('publishes nothing again when the engine replays it, and keeps its run', async () => {
    const service = new FakeService()
    const engine = new FakeEngine()
    const charge = (step: TrackedStep) =>
      step.do('charge', ({ publisher }) => publisher.publishEvent({ event_type: 'order.paid' }))
    run(service, engine, async (step) => {
      await charge(step)
      // The engine lets go of a run that waits, and begins it anew.
      await new Promise(() => {})
    })
    await expect.poll(() => service.events.length).toBe(4)
    await run(service, engine, async (step) => {
      await charge(step)
      await step.do('send', async () => {})
    })
    expect(told(service).map(([name]) => name)).toEqual([
      ...['workflow_start', 'activity_start', 'order.paid', 'activity_end'],
      ...['activity_start', 'activity_end', 'workflow_end'],
    ])
    expect(new Set(service.events.map(({ metadata }) => metadata.workflow_run_id)).size).toBe(1)
  })

  it('has a new run when its instance is restarted', async () => {
    const service = new FakeService()
    await run(service, new FakeEngine(), async () => {})
    await run(service, new FakeEngine(), async () => {})
    const [first, , second] = service.events.map(({ metadata }) => metadata.workflow_run_id)
    expect(second).not.toBe(first)
  })

  it('tells of its failure, and fails as it would have', async () => {
    const service = new FakeService()
    const failure = new Error('declined')
    const failing = run(service, new FakeEngine(), (step) =>
      step.do('charge', { retries: { limit: 1, delay: 1 } }, () => Promise.reject(failure)),
    )
    await expect(failing).rejects.toBe(failure)
    expect(told(service).map(([name, , attempt]) => [name, attempt])).toEqual([
      ['workflow_start', undefined],
      ['activity_start', 1],
      ['activity_end', 1],
      ['activity_start', 2],
      ['activity_end', 2],
      ['workflow_end', undefined],
    ])
    expect(service.events.at(-1)).toMatchObject({
      data: { state: 'failed', error_message: 'declined', duration_ms: expect.any(Number) },
      metadata: { workflow_state: 'failed' },
    })
  })

  it.each(['publish workflow_start', 'publish workflow_end'])('runs although its step "%s" fails', async (refused) => {
    const service = new FakeService()
    expect(await run(service, new FakeEngine({ refused }), (step) => step.do('send', async () => 'sent'))).toBe('sent')
    for (const { metadata } of service.events)
      expect(metadata).toMatchObject({ workflow_id: 'order-1', workflow_run_id: expect.any(String) })
  })

  it('fails as it would have although the step that tells of it fails', async () => {
    const failure = new Error('declined')
    const engine = new FakeEngine({ refused: 'publish workflow_end' })
    await expect(run(new FakeService(), engine, () => Promise.reject(failure))).rejects.toBe(failure)
  })

  it('runs although the store is away', async () => {
    const service = new FakeService()
    service.answers.push(...Array.from({ length: 12 }, () => 503))
    expect(await run(service, new FakeEngine(), (step) => step.do('send', async () => 'sent'))).toBe('sent')
  })

  it('counts steps by itself where the engine does not say', async () => {
    const service = new FakeService()
    await run(service, new FakeEngine({ passesContext: false }), async (step) => {
      await step.do('charge', async () => {})
      await step.do('charge', async () => {})
    })
    expect(told(service).filter(([name]) => name === 'activity_start')).toEqual([
      ['activity_start', 'charge-1', 1],
      ['activity_start', 'charge-2', 1],
    ])
  })

  it('hands the other kinds of steps on', async () => {
    const heard = await run(new FakeService(), new FakeEngine(), async (step) => {
      await step.sleep('a while', '1 second')
      await step.sleepUntil('then', new Date(0))
      return step.waitForEvent<string>('the answer', { type: 'answer' })
    })
    expect(heard).toMatchObject({ payload: 'yes', type: 'answer' })
  })
})

describe('a tracked run whose store never answers', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(async () => {
    await vi.runAllTimersAsync()
    vi.useRealTimers()
  })

  /** What became of the run after this time on the engine's clock. */
  async function outcomeAfter(ms: number, engine: FakeEngine, body: (step: TrackedStep) => Promise<unknown>) {
    const service = new FakeService()
    const publisher = service.publisher({ fetch: () => new Promise(() => {}) })
    const outcome = engine
      .run((step) => trackWorkflowRun(publisher, trigger, step, body))
      .catch((error: Error) => `failed: ${error.message}`)
    await vi.advanceTimersByTimeAsync(ms)
    return Promise.race([outcome, 'still running'])
  }

  it('takes a second more for its start, its end and each of its steps, and not longer', async () => {
    const body = async (step: TrackedStep) => {
      await step.do('charge', async () => {})
      return step.do('send', async () => 'sent')
    }
    expect(await outcomeAfter(3_999, new FakeEngine(), body)).toBe('still running')
    expect(await outcomeAfter(4_000, new FakeEngine(), body)).toBe('sent')
  })

  it('does a step once that ends just before its timeout', async () => {
    let done = 0
    const outcome = await outcomeAfter(4_000, new FakeEngine(), (step) =>
      step.do('charge', { timeout: 100, retries: { limit: 3, delay: 1 } }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 90))
        done++
        return 'charged'
      }),
    )
    expect([done, outcome]).toEqual([1, 'charged'])
  })

  it("keeps a step's result before it waits for the store", async () => {
    const engine = new FakeEngine()
    expect(await outcomeAfter(1_001, engine, (step) => step.do('charge', async () => 'charged'))).toBe('still running')
    expect(engine.hasKept('charge-1')).toBe(true)
  })

  it('fails as soon as it would have, but for the same waits', async () => {
    const body = (step: TrackedStep) =>
      step.do('charge', { retries: { limit: 2, delay: 1 } }, () => Promise.reject(new Error('declined')))
    // Two delays between attempts are in it.
    expect(await outcomeAfter(3_002, new FakeEngine(), body)).toBe('failed: declined')
  })
})
