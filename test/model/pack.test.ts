import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pack } from '../../src/model/pack.ts'

const items = fc.array(fc.record({ size: fc.nat(12), key: fc.constantFrom('a', 'b', 'c', 'd') }))
const limits = fc.record({
  items: fc.integer({ min: 1, max: 5 }),
  bytes: fc.integer({ min: 1, max: 20 }),
  keys: fc.integer({ min: 1, max: 4 }),
})

type Item = { readonly size: number; readonly key: string }
const bytesOf = (group: readonly Item[]) => group.reduce((total, { size }) => total + size, 0)
const keysOf = (group: readonly Item[]) => new Set(group.map(({ key }) => key)).size

it('packs everything, in order, within the limits, and in no group less than would fit', () => {
  fc.assert(
    fc.property(items, limits, fc.boolean(), (given, { keys, ...rest }, withKeys) => {
      const groups = withKeys
        ? pack(
            given,
            ({ size }) => size,
            { ...rest, keys },
            ({ key }) => key,
          )
        : pack(given, ({ size }) => size, rest)
      const fits = (group: readonly Item[]) =>
        group.length <= rest.items && bytesOf(group) <= rest.bytes && (!withKeys || keysOf(group) <= keys)
      expect(groups.flat()).toEqual(given)
      groups.forEach((group, i) => {
        expect(group.length).toBeGreaterThan(0)
        expect(group.length === 1 || fits(group)).toBe(true)
        const [next] = groups[i + 1] ?? []
        if (next) expect(fits([...group, next])).toBe(false)
      })
    }),
  )
})
