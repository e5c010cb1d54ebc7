import { describe, expect, it } from 'vitest'
import { RecentWrites } from '../../src/http/recent-writes.ts'

describe('what an isolate wrote lately', () => {
  it("is each tenant's own, though their conversations have one name", () => {
    const recent = new RecentWrites()
    recent.wrote('acme', 'c')
    recent.wrote('globex', 'c')
    recent.wrote('globex', 'd')
    expect(recent.conversationsOf('acme')).toEqual(['c'])
    expect(recent.conversationsOf('globex')).toEqual(['c', 'd'])
    expect(recent.conversationsOf('initech')).toEqual([])
  })

  it('is forgotten with a clearing of its tenant, and of no other', () => {
    const recent = new RecentWrites()
    recent.wrote('acme', 'c')
    recent.wrote('globex', 'c')
    recent.cleared('acme', 7)
    expect(recent.conversationsOf('acme')).toEqual([])
    expect(recent.conversationsOf('globex')).toEqual(['c'])
    recent.wrote('acme', 'd')
    expect(recent.conversationsOf('acme')).toEqual(['d'])
  })

  it('holds the conversations that were written to last, where there are too many', () => {
    const recent = new RecentWrites()
    for (let n = 0; n < 10_000; n++) recent.wrote('acme', `c${n}`)
    recent.wrote('acme', 'c0')
    recent.wrote('globex', 'c')
    expect(recent.conversationsOf('globex')).toEqual(['c'])
    const left = recent.conversationsOf('acme')
    expect([left.length, left.includes('c1'), left[0], left.at(-1)]).toEqual([9_999, false, 'c2', 'c0'])
  })
})

describe('the clearings that an isolate made', () => {
  it('are known of their own tenants alone', () => {
    const recent = new RecentWrites()
    expect(recent.clearedThrough('acme')).toBeNull()
    recent.cleared('acme', 7)
    recent.cleared('globex', 3)
    expect(recent.clearedThrough('acme')).toBe(7)
    expect(recent.clearedThrough('globex')).toBe(3)
    expect(recent.clearedThrough('initech')).toBeNull()
  })
})
