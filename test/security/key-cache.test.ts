import { beforeEach, describe, expect, it } from 'vitest'
import type { StoredApiKey } from '../../src/model/api-keys.ts'
import { EventPersistenceError } from '../../src/model/errors.ts'
import { KeyCache, MAX_CACHED, MAX_KEY_AGE_MS } from '../../src/security/key-cache.ts'

const away = new EventPersistenceError('away', { operation: 'find a key', transient: true })

function keyOf(key_id: string, revoked_at: string | null = null): StoredApiKey {
  const none = { application_name: null, expires_at: null, last_used_at: null }
  return { key_id, tenant: 't', secret_hash: '', scopes: [], created_at: '', created_by: '', revoked_at, ...none }
}

let now: number
let lookups: string[]
let keys: Map<string, StoredApiKey>
let find: (keyId: string) => Promise<StoredApiKey | null>
let asked: number
let cache: KeyCache
const behind: Promise<unknown>[] = []
const never = () => new Promise<void>(() => undefined)

beforeEach(() => {
  now = 1_000_000
  lookups = []
  behind.length = 0
  asked = 0
  keys = new Map([['a', keyOf('a')]])
  find = async (keyId) => keys.get(keyId) ?? null
  const counted = (keyId: string) => {
    lookups.push(keyId)
    return find(keyId)
  }
  cache = new KeyCache({ find: counted, now: () => now, wait: never })
})

const get = (keyId: string) =>
  cache.find(
    keyId,
    (work) => behind.push(work),
    async () => {
      asked += 1
    },
  )
const settled = () => Promise.all(behind.splice(0))

