import { describe, expect, it } from 'vitest'
import { conversationObjectName } from '../../src/conversation/rpc.ts'

describe("the name of a conversation's object", () => {
  it('is of one conversation of one tenant alone, whatever characters they have', () => {
    const parts = ['a', 'b', 'a:b', 'a/b', 'a,b', 'a b', 'a","b', '["a"', 'a\u0000b', 'a\\', '"', '']
    const names = parts.flatMap((tenant) => parts.map((conversation) => conversationObjectName(tenant, conversation)))
    // One name for two of `a:b` and `c`, or `a` and `b:c`, would give one of them the other's log.
    const joined = [':', '/', ',', ' ', '","', '\u0000'].flatMap((join) => [
      conversationObjectName(`a${join}b`, 'c'),
      conversationObjectName('a', `b${join}c`),
    ])
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(joined).size).toBe(joined.length)
  })

  it('stays as it is, for under another name nobody would find the events again', () => {
    expect(conversationObjectName('acme', 'Größe "1"')).toBe('["acme","Größe \\"1\\""]')
  })
})
