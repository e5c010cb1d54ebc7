import { describe, expect, it } from 'vitest'
import { digestOfText } from '../../src/model/digest.ts'
import { hashId } from '../../src/model/digest-id.ts'

const DIFFERENT_VALUES = [
  '{}',
  '[]',
  '[[]]',
  '[{}]',
  '[[],[]]',
  '[[[]]]',
  '""',
  '"0"',
  '0',
  '-0',
  '0.0',
  '0e0',
  '0E0',
  '1',
  '1.0',
  '10',
  '"1"',
  'true',
  'false',
  'null',
  '"true"',
  '"null"',
  '[null]',
  '[1,2]',
  '[2,1]',
  '[[1],2]',
  '[1,[2]]',
  '[[1,2]]',
  '[12]',
  '1756377611078069123',
  '1756377611078069124',
  '1756377611078069120',
  '[1756377611078069123]',
  '{"a":1}',
  '{"a":"1"}',
  '{"b":1}',
  '{"a":1,"b":2}',
  '{"a":2,"b":1}',
  '{"a":{"b":1}}',
  '{"b":{"a":1}}',
  '{"a":[1]}',
  '["a",1]',
  '{"":0}',
  '{"a":null}',
  '{"a":{}}',
  '{"a":[]}',
  '{"x":{"a":1},"y":{"b":2}}',
  '{"x":{"a":1,"b":2},"y":{}}',
  '{"x":{"b":2},"y":{"a":1}}',
  '"\\u0000"',
  '"\\u0000\\u0000"',
  '"\\u0000\\u0000\\u0000\\u0000"',
  '"a"',
  '"a\\u0000"',
  '"\\ud800"',
  '"\\udc00"',
  '"\\ud800\\udc00"',
  '"\\udc00\\ud800"',
  '"\\ud800a"',
  '"é"',
  '"e\u0301"',
  '"abcd"',
  '"abcd\\u0000"',
  '"\\\\u0041"',
  '"A"',
]

const SAME_VALUES = [
  ['"A"', '"\\u0041"'],
  ['"/"', '"\\/"'],
  ['"é"', '"\\u00e9"', '"\\u00E9"'],
  ['"\u{1f600}"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"'],
  ['"abcdefg\\n"', '"abcdefg\\u000a"', '"\\u0061bcdefg\\n"', '"abc\\u0064efg\\n"'],
  [
    '{"a":1,"b":[true,{"c":null}]}',
    ' {\n  "b" : [ true , {"c":\tnull} ],\r\n"a":1 } ',
    '{"\\u0062":[true,{"\\u0063":null}],"a":1}',
  ],
]

describe('digestOfText', () => {
  it('tells different values apart, in both halves', () => {
    const digests = DIFFERENT_VALUES.map(digestOfText)
    expect(new Set(digests.map(([hi]) => hi)).size).toBe(DIFFERENT_VALUES.length)
    expect(new Set(digests.map(([, lo]) => lo)).size).toBe(DIFFERENT_VALUES.length)
  })

  it.each(SAME_VALUES)('gives %s the digest of the same value written otherwise', (first, ...others) => {
    for (const other of others) expect(digestOfText(other)).toEqual(digestOfText(first))
  })

  it('spreads a change of one bit over half of the digest', () => {
    let changed = 0
    const runs = 2_000
    for (let i = 0; i < runs; i++) {
      const [hi, lo] = digestOfText(`{"id":"${i * 2}"}`)
      const [otherHi, otherLo] = digestOfText(`{"id":"${i * 2 + 1}"}`)
      for (let x = hi ^ otherHi; x !== 0; x &= x - 1) changed++
      for (let x = lo ^ otherLo; x !== 0; x &= x - 1) changed++
    }
    expect(changed / runs).toBeGreaterThan(30)
    expect(changed / runs).toBeLessThan(34)
  })

  it.each([4_090, 4_095, 4_096, 4_097, 8_193, 20_001])('reads escapes anywhere in a string of %i characters', (length) => {
    const plain = Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26)))
    const escaped = plain.map((char, i) => (i % 7 === 3 ? `\\u00${char.charCodeAt(0).toString(16)}` : char))
    const tail = `\\n${'z'.repeat(length)}"`
    const digest = digestOfText(`"${plain.join('')}${tail}`)
    expect(digestOfText(`"${escaped.join('')}${tail}`)).toEqual(digest)
    plain[length - 1] = '-'
    expect(digestOfText(`"${plain.join('')}${tail}`)).not.toEqual(digest)
  })

  it('refuses a text that is not one JSON value', () => {
    for (const text of ['', '{', '{} {}', '[1,]', 'NaN']) expect(() => digestOfText(text)).toThrow('not one JSON value')
  })

  it('never changes, because digests are stored', () => {
    expect(digestOfText('{"id":"a\\u00e9bcdefgh","n":[1.50,true,null,{}],"s":"\\""}')).toEqual([4101023090, 2740366230])
  })
})

describe('hashId', () => {
  it('gives two halves that hardly ever collide', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => [`event-${i}`, i.toString(16).padStart(32, '0')]).flat()
    const hashes = ids.map(hashId)
    expect(new Set(hashes.map(([hi, lo]) => `${hi},${lo}`)).size).toBe(ids.length)
    // 40,000 random 32-bit numbers hold 0.2 pairs of equals on average.
    for (const half of [0, 1] as const) expect(new Set(hashes.map((hash) => hash[half])).size).toBeGreaterThan(ids.length - 5)
  })

  it('tells ids apart that differ in length, order or zeros only', () => {
    const ids = ['', '\0', '\0\0', '\0\0\0', 'a', 'aa', 'ab', 'ba', 'a\0', '\ud800', '\udc00']
    expect(new Set(ids.map((id) => hashId(id).join())).size).toBe(ids.length)
  })

  it('gives unsigned 32-bit integers', () => {
    for (let i = 0; i < 100; i++) for (const half of hashId(`id-${i}`)) expect(half).toBe(half >>> 0)
  })

  it('never changes, because hashes are stored', () => {
    expect(hashId('b46be6b0c64d4174b1e770bf999d5d5f')).toEqual([4230301159, 2465897963])
  })
})
