import { describe, expect, it } from 'vitest'
import { sliceEvents } from '../../src/model/slice.ts'
import type { SliceFailure } from '../../src/model/slice-failure.ts'
import { bytes } from './slice-texts.ts'

function refused(body: Uint8Array | string, format: 'json' | 'ndjson' = 'json'): SliceFailure {
  const result = sliceEvents(typeof body === 'string' ? bytes(body) : body, format)
  if (result.ok) throw new Error('accepted')
  return result.failure
}

describe('a body that is not JSON', () => {
  it.each<[why: string, body: string, offset: number, message: RegExp]>([
    ['is empty', '', 0, /empty/],
    ['is blank', ' \r\n\t', 0, /empty/],
    ['starts with a byte order mark', '\ufeff[{}]', 0, /byte order mark/],
    ['holds a second byte order mark', '[\ufeff{}]', 1, /byte order mark/],
    ['goes on after an object', '{} {}', 3, /follows the JSON value/],
    ['goes on after an array', '[{}]]', 4, /follows the JSON value/],
    ['goes on after an empty array', '[]{}', 2, /follows the JSON value/],
    ['has a comma before the end of the array', '[{},]', 4, /surplus comma/],
    ['has a comma at the start', '[,{}]', 1, /surplus comma/],
    ['has a comma before the end of an object', '{"a":1,}', 7, /member name in double quotes.*surplus comma/],
    ['lacks a comma between events', '[{} {}]', 4, /a comma or ] after an event/],
    ['lacks a comma between members', '{"a":1 "b":2}', 7, /a comma or } in the object that starts at byte 0/],
    ['lacks a comma in an array', '{"a":[1 2]}', 8, /a comma or ] in the array that starts at byte 5/],
    ['lacks a colon', '{"a" 1}', 5, /a colon/],
    ['ends after a colon', '{"a":', 5, /ends at byte 5 where a JSON value/],
    ['ends in a string', '{"a":"bc', 5, /string that starts at byte 5 is not closed/],
    ['ends in a long name', '{"abcdefghijk', 1, /string that starts at byte 1 is not closed/],
    ['ends in an escape', '{"a":"b\\', 5, /not closed/],
    ['ends in an object', '[{"a":1', 7, /ends at byte 7 inside the object that starts at byte 1/],
    ['ends in a nested array', '{"a":[1', 7, /inside the array that starts at byte 5/],
    ['ends in the array of events', '[{}', 3, /inside the array of events/],
    ['ends after a comma', '[{},', 4, /ends at byte 4/],
    ['closes an array with a brace', '{"a":[1}}', 7, /a comma or ] in the array/],
    ['closes an object with a bracket', '[{"a":1]]', 7, /a comma or } in the object/],
    ['has a raw line feed in a string', '{"a":"b\nc"}', 7, /control character at byte 7/],
    ['has a raw zero in a string', '{"a":"\0"}', 6, /control character at byte 6/],
    ['has a raw control character after an escape', '{"a":"\\n\u001f"}', 8, /control character at byte 8/],
    ['has a zero between tokens', '{\0}', 1, /member name/],
    ['has a wrong escape', '{"a":"b\\x"}', 7, /backslash at byte 7/],
    ['has a short unicode escape', '{"a":"\\u12g4"}', 6, /backslash at byte 6/],
    ['has a unicode escape that the string ends', '{"a":"\\u12"}', 6, /backslash at byte 6/],
    ['has NaN', '{"a":NaN}', 5, /no NaN/],
    ['has Infinity', '{"a":Infinity}', 5, /no Infinity/],
    ['has a negative Infinity', '{"a":-Infinity}', 6, /a digit of a number/],
    ['has a comment', '{/* hello */}', 1, /no comments/],
    ['has single quotes', "{'a':1}", 1, /double quotes/],
    ['has a bare name', '{a:1}', 1, /member name in double quotes/],
    ['has a leading zero', '{"a":01}', 6, /a comma or }/],
    ['has a plus sign', '{"a":+1}', 5, /minus sign/],
    ['has a number that ends with a point', '{"a":1.}', 7, /a digit/],
    ['has a number without exponent digits', '{"a":1e+}', 8, /a digit/],
    ['has a word that starts like a literal', '{"a":truth}', 5, /a JSON value/],
    ['has a literal with a tail', '{"a":nullx}', 9, /a comma or }/],
    ['has a no-break space between tokens', '{\u00a0}', 1, /outside ASCII/],
  ])('is malformed when it %s', (_, body, offset, message) => {
    const failure = refused(body)
    expect(failure).toMatchObject({ kind: 'malformed-json', offset })
    expect(failure.message).toMatch(message)
  })

  it.each<[what: string, raw: number[]]>([
    ['a lone surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a truncated sequence', [0xe2, 0x82]],
    ['a continuation alone', [0x80]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that no UTF-8 has', [0xff]],
  ])('is malformed when a string holds %s as raw bytes', (_, raw) => {
    const body = Uint8Array.from([...bytes('[{"é":1},{"a":"\u{1f600}'), ...raw, ...bytes('"}]')])
    const failure = refused(body)
    expect(failure).toMatchObject({ kind: 'malformed-json', index: 1 })
    expect(failure.message).toMatch(/not valid UTF-8/)
    expect(failure.offset).toBeGreaterThanOrEqual(body.length - 3 - raw.length)
    expect(failure.offset).toBeLessThan(body.length - 2)
  })

  it('is called malformed even if an earlier event breaks a rule', () => {
    expect(refused('[1,{"a":1,"a":2},nope]')).toMatchObject({ kind: 'malformed-json', index: 2 })
    expect(refused(Uint8Array.from([...bytes('[1,{"a":"'), 0xff, ...bytes('"}]')]))).toMatchObject({
      kind: 'malformed-json',
      index: 1,
    })
  })

  it('is malformed in UTF-16', () => {
    expect(refused(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0)).message).toMatch(/byte order mark/)
  })

  it('is not quoted in the message', () => {
    for (const body of ['{"a":secret}', '{"secret"}', '{"a":"secret', '["secret"]', '{"secret":1,"secret":2}']) {
      expect(refused(body).message).not.toContain('secret')
    }
  })
})

