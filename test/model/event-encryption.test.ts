import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EventPersistenceError } from '../../src/model/errors.ts'
import { type EncryptedEvent, eventEncryption } from '../../src/model/event-encryption.ts'
import { eventTokens } from '../../src/model/event-tokens.ts'
import { AGENT_EVENT_TYPES } from '../../src/model/event-types.ts'
import { eventOfType, eventTexts } from './personal-texts.ts'

const keyOf = (seed: number) => new Uint8Array(32).fill(seed)

const HEAD = { event_type: 'ToolInvoke', conversation_id: 'c', assistant_request_id: 'r', user_id: 'ann' }

const headOf = (text: string): EncryptedEvent => ({ ...HEAD, event_id: JSON.parse(text).event_id as string })

function encryption(keys: Record<string, Uint8Array>, keyIdOf: (event: EncryptedEvent) => string | null = () => 'ann') {
  const { encrypt, decrypt } = eventEncryption({ keyIdOf, keyOf: async (id) => keys[id] ?? null })
  return {
    encrypt: async (text: string) => {
      const result = await encrypt(text, headOf(text))
      if (!result.ok) throw new Error(result.message)
      return result.text
    },
    decrypt,
  }
}

const EVENT = `{"event_id": "e", "event_type": "ToolFailed", "event_context": {"name": "T", "invoke_context": {"user_id": "ann"}},
  "data": {"input_data": [{"role": "user", "content": "Caf\\u00e9 \\ud83d", "timestamp": 1756377611078069123}], "error": "no caf\u00e9", "n": [-0, 1e400]}}`

describe('an encrypted event', () => {
  it('comes back as the very text that it was, whatever the event', async () => {
    const { encrypt, decrypt } = encryption({ ann: keyOf(1) })
    await fc.assert(
      fc.asyncProperty(eventTexts, async (text) => {
        expect(await decrypt(await encrypt(text))).toEqual({ ok: true, text, missing: [] })
      }),
      { numRuns: 200 },
    )
  })

  it('holds no personal text, and all else as it was', async () => {
    const { encrypt } = encryption({ ann: keyOf(1) })
    const sealed = await encrypt(EVENT)
    expect(sealed).not.toMatch(/[Cc]af/)
    expect(sealed.replaceAll(/enc:v1:ann:[\w-]+/g, '*')).toBe(
      EVENT.replace('Caf\\u00e9 \\ud83d', '*').replace('no caf\u00e9', '*'),
    )
  })

  it.each(AGENT_EVENT_TYPES)('of type %s says nothing of what was said', async (type) => {
    const text = JSON.stringify(eventOfType(type, 'what Ann said'))
    const { encrypt, decrypt } = encryption({ ann: keyOf(1) })
    const sealed = await encrypt(text)
    expect(sealed).not.toContain('Ann')
    const personal = (of: string) => eventTokens(of).filter(({ kind }) => kind === 'personal')
    expect(personal(sealed).length).toBe(personal(text).length)
    expect(await decrypt(sealed)).toEqual({ ok: true, text, missing: [] })
  })

  it('is the same whenever and wherever it is encrypted, and another with another key', async () => {
    const first = await encryption({ ann: keyOf(1) }).encrypt(EVENT)
    expect(await encryption({ ann: keyOf(1) }).encrypt(EVENT)).toBe(first)
    expect(await encryption({ ann: keyOf(2) }).encrypt(EVENT)).not.toBe(first)
  })

  it('is the one that stored texts hold: its form never changes', async () => {
    const text = '{"event_id":"e","event_type":"ToolFailed","event_context":{},"data":{"error":"hello"}}'
    expect(await encryption({ 'a:n %': keyOf(7) }, () => 'a:n %').encrypt(text)).toBe(
      text.replace('hello', 'enc:v1:a%3An%20%25:zq97UdVbLDPjs7Do6zTjnw7WjDLt-rJQccslcXZVXjdB'),
    )
  })

  it('does not show that two texts are equal, in one event or in two', async () => {
    const { encrypt } = encryption({ ann: keyOf(1) })
    const text = (id: string) => `{"event_id":"${id}","event_context":{},"data":{"a":"same","b":"same"}}`
    const sealed = [await encrypt(text('e')), await encrypt(text('f'))].flatMap((one) => one.match(/enc:v1:ann:[\w-]+/g) ?? [])
    expect(new Set(sealed).size).toBe(4)
  })
})

