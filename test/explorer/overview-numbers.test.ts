import { describe, expect, it } from 'vitest'
import { RANGE_MS, TIME_RANGES } from '../../src/explorer/routing/ranges.ts'
import { firstEventCommand } from '../../src/explorer/views/overview/first-event.ts'
import { activitySeries, assistantTotals, overviewBounds, stepName } from '../../src/explorer/views/overview/overview-numbers.ts'
import { logIdOf, logName } from '../../src/explorer/views/runs/model/log-ids.ts'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import { MAX_ACTIVITY_POINTS, MAX_OVERVIEW_DAYS } from '../../src/model/limits.ts'

const NOW = Date.parse('2026-01-15T10:07:31.250Z')

describe('the bounds of an overview', () => {
  it.each(TIME_RANGES)('are whole steps of %s that the service takes', (range) => {
    const { since, until, step } = overviewBounds(range, NOW)
    const length = NOW - Date.parse(since)
    expect(until).toBe(new Date(NOW).toISOString())
    expect(length).toBeGreaterThanOrEqual(RANGE_MS[range])
    expect(length).toBeLessThan(RANGE_MS[range] + step * 1000)
    expect(length).toBeLessThan(MAX_OVERVIEW_DAYS * 86_400_000)
    expect((Date.parse(since) / 1000) % step).toBe(0)
    expect(length / 1000 / step).toBeLessThan(Math.min(200, MAX_ACTIVITY_POINTS))
    expect(step % 60).toBe(0)
  })
})

describe('the series of a chart', () => {
  it('has every step, those without events too, and the one that is not over', () => {
    const series = activitySeries({
      since: '2026-01-15T10:00:00.000Z',
      until: '2026-01-15T10:04:00.000Z',
      step: 60,
      points: [
        { at: '2026-01-15T10:01:00.000Z', events: 12, failures: 1 },
        { at: '2026-01-15T10:03:00.000Z', events: 2, failures: 0 },
      ],
    })
    const first = Date.parse('2026-01-15T10:00:00Z') / 1000
    expect(series.at).toEqual([0, 60, 120, 180].map((seconds) => first + seconds))
    expect(series.events).toEqual([0, 12, 0, 2])
    expect(series.failures).toEqual([0, 1, 0, 0])
    expect(series.totals).toEqual({ events: 14, failures: 1 })
  })

  it('counts what the service put outside of the steps in the totals alone', () => {
    const at = '2026-01-15T09:59:00.000Z'
    const answer = { since: '2026-01-15T10:00:00.000Z', until: '2026-01-15T10:01:00.000Z', step: 60 }
    const series = activitySeries({ ...answer, points: [{ at, events: 1, failures: 0 }] })
    expect(series).toMatchObject({ events: [0], totals: { events: 1 } })
  })

  it.each([
    [60, 'minute'],
    [300, '5 minutes'],
    [3_600, 'hour'],
    [14_400, '4 hours'],
  ])('says what a step of %d s is', (step, name) => {
    expect(stepName(step)).toBe(name)
  })
})

describe('the totals of assistants', () => {
  const durations = { count: 0, p50: null, p95: null, max: null, mean: null }
  const one = { name: 'A', type: null, requests: 4, responses: 3, failures: 1, success_rate: 0.75, duration_ms: durations }

  it('weigh each run the same, whichever assistant it is of', () => {
    const totals = assistantTotals([one, { ...one, name: 'B', requests: 96, responses: 96, failures: 0, success_rate: 1 }])
    expect(totals).toEqual({ requests: 100, responses: 99, failures: 1, successRate: 0.99 })
  })

  it('have no rate where nothing ended', () => {
    expect(assistantTotals([{ ...one, responses: 0, failures: 0 }]).successRate).toBeNull()
  })
})

it('the command for a first event holds an event that can be recorded, and no key', () => {
  const command = firstEventCommand('https://store.example', true, NOW)
  const event: unknown = JSON.parse(/-d '([\s\S]+)'$/.exec(command)?.[1] ?? '')
  expect(checkAgentEvent(event)).toMatchObject({ ok: true })
  expect(command).toContain('curl https://store.example/v1/events \\\n  -H "Authorization: Bearer $EVENT_STORE_API_KEY" \\\n')
  expect(firstEventCommand('https://store.example', false, NOW)).not.toContain('Authorization')
})

it.each([
  ['workflow:a', { kind: 'run', run: 'a' }],
  ['workflow:workflow:a', { kind: 'run', run: 'workflow:a' }],
  ['topic:orders:eu:07', { kind: 'topic', topic: 'orders:eu', log: '07' }],
  ['topic:orders', null],
  ['conversation-1', null],
])('the log %s is named for what it is of', (id, name) => {
  expect(logName(id)).toEqual(name)
  expect(logIdOf(id)).toBe(name ? id : `workflow:${id}`)
})
