import { describe, expect, it } from 'vitest'
import { AskedReads } from '../../../src/security/audit/asked-reads.ts'

function asked(answer: () => Promise<boolean>) {
  const clock = { now: 0 }
  const calls: string[] = []
  const reads = new AskedReads(
    (tenant) => {
      calls.push(tenant)
      return answer()
    },
    () => clock.now,
  )
  return { reads, clock, calls }
}

describe('whether a tenant asks that its reads are recorded', () => {
  it('is looked up once a minute', async () => {
    let on = false
    const { reads, clock, calls } = asked(async () => on)
    expect(reads.known('acme')).toBeUndefined()
    expect(await reads.asked('acme')).toBe(false)
    on = true
    clock.now = 59_999
    expect(reads.known('acme')).toBe(false)
    expect(await reads.asked('acme')).toBe(false)
    expect(calls).toHaveLength(1)
    clock.now = 60_000
    expect(reads.known('acme')).toBeUndefined()
    expect(await reads.asked('acme')).toBe(true)
    expect(calls).toHaveLength(2)
  })

  it('is each tenant’s own', async () => {
    const { reads, calls } = asked(async () => calls.at(-1) === 'acme')
    expect(await reads.asked('acme')).toBe(true)
    expect(await reads.asked('other')).toBe(false)
    expect(reads.known('acme')).toBe(true)
  })

  it('stays as it was last known while it cannot be looked up, and is yes where nothing is known', async () => {
    let answer = async () => false
    const { reads, clock, calls } = asked(() => answer())
    await reads.asked('acme')
    answer = () => Promise.reject(new Error('away'))
    clock.now = 70_000
    expect(await reads.asked('acme')).toBe(false)
    expect(await reads.asked('new')).toBe(true)
    expect(calls).toHaveLength(3)
    expect(await reads.asked('new')).toBe(true)
    expect(calls).toHaveLength(3)
    answer = async () => false
    clock.now += 5_000
    expect(await reads.asked('new')).toBe(false)
  })
})
