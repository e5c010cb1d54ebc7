import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditedRequest, auditEntryOf } from '../../../src/security/audit/audit-entry.ts'

const PRINCIPAL = { tenant: 'acme', key_id: 'k1', subject: null }
const SECRET = 'Zx9-planted-secret-Zx9'

function request(changes: Partial<AuditedRequest> = {}): AuditedRequest {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    at: Date.UTC(2026, 0, 15, 10, 0, 0, 7),
    operation: 'GET /v1/events/{event_id}',
    who: PRINCIPAL,
    resource: { event_id: 'event-1' },
    count: 1,
    status: 200,
    broken: false,
    headers: new Headers(),
    request_id: 'request-1',
    ...changes,
  }
}

describe('an audit entry', () => {
  it('says who did what, when, from where, and what came of it', () => {
    const headers = new Headers({ 'CF-Connecting-IP': '203.0.113.7', 'User-Agent': 'curl/8.5.0' })
    expect(auditEntryOf(request({ headers, place: { country: 'DE', colo: 'FRA' } }))).toEqual({
      id: '00000000-0000-4000-8000-000000000001',
      at: '2026-01-15T10:00:00.007Z',
      tenant: 'acme',
      key_id: 'k1',
      subject: null,
      operation: 'GET /v1/events/{event_id}',
      resource: { event_id: 'event-1' },
      count: 1,
      outcome: 'ok',
      status: 200,
      from: { address: '203.0.113.7', country: 'DE', colo: 'FRA', user_agent: 'curl/8.5.0' },
      request_id: 'request-1',
    })
  })

  it.each([
    [200, false, 'ok'],
    [304, false, 'ok'],
    [200, true, 'failed'],
    [401, false, 'denied'],
    [403, false, 'denied'],
    [404, false, 'failed'],
    [503, false, 'failed'],
  ])('of status %i, broken off %s, has the outcome %s', (status, broken, outcome) => {
    expect(auditEntryOf(request({ status, broken })).outcome).toBe(outcome)
  })

  it('of a request that nobody is known to have sent names no tenant and no id', () => {
    const made = auditEntryOf(request({ who: null, status: 401, resource: { event_id: SECRET } }))
    expect(made).toMatchObject({ tenant: null, key_id: null, subject: null, resource: null, outcome: 'denied' })
  })

  it('of a token that names nobody has its id', () => {
    const made = auditEntryOf(request({ who: { tenant: 'acme', key_id: null, subject: null, token_id: 'token-1' } }))
    expect(made).toMatchObject({ subject: null, resource: { token_id: 'token-1', event_id: 'event-1' } })
  })

  it('holds nothing of the headers but an address and the names of products', () => {
    const headers = new Headers({
      Authorization: `Bearer ${SECRET}`,
      'Event-Store-Session': SECRET,
      'CF-Connecting-IP': SECRET,
      'User-Agent': `curl/8.5.0 (${SECRET}) ${SECRET}/1.0 tool/${SECRET}`,
      Cookie: SECRET,
    })
    const made = auditEntryOf(request({ headers, place: { country: SECRET, colo: SECRET } }))
    expect(JSON.stringify(made)).not.toContain('planted')
    expect(made.from).toEqual({ address: null, country: null, colo: null, user_agent: 'curl/8.5.0' })
  })

  it.each([
    ['the credential of its own request', SECRET],
    ['an API key', 'evs_0123456789abcdef_0123456789abcdef0123456789abcdef'],
    ['a token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'],
    ['an Authorization value', 'Bearer abcdefghijkl'],
    ['a connection string', 'postgresql://user:password@host/database'],
  ])('leaves out an id that holds %s', (_, secret) => {
    const headers = new Headers({ Authorization: `Bearer ${SECRET}` })
    const resource = { event_id: `event ${secret} 1`, conversation_id: 'conversation-1' }
    const made = auditEntryOf(request({ headers, resource, request_id: secret }))
    expect(made.resource).toEqual({ event_id: '[redacted]', conversation_id: 'conversation-1' })
    expect(made.request_id).toBe('[redacted]')
  })

  it.each([
    ['the secret part of a key', `evs_${'k'.repeat(16)}_${SECRET}`, SECRET],
    ['a part of a token', `eyJhbGciOiJFUzI1NiJ9.${SECRET}.signature`, SECRET],
  ])('leaves out an id that holds %s of its own request', (_, credential, secret) => {
    const headers = new Headers({ Authorization: `Bearer ${credential}` })
    const made = auditEntryOf(request({ headers, resource: { event_id: `of ${secret}`, key_id: 'k'.repeat(16) } }))
    expect(made.resource).toEqual({ event_id: '[redacted]', key_id: 'k'.repeat(16) })
  })

  it('is one line of bounded, well-formed text, whatever the ids are', () => {
    const property = fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.boolean(), (text, subject) => {
      const made = auditEntryOf(
        request(subject ? { who: { ...PRINCIPAL, key_id: null, subject: text } } : { resource: { event_id: text } }),
      )
      const kept = (subject ? made.subject : made.resource?.event_id) ?? ''
      expect(kept.length).toBeLessThanOrEqual(256)
      expect(kept.isWellFormed()).toBe(true)
      expect(kept).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      expect(JSON.parse(JSON.stringify(made))).toEqual(made)
    })
    fc.assert(property)
    expect(auditEntryOf(request({ resource: { event_id: 'a\r\n{"forged":1}\u0000\ud800' } })).resource).toEqual({
      event_id: 'a\uFFFD\uFFFD{"forged":1}\uFFFD\uFFFD',
    })
  })

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
    ['999.1.1.1', null],
    ['203.0.113.7, 198.51.100.1', null],
    [':::::', null],
  ])('takes the address %s as %s', (sent, address) => {
    const headers = new Headers({ 'CF-Connecting-IP': sent })
    expect(auditEntryOf(request({ headers })).from.address).toBe(address)
  })
})
