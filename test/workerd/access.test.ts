import { describe, expect, it, vi } from 'vitest'
import type { NewApiKey } from '../../src/model/api-keys.ts'
import { EventPersistenceError } from '../../src/model/errors.ts'
import type { TicketMaker } from '../../src/model/tickets.ts'
import { type Access, type Authentication, createAccess } from '../../src/security/access.ts'
import { generateKey } from '../../src/security/api-key.ts'
import type { CheckToken } from '../../src/security/jwt.ts'
import { sameHash } from '../../src/security/same-hash.ts'
import { InMemoryKeyDirectory } from '../../src/store/in-memory/key-directory.ts'

const TOKEN = 'a.b.c'

interface Setting {
  readonly environment?: 'development' | 'production'
  readonly checkToken?: CheckToken | null
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly corsOrigins?: readonly string[]
}

/** Access by a directory of its own, and what it did beside its answers. */
function accessOf({
  environment = 'production',
  checkToken = null,
  url = 'https://events.example/v1/events',
  headers = {},
  corsOrigins = [],
}: Setting = {}) {
  const state = { now: Date.UTC(2026, 0, 1), attempts: 0, room: true }
  const keys = new InMemoryKeyDirectory(undefined, () => state.now)
  const work: Promise<unknown>[] = []
  const access: Access = createAccess({
    configuration: { environment, corsOrigins },
    keys,
    checkToken,
    now: () => state.now,
    wait: () => new Promise(() => undefined),
  })
  const surroundings = {
    waitUntil: (promise: Promise<unknown>) => void work.push(promise),
    countAttempt: async () => {
      state.attempts += 1
      if (!state.room) throw new Error('too many')
    },
  }
  const ask = (authorization?: string): Promise<Authentication> =>
    access.authenticate(
      new Request(url, { headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) } }),
      surroundings,
    )
  const newKey = async (more: Partial<NewApiKey> = {}) => {
    const { key, key_id, secret_hash } = await generateKey()
    const none = { application_name: null, expires_at: null }
    await keys.create({ key_id, tenant: 'acme', secret_hash, scopes: ['events:read'], created_by: 'command', ...none, ...more })
    return key
  }
  return { access, keys, state, ask, newKey, settled: () => Promise.all(work.splice(0)) }
}

const kindOf = (authentication: Authentication) => (authentication.ok ? 'ok' : authentication.failure.kind)
const idOf = (key: string) => key.split('_')[1] ?? ''