describe('JSON that is no event', () => {
  it.each<[body: string, index: number, offset: number]>([
    ['42', 0, 0],
    ['"text"', 0, 0],
    [' null', 0, 1],
    ['[{},1]', 1, 4],
    ['[{},{},"a"]', 2, 7],
    ['[[{}]]', 0, 1],
    ['[{},true,{"a":1,"a":2}]', 1, 4],
  ])('is refused with its position: %s', (body, index, offset) => {
    const failure = refused(body)
    expect(failure).toMatchObject({ kind: 'invalid-event', index, offset })
    expect(failure.message).toMatch(/not a JSON object/)
  })

  it('is refused when the array is empty', () => {
    expect(refused(' [ ] ')).toMatchObject({ kind: 'invalid-event', offset: 1, message: expect.stringContaining('empty') })
  })
})

describe('NDJSON', () => {
  it.each<[why: string, body: string, kind: string, line: number, offset: number]>([
    ['an event over two lines', '{}\n{"a":\n1}', 'malformed-json', 2, 8],
    ['two events on a line', '{}\n\n{} {}', 'malformed-json', 3, 7],
    ['a string over two lines', '{"a":"x\ny"}', 'malformed-json', 1, 5],
    ['an array of events', '[{},{}]', 'invalid-event', 1, 0],
    ['a number', '{}\r\n\r\n7', 'invalid-event', 3, 6],
    ['a number that the line cuts', '{}\n-\n1', 'malformed-json', 2, 4],
    ['a repeated name', '\n{"a":1,"a":2}', 'invalid-event', 2, 1],
    ['a carriage return alone between events', '{}\r{}', 'malformed-json', 1, 3],
  ])('names the line of %s', (_, body, kind, line, offset) => {
    const failure = refused(body, 'ndjson')
    expect(failure).toMatchObject({ kind, line, offset })
    expect(failure.message).toContain(`Line ${line}: `)
  })

  it('is refused when no line holds an event', () => {
    for (const body of ['', '\n \r\n\n']) expect(refused(body, 'ndjson')).toMatchObject({ kind: 'malformed-json', offset: 0 })
  })

  it('is refused when it starts with a byte order mark', () => {
    expect(refused('\ufeff{}', 'ndjson').message).toMatch(/byte order mark/)
  })
})