describe('decryption tells of a text', () => {
  const sealedAnd = async (change: (sealed: string) => string, keys: Record<string, Uint8Array> = { ann: keyOf(1) }) => {
    const sealed = await encryption({ ann: keyOf(1) }).encrypt(EVENT)
    return { sealed: change(sealed), result: await encryption(keys).decrypt(change(sealed)) }
  }
  const REASON = /^its encrypted text at "data\.(error|input_data\[0\]\.content)" was changed or moved, or is of another key$/

  it('that was moved to another member', async () => {
    const swap = (sealed: string) => {
      const [one = '', two = ''] = sealed.match(/enc:v1:[\w:-]+/g) ?? []
      return sealed.replace(two, 'x').replace(one, two).replace('"x"', `"${one}"`)
    }
    expect((await sealedAnd(swap)).result).toEqual({ ok: false, reason: expect.stringMatching(REASON) })
  })

  it('that was moved to another event', async () => {
    const { result } = await sealedAnd((sealed) => sealed.replace('"event_id": "e"', '"event_id": "f"'))
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(REASON) })
  })

  it.each([0, 10, 20, 30, 42])('that was changed in one character (%i)', async (at) => {
    const change = (sealed: string) =>
      sealed.replace(/("error": "enc:v1:ann:)([\w-]+)/, (_, before, text: string) => {
        return before + text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      })
    expect((await sealedAnd(change)).result).toMatchObject({ ok: false })
  })

  const cutTo = (length: number) => (sealed: string) =>
    sealed.replace(/("error": "enc:v1:ann:)([\w-]+)/, (_, before, text) => before + text.slice(0, length))

  it('that was cut', async () => {
    for (const length of [40, 44]) expect((await sealedAnd(cutTo(length))).result, String(length)).toMatchObject({ ok: false })
  })

  it('nothing if what was left of it can be no encrypted text, which is then as it stands', async () => {
    for (const length of [1, 8, 20, 37, 45]) {
      const { sealed, result } = await sealedAnd(cutTo(length))
      const left = /"enc:v1:ann:[\w-]*"/.exec(sealed.slice(sealed.indexOf('"error"')))?.[0]
      expect(result, String(length)).toMatchObject({ ok: true, missing: [] })
      expect(result.ok && result.text).toContain(left)
    }
  })

  it('that is of another key', async () => {
    expect((await sealedAnd((sealed) => sealed, { ann: keyOf(2) })).result).toMatchObject({ ok: false })
  })

  it('whose key is not there, and leaves it as it is', async () => {
    const { sealed, result } = await sealedAnd((one) => one, {})
    expect(result).toEqual({ ok: true, text: sealed, missing: ['ann'] })
  })
})

