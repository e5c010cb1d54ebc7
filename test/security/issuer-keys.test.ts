import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IssuerKeys, KEYS_AGE_MS, MAX_KEYS_AGE_MS } from '../../src/security/issuer-keys.ts'

const SURROUNDINGS = { waitUntil: () => undefined, countAttempt: async () => undefined }
const never = () => new Promise<void>(() => undefined)

let set: string
let now: number
let asked: RequestInit[]
let answer: () => Response | Promise<Response>
let keys: IssuerKeys

beforeAll(async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const malformed = { ...jwk, kid: 'malformed', x: '-' }
  set = JSON.stringify({ keys: [{ ...jwk, kid: 'a' }, malformed, { ...jwk, kid: 'twice' }, { ...jwk, kid: 'twice' }] })
})

beforeEach(() => {
  now = 1_000_000
  asked = []
  answer = () => new Response(set)
  const fetch = async (_: string, init: RequestInit) => {
    asked.push(init)
    return answer()
  }
  keys = new IssuerKeys('https://issuer.example/jwks.json', { fetch, now: () => now, wait: never })
})

const find = (kid = 'a', surroundings = SURROUNDINGS) => keys.find({ alg: 'ES256', kid }, surroundings)
const outcome = async (kid = 'a') => (await find(kid)).outcome
const away = () => new Response('', { status: 500 })

describe("an issuer's keys", () => {
  it('are asked for once, and anew after ten minutes', async () => {
    for (let i = 0; i < 3; i += 1) expect(await outcome()).toBe('found')
    now += KEYS_AGE_MS - 1
    expect(await outcome()).toBe('found')
    expect(asked.length).toBe(1)
    now += 1
    expect(await outcome()).toBe('found')
    expect(asked.length).toBe(2)
  })

  it('are asked for once by all who want them at the same time', async () => {
    let give: (response: Response) => void = () => undefined
    answer = () => new Promise((resolve) => (give = resolve))
    const all = Array.from({ length: 5 }, () => outcome())
    await new Promise((resolve) => setTimeout(resolve))
    give(new Response(set))
    expect(await Promise.all(all)).toEqual(Array(5).fill('found'))
    expect(asked.length).toBe(1)
  })

  it('that are unknown are asked for at once, and made up ones not again for half a minute', async () => {
    expect(await outcome()).toBe('found')
    now += 30_000
    for (const kid of ['x', 'y', 'z']) expect(await outcome(kid)).toBe('refused')
    expect(asked.length).toBe(2)
    now += 30_000
    expect(await outcome('x')).toBe('refused')
    expect(asked.length).toBe(3)
  })

  it.each<[string, number, string]>([
    ['an error', 500, ''],
    ['a redirection', 302, ''],
    ['what is no JSON', 200, '<html>'],
    ['what is no set of keys', 200, '{"keys":7}'],
    ['more than a set of keys has', 200, `{"keys":[${' '.repeat(1024 * 1024)}]}`],
  ])('that are answered with %s cannot be had, and are not asked for again within seconds', async (_, status, body) => {
    answer = () => new Response(body, { status })
    for (let i = 0; i < 10; i += 1) expect(await outcome()).toBe('unavailable')
    expect(asked.length).toBe(1)
    expect(asked[0]).toMatchObject({ redirect: 'manual', signal: expect.any(AbortSignal) })
    answer = () => new Response(set)
    now += 5_000
    expect(await outcome()).toBe('found')
  })

  it('cannot be had from an issuer that sends without end, which is not read on', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(to) {
        sent += 65_536
        to.enqueue(new Uint8Array(65_536))
      },
    })
    answer = () => new Response(endless)
    expect(await outcome()).toBe('unavailable')
    expect(sent).toBeLessThan(2 * 1024 * 1024)
  })

  it('serve on for an hour while the issuer is away', async () => {
    expect(await outcome()).toBe('found')
    answer = away
    now += KEYS_AGE_MS
    for (let i = 0; i < 10; i += 1) expect(await outcome()).toBe('found')
    expect(asked.length).toBe(2)
    expect(await outcome('unknown')).toBe('unavailable')
    now += MAX_KEYS_AGE_MS - KEYS_AGE_MS - 1
    expect(await outcome()).toBe('found')
    now += 1
    expect(await outcome()).toBe('unavailable')
  })

  it('that were withdrawn end within ten minutes once the issuer is back', async () => {
    expect(await outcome()).toBe('found')
    answer = away
    now += KEYS_AGE_MS
    expect(await outcome()).toBe('found')
    answer = () => new Response('{"keys":[]}')
    now += KEYS_AGE_MS
    expect(await outcome()).toBe('refused')
  })

  it.each(['malformed', 'twice'])('of which one is %s are refused for it alone', async (kid) => {
    expect(await outcome(kid)).toBe('refused')
    expect(await outcome()).toBe('found')
    expect(asked.length).toBe(1)
  })

  it('are not asked for where there were too many attempts; those that are known go on', async () => {
    const full = { ...SURROUNDINGS, countAttempt: () => Promise.reject(new Error('too many')) }
    await expect(find('a', full)).rejects.toThrow('too many')
    expect(asked).toEqual([])
    expect(await outcome()).toBe('found')
    expect((await find('a', full)).outcome).toBe('found')
    now += 30_000
    await expect(find('x', full)).rejects.toThrow('too many')
    expect(asked.length).toBe(1)
  })

  it('are waited for no longer than a fetch may take, which others then begin anew', async () => {
    const fetch = () => {
      asked.push({})
      return new Promise<Response>(() => undefined)
    }
    const lost = new IssuerKeys('https://issuer.example/', { fetch, now: () => now, wait: async () => undefined })
    const ask = async () => (await lost.find({ alg: 'ES256', kid: 'a' }, SURROUNDINGS)).outcome
    expect(await ask()).toBe('unavailable')
    expect(await ask()).toBe('unavailable')
    expect(asked.length).toBe(1)
    now += 4_000
    expect(await ask()).toBe('unavailable')
    expect(asked.length).toBe(2)
  })
})
