import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DedupeIndex } from '../../src/conversation/dedupe-index.ts'

it('finds what a map finds', () => {
  const word = fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff)
  const entry = fc.tuple(word, word, fc.nat(3), fc.nat(3))
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300 }), fc.nat(1000), (entries, base) => {
      const index = new DedupeIndex(base)
      const map = new Map<string, number>()
      entries.forEach(([high, low, digestHigh, digestLow], i) => {
        index.push(high, low, digestHigh, digestLow)
        const key = `${high}.${low}`
        if (!map.has(key)) map.set(key, base + i + 1)
      })
      expect(index.count).toBe(entries.length)
      for (const high of [0, 1, 2, 3, 0x80000000, 0xffffffff]) {
        for (const low of [0, 1, 2, 3, 0x80000000, 0xffffffff]) {
          expect(index.seqOf(high, low)).toBe(map.get(`${high}.${low}`) ?? 0)
        }
      }
      entries.forEach(([, , digestHigh, digestLow], i) => {
        expect(index.hasContent(base + i + 1, digestHigh, digestLow)).toBe(true)
        expect(index.hasContent(base + i + 1, digestHigh, digestLow + 1)).toBe(false)
        expect(index.hasContent(base + i + 1, digestHigh + 1, digestLow)).toBe(false)
      })
    }),
  )
})

it('reads entries out of wider and narrower meta alike', () => {
  const wide = new DedupeIndex(5)
  wide.pushAll(Uint32Array.of(1, 2, 3, 4, 999, 5, 6, 7, 8, 999), 5)
  const narrow = new DedupeIndex(5)
  narrow.pushAll(Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 4)
  for (const index of [wide, narrow]) {
    expect(index.count).toBe(2)
    expect([index.seqOf(1, 2), index.seqOf(5, 6), index.seqOf(3, 4)]).toEqual([6, 7, 0])
    expect(index.hasContent(7, 7, 8)).toBe(true)
  }
})

it('holds a million ids in less than 40 MB, and every one is found', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().arrayBuffers
  const index = new DedupeIndex(0)
  const count = 1_000_000
  for (let i = 1; i <= count; i++) index.push(spread(i), i, i, ~i >>> 0)
  await expect
    .poll(() => {
      collect()
      return process.memoryUsage().arrayBuffers - before
    })
    .toBeLessThan(40_000_000)
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(16_000_000)
  let wrong = 0
  for (let i = 1; i <= count; i++) if (index.seqOf(spread(i), i) !== i || !index.hasContent(i, i, ~i >>> 0)) wrong += 1
  for (let i = count + 1; i <= count + 1000; i++) if (index.seqOf(spread(i), i) !== 0) wrong += 1
  expect(wrong).toBe(0)
})

function spread(i: number): number {
  return Math.imul(i, 0x85ebca6b) >>> 0
}