describe('a text that looks encrypted', () => {
  const lookalikes = ['enc:v1:', 'enc:v1::x', 'enc:v1:ann:AAAA', 'enc:v1:%:AAAA', 'enc:v1:ann:\\u0041', '\\u0065nc:v1:ann:AAAA']
  const text = (said: string) => `{"event_id":"e","event_type":"${said}","event_context":{"id":"${said}"},"data":"${said}"}`

  it.each(lookalikes)('comes back as it was, with a key and without: %s', async (said) => {
    const keys = { ann: keyOf(1) }
    for (const keyId of ['ann', null]) {
      const { encrypt, decrypt } = encryption(keys, () => keyId)
      expect(await decrypt(await encrypt(text(said)))).toEqual({ ok: true, text: text(said), missing: [] })
    }
  })

  it('stays as it is where nobody encrypted it', async () => {
    const { decrypt } = encryption({ ann: keyOf(1) })
    const long = 'A'.repeat(40)
    for (const said of [
      'enc:v1:',
      'enc:v1:ann',
      'enc:v1::x',
      'enc:v1:%:AAAA',
      'enc:v1:ann:AAAA',
      'enc:v1:zzz:AAAA',
      'enc:v1:constructor:AAAA',
      'enc:v1:ann:not base64',
      `enc:v1:ann:${long}A`,
      `enc:v1:ann:${long}AB`,
      `enc:v1:%61nn:${long}`,
      `enc:v1:a%3an:${long}`,
      `enc:v1:${'k'.repeat(257)}:${long}`,
    ]) {
      expect(await decrypt(text(said)), said).toEqual({ ok: true, text: text(said), missing: [] })
    }
  })

  it('asks for no key that it only looks like', async () => {
    const { decrypt } = eventEncryption({ keyIdOf: () => 'ann', keyOf: () => Promise.reject(new Error('no such key')) })
    const planted = text('enc:v1:zzz:AAAA')
    expect(await decrypt(planted)).toEqual({ ok: true, text: planted, missing: [] })
  })

  it('and could be one makes unreadable the one event that holds it, where the key is none', async () => {
    const given: Record<string, Uint8Array> = { ann: keyOf(1) }
    const { decrypt } = eventEncryption({ keyIdOf: () => 'ann', keyOf: (id) => given[id] })
    expect(await decrypt(text(`enc:v1:constructor:${'A'.repeat(40)}`))).toEqual({
      ok: false,
      reason: 'the key "constructor" is none of AES-256: give 32 bytes, as a Uint8Array',
    })
  })

  it('harms no reading of what is no event', async () => {
    const { decrypt } = encryption({ ann: keyOf(1) })
    for (const bad of [
      '{"data":"enc:v1:ann:AAAA',
      '["enc:v1:ann:AAAA"]',
      '"enc:v1:ann:AAAA"',
      '{"event_id":1,"data":"enc:v1:ann:A"}',
    ])
      expect(await decrypt(bad)).toEqual({ ok: true, text: bad, missing: [] })
  })
})

describe('an event that cannot be encrypted', () => {
  const asked = () => {
    const ids: string[] = []
    const keyOf = (id: string) => {
      ids.push(id)
      return new Uint8Array(32)
    }
    return { ids, ...eventEncryption({ keyIdOf: () => 'ann', keyOf }) }
  }
  const eventWith = (data: string) => `{"event_id":"e","event_type":"Own","event_context":{},"data":${data}}`

  it('since it would be too large is refused before any of it is encrypted', async () => {
    const { ids, encrypt } = asked()
    const text = eventWith(`[${Array(300_000).fill('"a"').join()}]`)
    const bytes = text.length + 300_000 * ('enc:v1:ann:'.length + Math.ceil((29 * 4) / 3) - 1)
    expect(await encrypt(text, headOf(text))).toEqual({
      ok: false,
      message: `cannot be recorded encrypted, where it has ${bytes} bytes of JSON text: an event has at most 4194304`,
    })
    expect(ids).toEqual([])
  })

  it('is told its exact size, and is encrypted up to that', async () => {
    const { encrypt } = asked()
    const text = eventWith(`["ü\\u00e9",${Array(100).fill('"abc"').join()}]`)
    const done = await encrypt(text, headOf(text))
    const room = 4_194_304 - Buffer.byteLength(done.ok ? done.text : '')
    const filled = (more: number) => text.replace('{', `{${' '.repeat(room + more)}`)
    const full = await encrypt(filled(0), headOf(text))
    expect(full.ok && Buffer.byteLength(full.text)).toBe(4_194_304)
    expect(await encrypt(filled(1), headOf(text))).toMatchObject({
      ok: false,
      message: expect.stringContaining('has 4194305 bytes'),
    })
  })

  it('since it is nested too deep is refused before it is taken apart', async () => {
    const { ids, encrypt } = asked()
    const nested = (depth: number) => eventWith(`${'['.repeat(depth - 1)}"x[{"${']'.repeat(depth - 1)}`)
    expect(await encrypt(nested(256), headOf(nested(1)))).toMatchObject({ ok: true })
    expect(ids).toEqual(['ann'])
    expect(await encrypt(nested(257), headOf(nested(1)))).toEqual({
      ok: false,
      message: 'is nested more than 256 deep (MAX_JSON_DEPTH): send a flatter event',
    })
    expect(ids).toEqual(['ann'])
  })
})

