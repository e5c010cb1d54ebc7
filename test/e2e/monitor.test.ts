import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  assistantLines,
  connectMonitor,
  explain,
  failuresByHour,
  latestRuns,
  stuckRequests,
} from '../../examples/monitor-a-service.ts'
import type { EventMonitor } from '../../src/client/monitor/index.ts'
import { stringifyJson } from '../../src/model/json.ts'
import { sampleRun } from '../../src/model/sample-run.ts'
import { seededRandom } from '../../src/model/sample-text.ts'
import { startTestService, type TestService } from '../support/service.ts'

const DAY = { since: new Date('2026-01-15T00:00:00Z'), until: new Date('2026-01-16T00:00:00Z') }

/** A run at a time of that day, and its events' JSON text. */
function run(name: string, time: string, finished: boolean, seed: number) {
  const startedAt = new Date(`2026-01-15T${time}Z`)
  const ids = { conversationId: `c-${name}`, assistantRequestId: name }
  const events = sampleRun({ ...ids, startedAt, turns: 1, finished, random: seededRandom(seed) })
  return { events: events.length, body: `[${events.map((event) => stringifyJson(event)).join(',')}]` }
}

describe.each(['postgres', 'in-memory'] as const)('monitoring a service with its history in %s', (history) => {
  let service: TestService
  let monitor: EventMonitor
  let recorded = 0

  beforeAll(async () => {
    service = await startTestService({ history })
    monitor = connectMonitor(service.url)
    const runs = [run('done', '10:00:00', true, 1), run('stuck', '10:30:00', false, 2), run('other', '12:00:00', false, 3)]
    for (const { events, body } of runs) {
      recorded += events
      expect((await post('/v1/events?ack=persisted', body)).status).toBe(201)
    }
  })
  afterAll(() => service?.stop())

  const post = (path: string, body: string) =>
    fetch(`${service.url}${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  const ask = async (path: string, headers = {}) => {
    const answer = await fetch(`${service.url}${path}`, { headers })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  it('counts what was recorded', async () => {
    const { points, step } = await monitor.activity({ ...DAY, step: 3600 })
    expect(step).toBe(3600)
    expect(points.map(({ at }) => at)).toEqual(['2026-01-15T10:00:00.000Z', '2026-01-15T12:00:00.000Z'])
    expect(points.reduce((sum, { events }) => sum + events, 0)).toBe(recorded)
    expect([...(await failuresByHour(monitor, DAY.until)).values()]).toEqual([0, 0])
  })

  it('tells of assistants what the summaries of their requests tell', async () => {
    const [line, ...more] = await assistantLines(monitor, DAY.since, DAY.until)
    const { durations } = await monitor.requestSummary('done')
    expect([line, more]).toEqual([`ReActAssistant: 3 asked, 0 failed, ${durations.assistant.max_ms} ms`, []])
  })

  it('finds what has not ended, and how it came to that', async () => {
    const stuck = await stuckRequests(monitor, DAY.since, DAY.until)
    expect(stuck.map(({ assistant_request_id }) => assistant_request_id)).toEqual(['other', 'stuck'])
    for (const { assistant_request_id, conversation_id, unfinished, events } of stuck) {
      expect(unfinished).toEqual((await monitor.requestSummary(assistant_request_id)).unfinished)
      expect(await monitor.conversation(conversation_id)).toMatchObject({ event_count: events })
    }
    const page = await monitor.unfinishedPage({ ...DAY, limit: 1 })
    const next = await monitor.unfinishedPage({ ...DAY, limit: 1, after: page.next_cursor ?? '' })
    expect([next.items[0]?.assistant_request_id, next.next_cursor]).toEqual(['stuck', null])
    expect((await monitor.conversationGraph('c-stuck')).nodes.length).toBeGreaterThan(5)
    expect(await monitor.conversation('unknown')).toBeNull()
    await expect(monitor.conversationGraph('unknown')).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('lists workflows’ runs apart from conversations', async () => {
    const event = { event_type: 'application_events', event_name: 'workflow_start', metadata: { workflow_run_id: 'run-1' } }
    const answer = await post('/v1/publish', JSON.stringify(event))
    const session = { 'Event-Store-Session': answer.headers.get('Event-Store-Session') ?? '' }
    const { body } = await ask('/v1/conversations?kind=application', session)
    expect(body).toMatchObject({ items: [{ conversation_id: 'workflow:run-1', event_count: 1 }], next_cursor: null })
    expect(await latestRuns(monitor)).toEqual(['run-1'])
    const { items } = await monitor.conversations({ kind: 'agent' })
    expect(items.map(({ conversation_id }) => conversation_id)).toEqual(['c-other', 'c-stuck', 'c-done'])
    expect((await ask('/v1/conversations?kind=workflow')).status).toBe(400)
  })

  it('counts an event at once for who brings the session of its writer', async () => {
    const answer = await post('/v1/events', run('fresh', '20:00:00', true, 4).body)
    const session = { 'Event-Store-Session': answer.headers.get('Event-Store-Session') ?? '' }
    const { body } = await ask('/v1/monitor/activity?since=2026-01-15T20:00:00Z&until=2026-01-15T21:00:00Z', session)
    expect(body.points).not.toEqual([])
    const lines = await fetch(`${service.url}/v1/monitor/unfinished?since=2026-01-15T00:00:00Z&until=2026-01-16T00:00:00Z`, {
      headers: { Accept: 'application/x-ndjson' },
    })
    const ids = (await lines.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).assistant_request_id)
    expect(ids).toEqual(['other', 'stuck'])
  })

  it.each([
    ['activity?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:01Z', 422, 'range_days'],
    ['assistants?since=2026-01-01T00:00:00Z&until=2026-02-02T00:00:00Z', 422, 'range_days'],
    ['unfinished?since=2026-01-01T00:00:00Z&until=2026-02-02T00:00:00Z', 422, 'range_days'],
    ['activity?since=2026-01-01T00:00:00Z&until=2026-01-30T00:00:00Z&step=60', 422, 'activity_points'],
    ['activity?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 400, undefined],
    ['activity?step=90', 400, undefined],
    ['activity?step=86460', 400, undefined],
    ['activity?since=yesterday', 400, undefined],
    ['assistants?step=60', 400, undefined],
    ['unfinished?after=7', 400, undefined],
    ['activity', 200, undefined],
    ['assistants', 200, undefined],
    ['unfinished', 200, undefined],
  ])('answers %s with %i', async (path, status, limit) => {
    const answer = await ask(`/v1/monitor/${path}`)
    expect([answer.status, answer.body.limit]).toEqual([status, limit])
  })

  it('explains to people what went wrong', async () => {
    const failure = await monitor.activity({ since: '2026-01-01T00:00:00Z', until: '2026-03-01T00:00:00Z' }).catch(explain)
    expect(failure).toBe('Choose a shorter range.')
    expect(await connectMonitor(service.url, 'evs_no_key').activity().catch(explain)).toBe('The key does not hold.')
  })
})
