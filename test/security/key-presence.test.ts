import { describe, expect, it } from 'vitest'
import { keyPresence } from '../../src/security/key-presence.ts'
import { useNotes } from '../../src/security/use-notes.ts'

describe('whether there are keys', () => {
  function presence() {
    const state = { now: 0, asked: 0, answer: async () => true }
    const ask = keyPresence(
      () => {
        state.asked += 1
        return state.answer()
      },
      () => state.now,
    )
    return { state, ask }
  }

  it('is asked once a minute while there are', async () => {
    const { state, ask } = presence()
    expect(await ask()).toEqual([])
    state.now = 59_999
    expect(await ask()).toEqual([])
    expect(state.asked).toBe(1)
    state.now = 60_000
    await ask()
    expect(state.asked).toBe(2)
  })

  it('is asked every two seconds while there are none, and says how to make one', async () => {
    const { state, ask } = presence()
    state.answer = async () => false
    expect(await ask()).toEqual([expect.stringContaining('npm run keys -- create')])
    await ask()
    expect(state.asked).toBe(1)
    state.now = 2_000
    state.answer = async () => true
    expect(await ask()).toEqual([])
  })

  it('stays known while the directory is away', async () => {
    const { state, ask } = presence()
    await ask()
    state.answer = () => Promise.reject(new Error('away'))
    for (state.now = 60_000; state.now < 600_000; state.now += 10_000) expect(await ask()).toEqual([])
  })

  it('is an error while the directory is away and was never asked, which is not asked at every request either', async () => {
    const { state, ask } = presence()
    state.answer = () => Promise.reject(new Error('away'))
    await expect(ask()).rejects.toThrow('away')
    await expect(ask()).rejects.toThrow('away')
    expect(state.asked).toBe(1)
    state.now = 2_000
    state.answer = async () => true
    expect(await ask()).toEqual([])
  })
})

describe('the last use of a key', () => {
  it('is noted once a minute, beside the request, and failing does no harm', async () => {
    let now = 0
    const touched: [string, number][] = []
    const work: Promise<unknown>[] = []
    const note = useNotes(
      async (keyId, at) => {
        touched.push([keyId, at])
        throw new Error('away')
      },
      () => now,
    )
    for (now = 0; now <= 120_000; now += 20_000) note('a', (promise) => work.push(promise))
    note('b', (promise) => work.push(promise))
    await Promise.all(work)
    expect(touched).toEqual([
      ['a', 0],
      ['a', 60_000],
      ['a', 120_000],
      ['b', 140_000],
    ])
  })
})
