import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pack } from '../../src/segment/pack.ts'

it('packs everything, in order, within the limits, and in no group less than would fit', () => {
  const sizes = fc.array(fc.nat(12))
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }), (items, most, bytes) => {
      const groups = pack(items, (size) => size, { items: most, bytes })
      expect(groups.flat()).toEqual(items)
      const sum = (group: readonly number[]) => group.reduce((total, size) => total + size, 0)
      groups.forEach((group, i) => {
        expect(group.length).toBeGreaterThan(0)
        expect(group.length).toBeLessThanOrEqual(most)
        if (group.length > 1) expect(sum(group)).toBeLessThanOrEqual(bytes)
        const [next] = groups[i + 1] ?? []
        if (next !== undefined && group.length < most) expect(sum(group) + next).toBeGreaterThan(bytes)
      })
    }),
  )
})
