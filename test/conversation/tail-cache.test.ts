import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Segment } from '../../src/conversation/segment.ts'
import { TailCache } from '../../src/conversation/tail-cache.ts'

const MIB = 1024 * 1024

function segment(first_seq: number, count = 1): Segment {
  return { first_seq, count, recorded_at: 0, meta: new Uint32Array(0), heads: '', body: () => new Uint8Array(0) }
}

function heldOf(cache: TailCache, last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1).filter((seq) => cache.holding(seq) !== null)
}

/** Apart, so that nothing else refers to it. */
function pushed(cache: TailCache, seq: number, bytes: number): Segment {
  const one = segment(seq)
  cache.push(one, bytes)
  return one
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

describe('the tail of a log in memory', () => {
  it('gives the segment that holds a seq', () => {
    const cache = new TailCache()
    const [a, b] = [segment(5, 3), segment(8, 2)]
    cache.push(a, 10)
    cache.push(b, 10)
    expect([4, 5, 7, 8, 9, 10].map((seq) => cache.holding(seq))).toEqual([null, a, a, b, b, null])
  })

  it('keeps the newest 8 MiB of text', () => {
    const cache = new TailCache()
    for (let seq = 1; seq <= 100; seq++) cache.push(segment(seq), MIB - 400)
    expect(heldOf(cache, 100)).toEqual([93, 94, 95, 96, 97, 98, 99, 100])
  })

  it('counts what a segment takes beside its text, so that tiny ones do not outgrow the bound', () => {
    const cache = new TailCache()
    for (let seq = 1; seq <= 30_000; seq++) cache.push(segment(seq), 2)
    expect(heldOf(cache, 30_000).length).toBe(Math.floor((8 * MIB) / 402))
    expect(cache.holding(30_000)).not.toBeNull()
  })

  it('lets go of what it no longer holds', async () => {
    const cache = new TailCache()
    const first = new WeakRef(pushed(cache, 1, 4 * MIB))
    for (let seq = 2; seq <= 4; seq++) pushed(cache, seq, 4 * MIB)
    expect(cache.holding(1)).toBeNull()
    // What was referred to weakly stays until the turn ends.
    await new Promise((resolve) => setTimeout(resolve))
    collectGarbage()
    expect(first.deref()).toBeUndefined()
    expect(cache.holding(4)).not.toBeNull()
  })

  it('holds nothing after it was cleared', () => {
    const cache = new TailCache()
    cache.push(segment(1), 10)
    cache.clear()
    expect(cache.holding(1)).toBeNull()
    cache.push(segment(2), 10)
    expect(heldOf(cache, 3)).toEqual([2])
  })
})
