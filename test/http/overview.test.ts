import { describe, expect, it } from 'vitest'
import { boundedRead, checkedRange } from '../../src/http/overview.ts'
import { EventPersistenceError } from '../../src/model/errors.ts'
import { OVERVIEW_TIMEOUT_MS } from '../../src/model/limits.ts'

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (thrown) {
    return (thrown as { failure: unknown }).failure
  }
}

describe('the range of a request', () => {
  it('is what was asked for, or a failure that says which rule it breaks', () => {
    const range = { since: 'a', until: 'b' }
    expect(checkedRange({ outcome: 'range', range })).toBe(range)
    const empty = failureOf(() => checkedRange({ outcome: 'empty' }))
    expect(empty).toEqual({ kind: 'invalid-request', errors: [{ path: 'since', message: 'must be before until' }] })
    const days = failureOf(() => checkedRange({ outcome: 'too-large', limit: 'range_days', maximum: 31 }))
    expect(days).toMatchObject({ kind: 'range-too-large', limit: 'range_days', detail: expect.stringContaining('31 days') })
    const points = failureOf(() => checkedRange({ outcome: 'too-large', limit: 'activity_points', maximum: 1500 }))
    expect(points).toMatchObject({ kind: 'range-too-large', maximum: 1500, detail: expect.stringContaining('1500 steps') })
  })
})

describe('a read that is bounded', () => {
  const failingWith = (code: string | undefined) => async () => {
    throw new EventPersistenceError('failed', { operation: 'activity', transient: true, code })
  }

  it('fails for its range where the database gave up on it, which nobody repeats', async () => {
    await expect(boundedRead(failingWith('57014'))).rejects.toMatchObject({
      failure: { kind: 'range-too-large', limit: 'query_seconds', maximum: OVERVIEW_TIMEOUT_MS / 1000 },
    })
  })

  it('answers and fails otherwise as it does by itself', async () => {
    expect(await boundedRead(async () => 7)).toBe(7)
    await expect(boundedRead(failingWith('57P01'))).rejects.toMatchObject({ tag: 'event-persistence', code: '57P01' })
    await expect(boundedRead(failingWith(undefined))).rejects.toMatchObject({ tag: 'event-persistence' })
  })
})