describe('a key', () => {
  it('tells the tenant, its scopes and its application, and is noted as used', async () => {
    const { ask, keys, newKey, settled } = accessOf()
    const key = await newKey({ scopes: ['events:read', 'events:write'], application_name: 'crawler' })
    expect(await ask(`Bearer ${key}`)).toEqual({
      ok: true,
      principal: {
        kind: 'key',
        tenant: 'acme',
        key_id: idOf(key),
        subject: null,
        scopes: new Set(['events:read', 'events:write']),
        application_name: 'crawler',
        expires_at: null,
      },
    })
    await settled()
    expect(await keys.find(idOf(key))).toMatchObject({ last_used_at: '2026-01-01T00:00:00.000Z' })
  })

  it('is refused in one and the same way whatever is wrong with it', async () => {
    const { ask, keys, newKey, settled } = accessOf()
    const good = await newKey()
    const revoked = await newKey()
    await keys.revoke('acme', idOf(revoked))
    const refused = [
      (await generateKey()).key,
      await newKey({ expires_at: '2026-01-01T00:00:00.000Z' }),
      revoked,
      `evs_${idOf(good)}_${'x'.repeat(43)}`,
      `evs_${idOf(good)}`,
      'evs_',
      'something else',
      TOKEN,
    ]
    const answers = await Promise.all(refused.map((key) => ask(`Bearer ${key.replace(' ', '')}`)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer.ok || answer.failure))).size).toBe(1)
    expect(answers.map(kindOf)).toEqual(refused.map(() => 'unauthenticated'))
    await settled()
    expect(await keys.find(idOf(revoked))).toMatchObject({ last_used_at: null })
  })

  it('that held once is named for the record, and a guess at its secret is not', async () => {
    const { ask, keys, newKey } = accessOf()
    await newKey()
    const [expired, revoked] = [await newKey({ expires_at: '2026-01-01T00:00:00.000Z' }), await newKey()]
    await keys.revoke('acme', idOf(revoked))
    for (const key of [expired, revoked]) {
      expect(await ask(`Bearer ${key}`)).toMatchObject({ formerly: { tenant: 'acme', key_id: idOf(key), subject: null } })
      expect(await ask(`Bearer evs_${idOf(key)}_${'x'.repeat(43)}`)).not.toHaveProperty('formerly')
    }
  })

  it('is compared in a time that tells nothing, whether or not there is such a key', async () => {
    const { ask, newKey } = accessOf()
    const compared = vi.spyOn(crypto.subtle, 'timingSafeEqual')
    for (const key of [await newKey(), (await generateKey()).key]) {
      compared.mockClear()
      await ask(`Bearer ${key}`)
      expect(compared.mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual([[64, 64]])
    }
    compared.mockRestore()
  })

  it('holds until the very moment of its expiry', async () => {
    const { ask, newKey, state } = accessOf()
    await newKey()
    const key = await newKey({ expires_at: '2026-01-01T00:00:10.000Z' })
    state.now += 9_999
    expect(kindOf(await ask(`Bearer ${key}`))).toBe('ok')
    state.now += 1
    expect(kindOf(await ask(`Bearer ${key}`))).toBe('unauthenticated')
  })

  it('that was revoked is refused at once where it was revoked, and within a minute elsewhere', async () => {
    const { access, ask, keys, newKey, state, settled } = accessOf()
    await newKey()
    const [here, elsewhere] = [await newKey(), await newKey()]
    for (const key of [here, elsewhere]) {
      expect(kindOf(await ask(`Bearer ${key}`))).toBe('ok')
      await keys.revoke('acme', idOf(key))
    }
    access.forget(idOf(here))
    expect(kindOf(await ask(`Bearer ${here}`))).toBe('unauthenticated')
    await settled()
    state.now += 60_000
    expect(kindOf(await ask(`Bearer ${elsewhere}`))).toBe('unauthenticated')
  })

  it('cannot be checked while the directory is away, which is no refusal', async () => {
    const { ask, keys, newKey } = accessOf()
    const key = await newKey()
    const away = new EventPersistenceError('away', { operation: 'find a key', transient: true })
    keys.find = () => Promise.reject(away)
    expect(await ask(`Bearer ${key}`)).toMatchObject({ ok: false, failure: { kind: 'authentication-unavailable' }, cause: away })
  })

  it('is compared whole', () => {
    expect(sameHash('ab', 'ab')).toBe(true)
    for (const other of ['aa', 'bb', 'a', 'abc', '']) expect(sameHash('ab', other)).toBe(false)
  })
})

describe('a ticket', () => {
  const settingOf = (setting: Setting = {}) => {
    const of = accessOf(setting)
    const surroundings = {
      waitUntil: () => undefined,
      countAttempt: async () => {
        of.state.attempts += 1
      },
    }
    const present = (maker: TicketMaker, { tenant = 'acme', expires_at = of.state.now + 10_000 } = {}) =>
      of.access.authenticateTicket(
        { maker, expires_at },
        tenant,
        new Request(setting.url ?? 'https://events.example/'),
        surroundings,
      )
    const nothing = () => of.access.authenticateTicket(null, 'acme', new Request('https://events.example/'), surroundings)
    return { ...of, present, nothing }
  }

  it('of a key may read, and nothing else that the key may', async () => {
    const { newKey, present, state } = settingOf()
    const key = await newKey({ scopes: ['admin'], application_name: 'crawler' })
    expect(await present({ kind: 'key', key_id: idOf(key) })).toEqual({
      ok: true,
      principal: {
        kind: 'key',
        tenant: 'acme',
        key_id: idOf(key),
        subject: null,
        scopes: new Set(['events:read']),
        application_name: null,
        expires_at: state.now + 10_000,
      },
    })
  })

  it('is refused in the same words as a key whatever is wrong with it, and counted', async () => {
    const { ask, keys, newKey, nothing, present, state } = settingOf()
    const good = await newKey()
    const revoked = await newKey()
    await keys.revoke('acme', idOf(revoked))
    const byKey = (key: string) => ({ kind: 'key', key_id: idOf(key) }) as const
    const answers = [
      await ask(`Bearer ${(await generateKey()).key}`),
      await nothing(),
      await present(byKey(good), { expires_at: state.now }),
      await present(byKey(good), { tenant: 'globex' }),
      await present(byKey(revoked)),
      await present(byKey((await generateKey()).key)),
      await present(byKey(await newKey({ scopes: ['events:write'] }))),
      await present(byKey(await newKey({ expires_at: '2026-01-01T00:00:00.000Z' }))),
      await present({ kind: 'token', subject: 's' }),
      await present({ kind: 'open' }),
    ]
    expect(new Set(answers.map((answer) => JSON.stringify(answer.ok || answer.failure))).size).toBe(1)
    expect(answers.map(kindOf)).toEqual(answers.map(() => 'unauthenticated'))
    expect(state.attempts).toBe(answers.length)
  })

  it('of a token holds where tokens are taken, for whom the token named', async () => {
    const { present } = settingOf({ checkToken: async () => ({ outcome: 'refused' }) })
    expect(await present({ kind: 'token', subject: 's' })).toMatchObject({
      ok: true,
      principal: { kind: 'token', subject: 's', key_id: null },
    })
  })

  it('of the open service of development holds there alone, on its own machine', async () => {
    const maker = { kind: 'open' } as const
    const local = 'http://localhost:8787/'
    expect(kindOf(await settingOf({ environment: 'development', url: local }).present(maker))).toBe('ok')
    expect(kindOf(await settingOf({ environment: 'development' }).present(maker))).toBe('unauthenticated')
    const production = settingOf({ url: local })
    await production.newKey()
    expect(kindOf(await production.present(maker))).toBe('unauthenticated')
  })
})

