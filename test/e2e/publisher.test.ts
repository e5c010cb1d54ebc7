import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codec, eventsOfRun, paymentsOfRun } from '../../examples/publishing/read-published.ts'
import { HttpEventStore } from '../../src/client/http-event-store.ts'
import { asyncContext, EventPublisher, type ExecutionContext, lifecycleTracking } from '../../src/client/publishing/index.ts'
import { temporalActivityContext } from '../../src/client/temporal/activity.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { activityContext, inActivity } from '../support/temporal-activity.ts'
import { waitFor } from '../support/wait-for.ts'

interface StoredEvent {
  readonly event_id: string
  readonly event_type: string
  readonly event_name?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

describe('an application that publishes to the service', () => {
  let service: TestService
  let apiKey: string
  const complaints: string[] = []

  beforeAll(async () => {
    service = await startTestService({ history: 'in-memory' })
    const made = await fetch(`${service.url}/v1/keys`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"scopes":["events:publish","events:read"]}',
    })
    apiKey = ((await made.json()) as { key: string }).key
  })
  afterAll(() => service?.stop())

  const publisher = (options: ConstructorParameters<typeof EventPublisher>[0] = {}) =>
    new EventPublisher({
      url: service.url,
      apiKey,
      applicationName: 'orders',
      log: (_, message, fields) => complaints.push(`${message} ${fields?.reason ?? ''}`),
      ...options,
    })

  async function read(path: string): Promise<StoredEvent[]> {
    const answer = await fetch(`${service.url}${path}`, { headers: { Authorization: `Bearer ${apiKey}` } })
    if (answer.status === 404) return []
    return ((await answer.json()) as { items: { event: StoredEvent }[] }).items.map(({ event }) => event)
  }
  const logOf = (run: string) => read(`/v1/conversations/${encodeURIComponent(`workflow:${run}`)}/events`)
  const ofTopic = (topic: string, count: number) =>
    waitFor(`${count} events of ${topic}`, 30, async () => {
      const events = await read(`/v1/topics/${topic}/events`)
      return events.length >= count ? events : null
    })

  it('finds an event of its own by the topic, with its metadata', async () => {
    const topic = `order.paid.${randomUUID()}`
    await publisher().publishEvent({
      event_type: topic,
      event_name: 'OrderPaid',
      data: { amount: 12 },
      metadata: { shop: 'Graz' },
    })
    expect(await ofTopic(topic, 1)).toEqual([
      {
        event_id: expect.any(String),
        event_type: topic,
        event_name: 'OrderPaid',
        data: { amount: 12 },
        metadata: { shop: 'Graz', application_name: 'orders', created_timestamp: expect.any(Number), topic_name: topic },
      },
    ])
  })

  it('finds several events of one request', async () => {
    const topic = `tick.${randomUUID()}`
    await publisher().publishEvents(Array.from({ length: 30 }, (_, i) => ({ event_type: topic, data: { i } })))
    const found = (await ofTopic(topic, 30)).map(({ data }) => Number(data?.i))
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  it('has one event where the answer to the first try was lost', async () => {
    const runId = randomUUID()
    let tries = 0
    const lossy: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init)
      if (++tries === 1) throw new Error('connection reset')
      return answer
    }
    const metadata = { workflow_run_id: runId }
    await publisher({ fetch: lossy, retry: { firstDelayMs: 1 } }).publishEvents([
      { event_type: 'order.paid', metadata },
      { event_type: 'order.paid', metadata },
    ])
    expect(tries).toBe(2)
    expect(await logOf(runId)).toHaveLength(2)
  })

