import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/security/api-key.ts'
import { accessOf, kindOf } from './access-support.ts'

describe('no credential', () => {
  it('is refused in production, on loopback too', async () => {
    for (const url of ['https://events.example/v1/events', 'http://localhost/v1/events', 'http://127.0.0.1/v1/events']) {
      const { ask, newKey } = accessOf({ url })
      await newKey()
      expect(kindOf(await ask())).toBe('unauthenticated')
    }
  })

  it.each(['http://localhost:8787/', 'http://127.0.0.1/', 'http://127.8.9.1/', 'http://[::1]/', 'http://a.localhost/'])(
    'is enough in development at %s, for everything in the tenant default',
    async (url) => {
      const { ask } = accessOf({ environment: 'development', url })
      expect(await ask()).toMatchObject({ ok: true, principal: { tenant: 'default', key_id: null, scopes: expect.any(Set) } })
    },
  )

  it.each([
    'https://events.example/',
    'http://192.168.0.7/',
    'http://localhost.example/',
    'http://127.0.0.1.example/',
    'http://10.0.0.1/',
  ])('is not enough in development at %s, where the service says what it is', async (url) => {
    const { ask, newKey } = accessOf({ environment: 'development', url })
    expect(kindOf(await ask())).toBe('not-configured')
    expect(kindOf(await ask(`Bearer ${await newKey()}`))).toBe('ok')
  })
})

describe('the open service of development', () => {
  const openTo = (Origin: string, url = 'http://localhost:8787/') =>
    accessOf({ environment: 'development', url, headers: { Origin }, corsOrigins: ['https://app.example'] })

  it.each(['http://localhost:8787', 'http://localhost:5173', 'http://127.0.0.1', 'http://[::1]:80', 'https://app.example'])(
    'serves pages of %s',
    async (origin) => {
      expect(kindOf(await openTo(origin).ask())).toBe('ok')
    },
  )

  it.each(['https://evil.example', 'http://localhost.evil.example:8787', 'null', '', 'https://app.example:8443', 'file://'])(
    'does not serve pages of %j without a key, under whatever name they reach it',
    async (origin) => {
      const { ask, newKey } = openTo(origin)
      expect(kindOf(await ask())).toBe('not-configured')
      expect(kindOf(await ask(`Bearer ${await newKey()}`))).toBe('ok')
    },
  )

  it('takes an empty Authorization for none, as servers on the way do', async () => {
    expect(kindOf(await accessOf({ environment: 'development', url: 'http://localhost/' }).ask(''))).toBe('ok')
    const production = accessOf({ url: 'http://localhost/' })
    await production.newKey()
    expect(kindOf(await production.ask(''))).toBe('unauthenticated')
  })
})

describe('a credential in development', () => {
  it.each(['Bearer', 'Bearer x', 'Basic x', `Bearer evs_${'a'.repeat(16)}_${'b'.repeat(43)}`, 'Bearer a.b.c'])(
    'that does not hold is refused although none is needed: %j',
    async (authorization) => {
      const { ask } = accessOf({ environment: 'development', url: 'http://localhost/' })
      expect(kindOf(await ask(authorization))).toBe('unauthenticated')
    },
  )
})

describe('a service that nobody could come into', () => {
  it('says so instead of refusing, until there is a key', async () => {
    const { access, ask, newKey, state } = accessOf()
    expect(await access.missing()).toEqual([expect.stringContaining('npm run keys')])
    for (const authorization of [undefined, 'Bearer x', `Bearer ${(await generateKey()).key}`]) {
      expect(kindOf(await ask(authorization))).toBe('not-configured')
    }
    const key = await newKey()
    expect(kindOf(await ask(`Bearer ${key}`))).toBe('ok')
    state.now += 2_000
    expect(await access.missing()).toEqual([])
    expect(kindOf(await ask())).toBe('unauthenticated')
  })

  it('is none where tokens are taken', async () => {
    const { access, ask } = accessOf({ checkToken: async () => ({ outcome: 'refused' }) })
    expect(await access.missing()).toEqual([])
    expect(kindOf(await ask())).toBe('unauthenticated')
  })

  it('refuses as usual while it cannot be known', async () => {
    const { access, ask, keys } = accessOf()
    keys.anyUsable = () => Promise.reject(new Error('away'))
    await expect(access.missing()).rejects.toThrow('away')
    expect(kindOf(await ask())).toBe('unauthenticated')
  })
})
