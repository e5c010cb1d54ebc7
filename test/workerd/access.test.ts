import { describe, expect, it, vi } from 'vitest'
import { EventPersistenceError } from '../../src/model/errors.ts'
import type { TicketMaker } from '../../src/model/tickets.ts'
import { generateKey } from '../../src/security/api-key.ts'
import type { CheckToken } from '../../src/security/jwt.ts'
import { sameHash } from '../../src/security/same-hash.ts'
import { type AccessSetting, accessOf, kindOf } from './access-support.ts'

const TOKEN = 'a.b.c'

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
  const settingOf = (setting: AccessSetting = {}) => {
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
