import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pack } from '../../src/model/pack.ts'
import { utf8Bytes } from '../../src/model/utf8-bytes.ts'
import { MAX_CALL_BYTES, MAX_POST_BYTES } from '../../src/segment/limits.ts'
import { postBatch } from '../../src/segment/post-batch.ts'
import { toTrackCall } from '../../src/segment/track-call.ts'
import { FakeSegment } from '../support/segment.ts'
import { lifecycleEvent } from './samples.ts'

const call = (event_id: string) => toTrackCall(lifecycleEvent({ event_id, metadata: { user_id: 'u' } }), '1')?.text ?? ''

let segment: FakeSegment
beforeEach(async () => {
  segment = await FakeSegment.start('key')
})
afterEach(() => segment.stop())

const post = (calls: readonly string[], { writeKey = 'key', timeoutMs = 30_000 } = {}) =>
  postBatch(calls, { fetch, host: segment.url, writeKey, timeoutMs, now: () => Date.UTC(2026, 0, 1) })

describe('sending a batch to Segment', () => {
  it('hands over the events, with the key as Basic authentication', async () => {
    expect(await post([call('a'), call('b'), call('a')])).toEqual({ kind: 'taken' })
    expect([...segment.events.keys()]).toEqual(['a', 'b'])
    expect(segment.events.get('a')).toMatchObject({ event: 'workflow_started', userId: 'u' })
    expect(segment.dropped).toEqual([])
  })

  it('is refused with another key, which its outcome does not tell', async () => {
    const outcome = await post([call('a')], { writeKey: 'other' })
    expect(outcome).toEqual({ kind: 'refused', status: 401 })
  })

  it.each([500, 502, 503, 504, 529, 408, 410, 429])('is to be repeated after %d', async (status) => {
    segment.troubles.push({ status })
    expect(await post([call('a')])).toEqual({ kind: 'later', cause: `status ${status}`, retry_after: null })
  })

  it.each([429, 503])('is to be repeated when Segment says, after %d with Retry-After', async (status) => {
    segment.troubles.push({ status, retryAfter: '7' }, { status, retryAfter: 'Thu, 01 Jan 2026 00:01:00 GMT' })
    expect(await post([call('a')])).toMatchObject({ kind: 'later', retry_after: 7 })
    expect(await post([call('a')])).toMatchObject({ kind: 'later', retry_after: 60 })
  })

  it.each([301, 401, 403, 404, 422])('is refused for good by %d', async (status) => {
    segment.troubles.push({ status })
    expect(await post([call('a')])).toEqual({ kind: 'refused', status })
  })

  it('does not follow an answer that leads elsewhere: the key and the events go to no other host', async () => {
    const elsewhere = await FakeSegment.start('key')
    try {
      for (const status of [301, 302, 307, 308]) {
        segment.troubles.push({ status, location: `${elsewhere.url}/v1/batch` })
        expect(await post([call('a')])).toEqual({ kind: 'refused', status })
      }
      expect(elsewhere.answers).toEqual([])
    } finally {
      await elsewhere.stop()
    }
  })

  it('takes at most 500 KB, with what stands around the events', async () => {
    const sizes: number[] = []
    const measure = async (_: string, init: RequestInit) => {
      sizes.push(Buffer.byteLength(init.body as string))
      return new Response()
    }
    const largest = `"${'x'.repeat(MAX_CALL_BYTES - 2)}"`
    const groups = pack(Array<string>(100).fill(largest), (text) => utf8Bytes(text) + 1, { items: 100, bytes: MAX_POST_BYTES })
    for (const group of groups) {
      const deps = { host: 'https://segment.example', writeKey: 'key', timeoutMs: 30_000, now: () => Date.UTC(2026, 0, 1) }
      await postBatch(group, { ...deps, fetch: measure })
    }
    await postBatch([`"${'x'.repeat(MAX_POST_BYTES - 3)}"`], {
      fetch: measure,
      host: 'https://segment.example',
      writeKey: 'key',
      timeoutMs: 30_000,
      now: () => Date.UTC(2026, 0, 1),
    })
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500_000)
    expect(Math.max(...sizes)).toBeGreaterThan(499_000)
  })

  it('is to be divided when a part of it is too large', async () => {
    segment.troubles.push({ status: 413 })
    expect(await post([call('a')])).toEqual({ kind: 'divide', status: 413 })
    const tooLarge = call('a').replace('"user_id":"u"', `"user_id":"${'u'.repeat(33_000)}"`)
    expect(await post([call('b'), tooLarge])).toEqual({ kind: 'divide', status: 400 })
    expect(segment.events.size).toBe(0)
  })

  it('is to be repeated when the connection breaks, when no answer comes, and when nobody listens', async () => {
    segment.troubles.push('cut', 'stall')
    expect(await post([call('a')])).toMatchObject({ kind: 'later', retry_after: null })
    expect(await post([call('a')], { timeoutMs: 50 })).toMatchObject({ kind: 'later', cause: expect.stringContaining('Timeout') })
    await segment.stop()
    const outcome = await post([call('a')], { writeKey: 'secret-key' })
    expect(outcome).toMatchObject({ kind: 'later' })
    expect(JSON.stringify(outcome)).not.toContain('secret-key')
    segment = await FakeSegment.start('key')
  })
})
