import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { FakeSegment } from '../support/segment.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const KEY = 'segment-write-key'

interface Published {
  readonly event_name: string
  readonly run: string
  readonly data?: Record<string, unknown>
}

async function publish(service: TestService, events: readonly Published[]): Promise<string[]> {
  const body = events.map(({ event_name, run, data = {} }) => ({
    event_type: 'application_events',
    event_name,
    data,
    metadata: { application_name: 'app', workflow_run_id: run, activity_id: '1', attempt: 1, custom: [run] },
  }))
  const answer = await fetch(`${service.url}/v1/publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(202)
  return ((await answer.json()) as { event_ids: string[] }).event_ids
}

const NAMES = ['workflow_start', 'activity_start', 'data.processed', 'activity_end', 'token_refresh', 'workflow_end']
const LIFECYCLE = NAMES.filter((name) => /_(start|end)$/.test(name))

/** Publishes whole runs; gives the ids of their lifecycle events. */
async function publishRuns(service: TestService, runs: readonly string[]): Promise<string[]> {
  const events = runs.flatMap((run) => NAMES.map((event_name) => ({ event_name, run })))
  const ids = await publish(service, events)
  return ids.filter((_, i) => LIFECYCLE.includes(events[i]?.event_name ?? ''))
}

const runs = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

describe('lifecycle events', () => {
  let segment: FakeSegment
  let service: TestService
  let api: Api

  beforeAll(async () => {
    segment = await FakeSegment.start(KEY)
    service = await startTestService({
      history: 'postgres',
      vars: { SEGMENT_WRITE_KEY: KEY, SEGMENT_HOST: segment.url },
    })
    api = new Api(service.url)
  })
  afterAll(async () => {
    await service?.stop()
    await segment?.stop()
  })

  const arrived = (ids: readonly string[]) =>
    waitFor('the lifecycle events are at Segment', 30, async () => ids.every((id) => segment.events.has(id)))

  it('arrive at Segment, once each, and no other events', async () => {
    const ids = await publishRuns(service, runs('plain', 60))
    await api.post(eventText({ conversation: 'an-assistant' }))
    await publishRuns(service, runs('plain', 60))
    await arrived(ids)
    expect(ids).toHaveLength(240)
    expect([...segment.events.keys()].sort()).toEqual([...ids].sort())
    expect(segment.dropped).toEqual([])
    expect(segment.answers.every((status) => status === 200)).toBe(true)
    expect(segment.events.get(ids[0] ?? '')).toMatchObject({
      event: 'workflow_started',
      anonymousId: 'app',
      messageId: ids[0],
      properties: { workflow_run_id: 'plain-0', application_name: 'app', attempt: 1, custom: ['plain-0'] },
    })
  })

  it('are recorded and read as ever while Segment fails, stalls and limits, and arrive once it serves', async () => {
    segment.troubles.push('stall', { status: 500 }, { status: 429, retryAfter: '1' })
    const first = await publishRuns(service, runs('first', 3))
    await waitFor('a request to Segment that gets no answer', 15, async () => segment.stalled > 0)

    const second = await publishRuns(service, runs('second', 3))
    expect((await api.page('/v1/conversations/workflow:second-0/events')).items).toHaveLength(NAMES.length)
    await waitFor('Postgres has the events', 15, () => api.persisted('workflow:second-2'))
    const item = await api.json<{ event: { event_name: string } }>(`/v1/events/${second[0]}`)
    expect(item.event.event_name).toBe('workflow_start')

    segment.release()
    await arrived([...first, ...second])
    expect(segment.answers).toEqual(expect.arrayContaining([0, 500, 429]))
    expect(segment.troubles).toEqual([])
    expect(segment.dropped).toEqual([])
  })

  it('arrive without their largest properties when they are too large', async () => {
    const [id = ''] = await publish(service, [
      { event_name: 'workflow_end', run: 'large', data: { rows: 3, note: 'é'.repeat(20_000) } },
    ])
    await arrived([id])
    const properties = segment.events.get(id)?.properties
    expect(properties).toMatchObject({ rows: 3, workflow_run_id: 'large' })
    expect(properties).not.toHaveProperty('note')
  })

  it('leave no trace of the key in the log', () => {
    const lines = JSON.stringify(service.logged)
    expect(lines).toContain('sent to Segment')
    expect(lines).not.toContain(KEY)
    expect(lines).not.toContain(btoa(`${KEY}:`))
  })
})
