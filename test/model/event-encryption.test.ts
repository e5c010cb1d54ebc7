import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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

  it('that was cut', async () => {
    for (const length of [1, 8, 20, 37]) {
      const cut = (sealed: string) => sealed.replace(/("error": "enc:v1:ann:)([\w-]+)/, (_, b, text) => b + text.slice(0, length))
      expect((await sealedAnd(cut)).result, String(length)).toMatchObject({ ok: false })
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
    for (const said of ['enc:v1:', 'enc:v1:ann', 'enc:v1:%:AAAA', 'enc:v1:ann:not base64', `enc:v1:${'k'.repeat(257)}:AAAA`]) {
      expect(await decrypt(text(said))).toEqual({ ok: true, text: text(said), missing: [] })
    }
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
