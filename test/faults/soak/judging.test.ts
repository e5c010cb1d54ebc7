import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/model/sample-text.ts'
import { Backlog } from './backlog.ts'
import { Conversation, isAsSent } from './book.ts'
import { type Happened, planDisruptions } from './disruptions.ts'
import { servedMs } from './measuring.ts'
import { describeLife, growthAcrossLives, growthWithinLife } from './memory.ts'

const MINUTE = 60_000

/** A life with a sample every ten seconds. */
function lifeOf(minutes: number, bytesAt: (ageMs: number) => number) {
  const samples = Array.from({ length: minutes * 6 + 1 }, (_, i) => i * 10_000).map((ageMs) => ({
    ageMs,
    bytes: { live: bytesAt(ageMs), resident: null },
  }))
  return describeLife({ samples })
}

describe('the memory of a life', () => {
  it('is flat where it goes up and down around the same', () => {
    const life = lifeOf(12, (ms) => 200e6 + 20e6 * Math.sin(ms / 7_000))
    expect(growthWithinLife([life], 'live')).toBeCloseTo(1, 1)
    expect(Math.abs(life.live.slope as number)).toBeLessThan(20e6)
  })

  it('is flat where it grew while it warmed up, and not where it goes on growing', () => {
    const warming = lifeOf(12, (ms) => 200e6 * Math.min(ms / MINUTE, 1))
    expect(growthWithinLife([warming], 'live')).toBe(1)
    const growing = lifeOf(12, (ms) => 200e6 + (ms / MINUTE) * 10e6)
    expect(growthWithinLife([growing], 'live')).toBeGreaterThan(1.1)
    expect(growing.live.slope).toBeCloseTo(600e6, -3)
  })

  it('is judged by the longest life, if that is long enough', () => {
    const flat = lifeOf(12, () => 200e6)
    const growing = lifeOf(7, (ms) => 100e6 + ms * 1_000)
    expect(growthWithinLife([growing, flat], 'live')).toBe(1)
    expect(growthWithinLife([lifeOf(3, () => 1)], 'live')).toBeNull()
    expect(growthWithinLife([], 'live')).toBeNull()
  })

  it('is compared with that of another life at the same age', () => {
    const lives = [100e6, 999e6, 150e6].map((bytes, i) => lifeOf(i === 1 ? 2 : 5, () => bytes))
    expect(growthAcrossLives(lives, 'live')).toBe(1.5)
    expect(growthAcrossLives(lives.slice(0, 2), 'live')).toBeNull()
  })

  it('is not judged where it could not be looked at', () => {
    expect(growthWithinLife([lifeOf(12, () => 1)], 'resident')).toBeNull()
    expect(growthAcrossLives([lifeOf(12, () => 1), lifeOf(12, () => 1)], 'resident')).toBeNull()
  })
})

describe('the backlog', () => {
  it('is what was acknowledged and not delivered, and as old as the oldest of it', () => {
    let now = 10
    const backlog = new Backlog(() => now)
    expect([backlog.events, backlog.oldestAt]).toEqual([0, null])
    backlog.acknowledged('a', 5)
    now = 20
    backlog.acknowledged('a', 3)
    backlog.acknowledged('b', 2)
    expect([backlog.events, backlog.oldestAt]).toEqual([7, 10])
    backlog.delivered('a', 4)
    expect([backlog.events, backlog.oldestAt]).toEqual([3, 10])
    backlog.delivered('a', 6)
    expect([backlog.events, backlog.oldestAt, backlog.conversations]).toEqual([2, 20, ['b']])
    backlog.acknowledged('a', 6)
    backlog.delivered('b', 2)
    expect([backlog.events, backlog.oldestAt]).toEqual([0, null])
  })

  it('does not age while the database is away', () => {
    const away = (kind: Happened['kind'], fromMs: number, toMs: number | null): Happened => ({
      kind,
      fromMs,
      toMs,
      caughtUpMs: null,
    })
    const happened = [
      away('PostgreSQL stopped', 100, 200),
      away('runtime killed', 250, 300),
      away('PostgreSQL cut off', 400, null),
    ]
    expect(servedMs(150, 350, happened)).toBe(150)
    expect(servedMs(50, 500, happened)).toBe(250)
  })
})

describe('the plan of the disruptions', () => {
  it('is the same for the same seed', () => {
    expect(planDisruptions(30 * MINUTE, seededRandom(1))).toEqual(planDisruptions(30 * MINUTE, seededRandom(1)))
    expect(planDisruptions(30 * MINUTE, seededRandom(1))).not.toEqual(planDisruptions(30 * MINUTE, seededRandom(2)))
  })

  it.each([14_000, 3 * MINUTE, 30 * MINUTE])(
    'has every kind in %i ms, and leaves the runtime alone towards the end',
    (durationMs) => {
      for (let seed = 0; seed < 200; seed++) {
        const plan = planDisruptions(durationMs, seededRandom(seed))
        expect(new Set(plan.map(({ kind }) => kind)).size).toBe(4)
        expect(plan.length).toBeLessThan(40)
        const last = plan.findLast(({ kind }) => kind === 'runtime killed')
        expect(last?.atMs).toBeLessThan(durationMs * (durationMs < 30 * MINUTE ? 1 : 0.6))
        for (const { atMs, forMs } of plan) expect(atMs + forMs).toBeLessThan(durationMs)
      }
    },
  )
})

it('an event is as it was sent with all that was sent, and nothing else', () => {
  const conversation = new Conversation(1, 'soak-1', '2026-01-31T12:00:00.000Z')
  conversation.issue(2)
  const sent = JSON.parse(conversation.text(0)) as { event_id: string }
  expect(isAsSent(conversation, sent)).toBe(true)
  expect(isAsSent(conversation, { ...sent, more: 1 } as typeof sent)).toBe(false)
  expect(isAsSent(conversation, { ...sent, event_id: conversation.eventId(1) })).toBe(false)
  expect(isAsSent(conversation, { ...sent, event_id: 'another' })).toBe(false)
})