  it('reads a run of tracked code, each end behind its start', async () => {
    const runId = randomUUID()
    const context = asyncContext(new AsyncLocalStorage<ExecutionContext>())
    const tracked = publisher({ context: [context.provider] })
    const { trackWorkflow, trackActivity } = lifecycleTracking(tracked, context, { patienceMs: 30_000 })
    await trackWorkflow({ type: 'Import', id: 'import-1', runId }, () =>
      trackActivity({ type: 'extract', id: 'extract-1', attempt: 1 }, () => tracked.publishEvent({ event_type: 'rows.read' })),
    )
    const log = await logOf(runId)
    const told = log.map(({ event_type, event_name, metadata }) => `${event_name ?? event_type} ${metadata.workflow_state}`)
    // Work does not wait for its start to be stored, so that two starts may change places.
    expect(told.toSorted()).toEqual([
      'activity_end running',
      'activity_start running',
      'rows.read running',
      'workflow_end completed',
      'workflow_start running',
    ])
    expect(told.indexOf('activity_end running')).toBeGreaterThan(told.indexOf('activity_start running'))
    expect(told.at(-1)).toBe('workflow_end completed')
  })

  it('reads a run over HTTP, and its registered events through the typed store, as the examples do', async () => {
    const runId = randomUUID()
    const metadata = { workflow_run_id: runId }
    await publisher().publishEvents([
      { event_type: 'order.paid', data: { amount: 12, id: 1756377611078069123n }, metadata },
      { event_type: 'order.sent', metadata },
    ])
    const [paid, sent] = await eventsOfRun(service.url, apiKey, runId)
    expect([paid?.data, sent?.event_type]).toEqual([{ amount: 12, id: 1756377611078069123n }, 'order.sent'])
    const store = new HttpEventStore({ url: service.url, apiKey, codec })
    expect(await paymentsOfRun(store, runId)).toEqual([paid])
    const unregistered = new HttpEventStore({ url: service.url, apiKey })
    expect(await unregistered.getConversationEvents(`workflow:${runId}`)).toEqual([])
  })

  it('stores an event under every key that text can be, once', async () => {
    for (const idempotencyKey of [`bestellung ${randomUUID()} ä€\n`, `100% ${randomUUID()}`]) {
      const metadata = { workflow_run_id: randomUUID(), created_timestamp: 5 }
      const event = { event_type: 'order.paid', metadata }
      await publisher().publishEvent(event, { idempotencyKey })
      await publisher().publishEvent(event, { idempotencyKey })
      expect((await logOf(metadata.workflow_run_id)).map(({ event_id }) => event_id)).toEqual([
        encodeURIComponent(idempotencyKey),
      ])
    }
  })

  it('warns of an event whose id stands with other content', async () => {
    const event = { event_id: randomUUID(), event_type: 'order.paid', metadata: { workflow_run_id: randomUUID() } }
    const logged: string[] = []
    const log = (level: string, _: string, fields?: object) => logged.push(`${level} ${JSON.stringify(fields)}`)
    await publisher({ log }).publishEvent({ ...event, data: { amount: 1 } })
    await publisher({ log }).publishEvent({ ...event, data: { amount: 2 } })
    expect(logged).toEqual([`warn ${JSON.stringify({ reason: event.event_id })}`])
  })

  it('is known by its Temporal activity', async () => {
    const runId = randomUUID()
    const context = activityContext({ workflowExecution: { workflowId: 'import-1', runId } })
    await inActivity(context, () => publisher({ context: [temporalActivityContext()] }).publishEvent({ event_type: 'rows.read' }))
    const [event] = await logOf(runId)
    expect(event?.metadata).toMatchObject({ activity_type: 'extract', activity_id: '7', attempt: 2, workflow_id: 'import-1' })
  })

  it('goes on when the key is wrong, and says so in its log', async () => {
    const before = complaints.length
    await publisher({ apiKey: 'another-key' }).publishEvent({ event_type: 'order.paid' })
    expect(complaints.slice(before)).toHaveLength(1)
    expect(complaints.at(-1)).toMatch(/^events could not be published publishEvent failed/)
    expect(complaints.slice(0, before)).toEqual([])
  })
})
