import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Bindings, readConfiguration } from '../../src/env.ts'
import { Conversation } from './support.ts'

const read = (settings: object) => readConfiguration(settings as Bindings)

const JWT = {
  JWT_ISSUER: 'https://issuer.example/',
  JWT_AUDIENCE: 'event-store',
  JWT_JWKS_URL: 'https://issuer.example/jwks.json',
}

describe('settings', () => {
  it('that are absent or empty are those of wrangler.toml', () => {
    const { ENVIRONMENT, HOT_RETENTION_SECONDS, PAGE_CACHE_SECONDS, LOG_LEVEL } = env as unknown as Bindings
    const stated = read({ ENVIRONMENT, HOT_RETENTION_SECONDS, PAGE_CACHE_SECONDS, LOG_LEVEL })
    expect(stated).toMatchObject({ ok: true, configuration: { environment: 'development', pageCacheSeconds: 60 } })
    expect(read({})).toEqual(stated)
    const empty = { ENVIRONMENT: '', HOT_RETENTION_SECONDS: ' ', PAGE_CACHE_SECONDS: '', LOG_LEVEL: '\n' }
    expect(read(empty)).toEqual(stated)
  })

  it('may have white space around them, each of them', () => {
    const settings = {
      ...JWT,
      ENVIRONMENT: 'development',
      LOG_LEVEL: 'warn',
      JWT_TENANT_CLAIM: 'org',
      JWT_SCOPE_CLAIM: 'permissions',
    }
    const around = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, ` ${value}\n`]))
    expect(read(settings)).toMatchObject({ ok: true, configuration: { jwt: { tenantClaim: 'org' } } })
    expect(read(around)).toEqual(read(settings))
  })

  it('may be numbers, as wrangler.toml can state them', () => {
    expect(read({ HOT_RETENTION_SECONDS: 60, PAGE_CACHE_SECONDS: 0 })).toMatchObject({ configuration: { pageCacheSeconds: 0 } })
  })

  it('say how long events stay, for ever where they are silent', () => {
    const days = (RETENTION_DAYS: unknown) => read({ RETENTION_DAYS })
    for (const nothing of [undefined, '', ' ']) expect(days(nothing)).toMatchObject({ configuration: { retentionDays: null } })
    for (const [setting, retentionDays] of [
      ['1', 1],
      [' 36500\n', 36_500],
      [30, 30],
    ])
      expect(days(setting)).toMatchObject({ configuration: { retentionDays } })
  })

  it.each([
    { ENVIRONMENT: 'staging' },
    { HOT_RETENTION_SECONDS: '0' },
    { HOT_RETENTION_SECONDS: 'a week' },
    { PAGE_CACHE_SECONDS: '-1' },
    { LOG_LEVEL: 'loud' },
    { RETENTION_DAYS: '0' },
    { RETENTION_DAYS: '-1' },
    { RETENTION_DAYS: '1.5' },
    { RETENTION_DAYS: '36501' },
    { RETENTION_DAYS: 'a year' },
  ])('are wrong as %o', (settings) => {
    expect(read(settings)).toEqual({ ok: false, problems: [expect.stringContaining(Object.keys(settings)[0] ?? '')] })
  })
})

it('an idle conversation stays for a week where no setting says how long', async () => {
  const conversation = new Conversation()
  await conversation.quiet()
  await conversation.record('a')
  await conversation.confirm()
  await conversation.inside((_, __, bindings) => {
    bindings.HOT_RETENTION_SECONDS = ''
  })
  await runDurableObjectAlarm(conversation.object)
  expect(await conversation.ids()).toEqual(['a'])
  const days = await conversation.inside(async (_, { storage }) => (Number(await storage.getAlarm()) - Date.now()) / 86_400_000)
  expect(days).toBeGreaterThan(6.9)
})
