import { describe, expect, it } from 'vitest'
import { type AnnouncerDeps, announcer, announcing } from '../../src/feed/announcing.ts'
import { UNHEARD_MS } from '../../src/feed/feeds.ts'
import type { EventHistory } from '../../src/model/history.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { batch, numbered } from '../store/postgres/support.ts'

/** Calls that end when the test says so. */
function harness(options: Partial<AnnouncerDeps> = {}) {
  const told: string[] = []
  const logged: string[] = []
  const kept: Promise<unknown>[] = []
  const open: { done(readers: number): void; fail(): void }[] = []
  const clock = { now: 0 }
  const announce = announcer({
    tell: (tenant) => {
      told.push(tenant)
      return new Promise((done, fail) => open.push({ done, fail: () => fail(new Error('the object is away')) }))
    },
    keepAlive: (work) => kept.push(work),
    log: (_, message) => logged.push(message),
    now: () => clock.now,
    ...options,
  })
  const settle = () => new Promise((done) => setTimeout(done, 0))
  return { announce, told, logged, kept, open, clock, settle }
}

describe('announcing', () => {
  it('tells of an append once for each tenant, when it is done', async () => {
    const history = new InMemoryHistory()
    const told: [string, number][] = []
    const plain = { append: (batches) => history.append(batches) } as EventHistory
    let appended = 0
    const announced = announcing(
      { ...plain, append: async (batches) => ({ ...(await history.append(batches)), appended: ++appended }) },
      (tenant) => told.push([tenant, appended]),
    )
    await announced.append([
      batch('a', 'c', numbered('x', 1)),
      batch('b', 'c', numbered('x', 1)),
      batch('a', 'd', numbered('y', 1)),
    ])
    expect(told).toEqual([
      ['a', 1],
      ['b', 1],
    ])
  })

  it('tells nothing of an append that failed', async () => {
    const append = () => Promise.reject(new Error('away'))
    const announced = announcing({ append } as unknown as EventHistory, () => expect.unreachable())
    await expect(announced.append([batch('a', 'c', numbered('x', 1))])).rejects.toThrow('away')
  })
})

describe('the announcer', () => {
  it('has one call under way for a tenant, and one more behind it for all that came meanwhile', async () => {
    const { announce, told, open, settle, kept } = harness()
    for (let i = 0; i < 10; i += 1) announce('a')
    announce('b')
    expect(told).toEqual(['a', 'b'])
    open[0]?.done(1)
    await settle()
    expect(told).toEqual(['a', 'b', 'a'])
    open[1]?.done(1)
    open[2]?.done(1)
    await Promise.all(kept)
    expect(told).toHaveLength(3)
    announce('a')
    expect(told).toHaveLength(4)
  })

  it('logs a failure once and goes on telling', async () => {
    const { announce, told, open, logged, settle } = harness()
    for (let i = 0; i < 3; i += 1) {
      announce('a')
      open.at(-1)?.fail()
      await settle()
    }
    expect(told).toHaveLength(3)
    expect(logged).toEqual(['live feeds could not be told of news; they find it by themselves'])
  })

  it('does not wait for ever for a call whose invocation has ended', async () => {
    const { announce, told, clock } = harness()
    announce('a')
    clock.now = 4_000
    announce('a')
    expect(told).toHaveLength(1)
    clock.now = 5_000
    announce('a')
    expect(told).toHaveLength(2)
  })

  it('tells nothing for a while where nobody hears, not even what came meanwhile', async () => {
    const { announce, told, open, clock, kept } = harness()
    announce('a')
    clock.now = 100
    announce('a')
    open[0]?.done(0)
    await Promise.all(kept)
    clock.now = UNHEARD_MS - 1
    announce('a')
    expect(told).toEqual(['a'])
    announce('b')
    expect(told).toEqual(['a', 'b'])
    clock.now = UNHEARD_MS
    announce('a')
    expect(told).toEqual(['a', 'b', 'a'])
  })
})
