import { describe, expect, it } from 'vitest'
import { anonymiser, eventEncryption, HttpEventStore } from '../../src/client/index.ts'

/** The same as in Node: what one has encrypted the other reads. */
const SEALED =
  '{"event_id":"e","event_type":"ToolFailed","event_context":{},"data":{"error":"enc:v1:a%3An%20%25:zq97UdVbLDPjs7Do6zTjnw7WjDLt-rJQccslcXZVXjdB"}}'

const encryption = eventEncryption({ keyIdOf: () => 'a:n %', keyOf: () => new Uint8Array(32).fill(7) })
const EVENT = { event_id: 'e', event_type: 'ToolFailed', conversation_id: 'c', assistant_request_id: 'r', user_id: '' }

describe('in a Worker', () => {
  it('events are encrypted and decrypted as everywhere', async () => {
    const text = SEALED.replace(/enc:v1:[^"]+/, 'hello')
    expect(await encryption.encrypt(text, EVENT)).toEqual({ ok: true, text: SEALED })
    expect(await encryption.decrypt(SEALED)).toEqual({ ok: true, text, missing: [] })
    expect(await encryption.decrypt(SEALED.replace('zq97', 'zq98'))).toMatchObject({ ok: false })
  })

  it('a store sends ciphertext, and pseudonyms are what they are elsewhere', async () => {
    const sent: string[] = []
    const fetch = async (_input: unknown, init?: RequestInit) => {
      sent.push(String(init?.body))
      return Response.json({ recorded: 1, duplicates: 0, conflicts: [], conversations: [] })
    }
    const store = new HttpEventStore({ url: 'http://service.invalid', fetch, encryption })
    const invoke_context = { conversation_id: 'c', invoke_id: 'i', assistant_request_id: 'r', user_id: '' }
    const envelope = { event_id: 'e', assistant_request_id: 'r', timestamp: '2026-01-01T00:00:00Z', event_type: 'ToolFailed' }
    const event = { ...envelope, event_context: { invoke_context }, data: { input_data: [], error: 'hello' } }
    await store.recordEvent(event)
    expect(sent.join()).toContain('enc:v1:a%3An%20%25:')
    expect(sent.join()).not.toContain('hello')
    const copy = await anonymiser('a secret of the caller')(event)
    expect(JSON.parse(copy)).toMatchObject({
      event_id: expect.stringMatching(/^[\da-f]{32}$/),
      data: { error: '[5 characters]' },
    })
  })
})