describe('the keys', () => {
  it('are chosen by what the store knows of the event', async () => {
    const seen: EncryptedEvent[] = []
    const keyIdOf = (event: EncryptedEvent) => {
      seen.push(event)
      return null
    }
    const { encrypt } = eventEncryption({ keyIdOf, keyOf: () => null })
    expect(await encrypt(EVENT, headOf(EVENT))).toEqual({ ok: true, text: EVENT })
    expect(seen).toEqual([{ ...HEAD, event_id: 'e' }])
  })

  it('that are not there, or whose id is none, leave nothing unencrypted', async () => {
    for (const [id, why] of [
      ['bob', /^cannot be encrypted: there is no key "bob"$/],
      ['', /a key id has 1 to 256 characters/],
      ['x'.repeat(257), /a key id has 1 to 256 characters/],
      ['\ud800', /a key id has 1 to 256 characters/],
    ] as const) {
      const { encrypt } = eventEncryption({ keyIdOf: () => id, keyOf: () => null })
      expect(await encrypt(EVENT, headOf(EVENT))).toEqual({ ok: false, message: expect.stringMatching(why) })
    }
  })

  it('that do not come within half a minute fail the call', async () => {
    const { encrypt, decrypt } = eventEncryption({ keyIdOf: () => 'ann', keyOf: () => new Promise(() => {}) })
    const sealed = await encryption({ ann: keyOf(1) }).encrypt(EVENT)
    vi.useFakeTimers()
    try {
      const calls = Promise.allSettled([encrypt(EVENT, headOf(EVENT)), decrypt(sealed)])
      await vi.advanceTimersByTimeAsync(31_000)
      for (const call of await calls) {
        expect(call).toMatchObject({ status: 'rejected', reason: { tag: 'event-persistence', transient: true } })
      }
    } finally {
      vi.useRealTimers()
    }
  }, 2_000)

  it('that are no keys of AES-256 are refused, unseen', async () => {
    for (const bad of [new Uint8Array(16), 'x'.repeat(32) as unknown as Uint8Array]) {
      const { encrypt } = eventEncryption({ keyIdOf: () => 'ann', keyOf: () => bad })
      const refused = encrypt(EVENT, headOf(EVENT))
      await expect(refused).rejects.toBeInstanceOf(TypeError)
      await expect(refused).rejects.not.toThrow(/xxx|0,0/)
    }
  })

  it('that cannot be had now fail the call with the reason', async () => {
    const cause = new Error('the keys are away')
    const { encrypt, decrypt } = eventEncryption({ keyIdOf: () => 'ann', keyOf: () => Promise.reject(cause) })
    const sealed = await encryption({ ann: keyOf(1) }).encrypt(EVENT)
    for (const call of [encrypt(EVENT, headOf(EVENT)), decrypt(sealed)]) {
      const failure = await call.catch((thrown: unknown) => thrown)
      expect(failure).toBeInstanceOf(EventPersistenceError)
      expect(failure).toMatchObject({ transient: true, cause })
    }
  })

  it('are forgotten at once when they are destroyed, and may be exchanged', async () => {
    const keys: Record<string, Uint8Array> = { ann: keyOf(1) }
    const { encrypt, decrypt } = encryption(keys)
    const sealed = await encrypt(EVENT)
    delete keys.ann
    expect(await decrypt(sealed)).toEqual({ ok: true, text: sealed, missing: ['ann'] })
    await expect(encrypt(EVENT)).rejects.toThrow('there is no key "ann"')
    keys.ann = keyOf(2)
    expect(await decrypt(sealed)).toMatchObject({ ok: false })
    keys.ann.fill(1)
    expect(await decrypt(sealed)).toMatchObject({ ok: true, text: EVENT })
  })
})