describe('the count of attempts', () => {
  it('holds what is refused and what has to be looked up, each request once', async () => {
    const { ask, newKey, state } = accessOf()
    const key = await newKey()
    const counts: number[] = []
    for (const authorization of [
      `Bearer ${key}`,
      `Bearer ${key}`,
      `Bearer ${(await generateKey()).key}`,
      'Bearer x',
      undefined,
    ]) {
      const before = state.attempts
      await ask(authorization)
      counts.push(state.attempts - before)
    }
    expect(counts).toEqual([1, 0, 1, 1, 1])
  })

  it('stops a lookup where it is full, and lets known keys pass', async () => {
    const { ask, keys, newKey, state } = accessOf()
    const [known, other] = [await newKey(), await newKey()]
    await ask(`Bearer ${known}`)
    state.room = false
    keys.find = () => Promise.reject(new Error('was asked'))
    await expect(ask(`Bearer ${other}`)).rejects.toThrow('too many')
    expect(kindOf(await ask(`Bearer ${known}`))).toBe('ok')
  })
})

describe('a token', () => {
  const principal = {
    kind: 'token' as const,
    tenant: 'globex',
    key_id: null,
    subject: 's',
    scopes: new Set(['admin'] as const),
    application_name: null,
    expires_at: null,
  }

  it('is what has two dots and does not look like a key', async () => {
    const checked: string[] = []
    const checkToken: CheckToken = async (token) => {
      checked.push(token)
      return { outcome: 'holds', principal }
    }
    const { ask } = accessOf({ checkToken })
    expect(await ask(`Bearer ${TOKEN}`)).toEqual({ ok: true, principal })
    for (const text of ['evs_a.b.c', 'a.b', 'a.b.c.d', 'abc']) expect(kindOf(await ask(`Bearer ${text}`))).toBe('unauthenticated')
    expect(checked).toEqual([TOKEN])
  })

  it('that has to be checked with the issuer counts as an attempt, once', async () => {
    const checkToken: CheckToken = async (_, { countAttempt }) => {
      await countAttempt()
      return { outcome: 'refused' }
    }
    const { ask, state } = accessOf({ checkToken })
    await ask(`Bearer ${TOKEN}`)
    expect(state.attempts).toBe(1)
    state.room = false
    await expect(ask(`Bearer ${TOKEN}`)).rejects.toThrow('too many')
  })

  it('is refused, or cannot be checked, as its checker says', async () => {
    const refusing = accessOf({ checkToken: async () => ({ outcome: 'refused' }) })
    expect(kindOf(await refusing.ask(`Bearer ${TOKEN}`))).toBe('unauthenticated')
    const cause = new Error('away')
    const away = accessOf({ checkToken: async () => ({ outcome: 'unavailable', cause }) })
    expect(await away.ask(`Bearer ${TOKEN}`)).toMatchObject({ failure: { kind: 'authentication-unavailable' }, cause })
  })
})

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
  it.each(['Bearer', 'Bearer x', 'Basic x', `Bearer evs_${'a'.repeat(16)}_${'b'.repeat(43)}`, `Bearer ${TOKEN}`])(
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