describe('the cache of keys', () => {
  it('asks once for a key that is used again', async () => {
    expect(await get('a')).toEqual(keyOf('a'))
    expect(await get('a')).toEqual(keyOf('a'))
    expect(lookups).toEqual(['a'])
    expect(asked).toBe(1)
  })

  it('asks once for many that want the same key at once', async () => {
    expect(await Promise.all([get('a'), get('a'), get('a')])).toEqual([keyOf('a'), keyOf('a'), keyOf('a')])
    expect(lookups).toEqual(['a'])
  })

  it('trusts a key for a minute at most: then a revocation holds', async () => {
    expect(MAX_KEY_AGE_MS).toBeLessThanOrEqual(60_000)
    await get('a')
    keys.set('a', keyOf('a', '2026-01-01T00:00:00.000Z'))
    now += MAX_KEY_AGE_MS
    expect(await get('a')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })
  })

  it('asks for a key in use beside a request, so that none waits', async () => {
    await get('a')
    await settled()
    now += MAX_KEY_AGE_MS - 1
    let answer: (key: StoredApiKey | null) => void = () => undefined
    find = () => new Promise((resolve) => (answer = resolve))
    expect(await get('a')).toEqual(keyOf('a'))
    expect(await get('a')).toEqual(keyOf('a'))
    expect(lookups).toEqual(['a', 'a'])
    answer(keyOf('a', '2026-01-01T00:00:00.000Z'))
    await settled()
    expect(await get('a')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })
  })

  it('knows for seconds that an id is unknown, and then finds the key that was made meanwhile', async () => {
    expect(await get('b')).toBeNull()
    keys.set('b', keyOf('b'))
    now += 4_999
    expect(await get('b')).toBeNull()
    now += 1
    expect(await get('b')).toEqual(keyOf('b'))
    expect(lookups).toEqual(['b', 'b'])
  })

  it('lets a key that is known go on while the directory is away, however long, without asking at every request', async () => {
    await get('a')
    find = () => Promise.reject(away)
    now += 3_600_000
    expect(await get('a')).toEqual(keyOf('a'))
    for (let i = 0; i < 10; i += 1) expect(await get('a')).toEqual(keyOf('a'))
    await settled()
    expect(lookups.length).toBe(2)
    now += 5_000
    expect(await get('a')).toEqual(keyOf('a'))
    await settled()
    expect(lookups.length).toBe(3)
  })

  it('does not wait for the directory while it is known to be away', async () => {
    await get('a')
    find = () => Promise.reject(away)
    now += MAX_KEY_AGE_MS
    await get('a')
    await settled()
    find = () => new Promise(() => undefined)
    now += 6_000
    expect(await get('a')).toEqual(keyOf('a'))
  })

  it('takes in the revocation when the directory is back', async () => {
    await get('a')
    find = () => Promise.reject(away)
    now += MAX_KEY_AGE_MS
    await get('a')
    await settled()
    find = async () => keyOf('a', '2026-01-01T00:00:00.000Z')
    now += 5_000
    await get('a')
    await settled()
    expect(await get('a')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })
  })

  it('forgets with the minute that the directory was away: a key revoked since then is refused, however late', async () => {
    await get('a')
    now += 31_000
    find = () => Promise.reject(away)
    await get('a')
    await settled()
    find = async () => keyOf('a', '2026-01-01T00:00:00.000Z')
    now += MAX_KEY_AGE_MS
    const late = await Promise.all([get('a'), get('a'), get('a')])
    expect(late.map((key) => key?.revoked_at)).toEqual(Array(3).fill('2026-01-01T00:00:00.000Z'))
  })

  it('counts the minute from when it asked, not from when it was answered', async () => {
    await get('a')
    await settled()
    now += 50_000
    let answer: (key: StoredApiKey | null) => void = () => undefined
    find = () => new Promise((resolve) => (answer = resolve))
    await get('a')
    now += 9_000
    answer(keyOf('a'))
    await settled()
    find = async () => keyOf('a', '2026-01-01T00:00:00.000Z')
    now += MAX_KEY_AGE_MS - 9_000
    expect(await get('a')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })
  })

  it('counts a failed lookup from when it was begun as well', async () => {
    await get('a')
    await settled()
    now += 50_000
    let fail: (cause: unknown) => void = () => undefined
    find = () => new Promise((_, reject) => (fail = reject))
    await get('a')
    now += 9_000
    fail(away)
    await settled()
    find = async () => keyOf('a', '2026-01-01T00:00:00.000Z')
    now += MAX_KEY_AGE_MS - 9_000
    expect(await get('a')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })
  })

  it('throws for an unknown id while the directory is away, and does not take it for unknown afterwards', async () => {
    find = () => Promise.reject(away)
    await expect(get('a')).rejects.toBe(away)
    find = async () => keyOf('a')
    expect(await get('a')).toEqual(keyOf('a'))
  })

  it('gives up on a lookup that takes too long, without remembering it', async () => {
    const late = new KeyCache({ find: () => new Promise(() => undefined), now: () => now, wait: async () => undefined })
    const lookup = late.find(
      'a',
      () => undefined,
      async () => undefined,
    )
    await expect(lookup).rejects.toMatchObject({ transient: true })
  })

  it('does not begin a lookup that is refused', async () => {
    const refusal = new Error('too many')
    const lookup = cache.find(
      'a',
      () => undefined,
      () => Promise.reject(refusal),
    )
    await expect(lookup).rejects.toBe(refusal)
    expect(lookups).toEqual([])
  })

  it('forgets a key at once, even one that is being looked up', async () => {
    await get('a')
    cache.forget('a')
    keys.set('a', keyOf('a', '2026-01-01T00:00:00.000Z'))
    expect(await get('a')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })

    let answer: (key: StoredApiKey | null) => void = () => undefined
    find = () => new Promise((resolve) => (answer = resolve))
    const early = get('b')
    await Promise.resolve()
    cache.forget('b')
    answer(keyOf('b'))
    await early
    await settled()
    find = async () => keyOf('b', '2026-01-01T00:00:00.000Z')
    expect(await get('b')).toMatchObject({ revoked_at: '2026-01-01T00:00:00.000Z' })
  })

  it('is bounded, and drops the key that was used least recently', async () => {
    find = async (keyId) => keyOf(keyId)
    for (let i = 0; i < MAX_CACHED; i += 1) await get(`k${i}`)
    await get('k0')
    await get('one more')
    lookups.length = 0
    await get('k0')
    expect(lookups).toEqual([])
    await get('k1')
    expect(lookups).toEqual(['k1'])
  })

  it('keeps its keys however many ids are guessed', async () => {
    await get('a')
    for (let i = 0; i <= MAX_CACHED; i += 1) await get(`guess${i}`)
    lookups.length = 0
    await get('a')
    expect(lookups).toEqual([])
    await get('guess0')
    expect(lookups).toEqual(['guess0'])
  })
})
