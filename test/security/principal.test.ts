import { describe, expect, it } from 'vitest'
import { authorOf, DEVELOPMENT_PRINCIPAL, type Principal, ticketMakerOf } from '../../src/security/principal.ts'

const principal = (more: Partial<Principal>): Principal => ({ ...DEVELOPMENT_PRINCIPAL, ...more })

describe('whoever did something', () => {
  it.each<[string, Partial<Principal>, string, object]>([
    ['a key', { kind: 'key', key_id: 'k' }, 'key:k', { kind: 'key', key_id: 'k' }],
    ['a token', { kind: 'token', subject: 's' }, 'subject:s', { kind: 'token', subject: 's' }],
    ['a token that names nobody', { kind: 'token' }, 'token', { kind: 'token', subject: null }],
    ['nobody, of the open service', {}, 'development', { kind: 'open' }],
  ])('is recorded as %s', (_, who, author, maker) => {
    expect(authorOf(principal(who))).toBe(author)
    expect(ticketMakerOf(principal(who))).toEqual(maker)
  })
})
