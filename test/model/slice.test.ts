import { describe, expect, it } from 'vitest'
import { MAX_EVENT_BYTES, MAX_JSON_DEPTH, MAX_REQUEST_EVENTS } from '../../src/model/limits.ts'
import { type SlicedEvent, sliceEvents } from '../../src/model/slice.ts'
import type { SliceFailure } from '../../src/model/slice-failure.ts'
import { bytes } from './slice-texts.ts'

function sliced(text: string, format: 'json' | 'ndjson' = 'json'): SlicedEvent[] {
  const result = sliceEvents(bytes(text), format)
  if (!result.ok) throw new Error(result.failure.message)
  return result.events
}

function refused(text: string, format: 'json' | 'ndjson' = 'json'): SliceFailure {
  const result = sliceEvents(bytes(text), format)
  if (result.ok) throw new Error('accepted')
  return result.failure
}

describe('slicing', () => {
  it('cuts an array into the texts of its events', () => {
    expect(sliced(' [ {"n": 1.50} ,{"n":1756377611078069123}]\n')).toMatchObject([
      { start: 3, end: 14, text: '{"n": 1.50}', value: { n: 1.5 } },
      { start: 16, end: 41, text: '{"n":1756377611078069123}' },
    ])
  })

  it('takes one object as one event', () => {
    expect(sliced('\n{"a":"\u{1f600}"} ')).toMatchObject([
      { start: 1, end: 13, text: '{"a":"\u{1f600}"}', value: { a: '\u{1f600}' } },
    ])
  })

  it('takes an object a line and passes over blank lines', () => {
    expect(sliced('\n{"a":1}\r\n \t\r\n  {"a":2}', 'ndjson').map(({ start, text }) => [start, text])).toEqual([
      [1, '{"a":1}'],
      [16, '{"a":2}'],
    ])
  })

  it('keeps zero characters and lone surrogates that are written as escapes', () => {
    const text = '{"a":"\\u0000\\ud800","\\udc00":1}'
    expect(sliced(text)).toMatchObject([{ text, value: { a: '\0\ud800', '\udc00': 1 } }])
  })

  it('accepts the same name in different objects and in nested ones', () => {
    expect(sliced('[{"a":{"a":[{"a":1},{"a":2}]}},{"a":3}]')).toHaveLength(2)
  })

  it('accepts an object of many members', () => {
    const members = Array.from({ length: 100_000 }, (_, i) => `"name ${i}":${i}`)
    expect(Object.keys(sliced(`{${members.join()}}`)[0]?.value as object)).toHaveLength(100_000)
  })
})

describe('limits', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  const ofSize = (size: number) => `{"a":"${'x'.repeat(size - 8)}"}`

  it('takes an event of exactly the largest size and refuses one byte more', () => {
    expect(sliced(`[${ofSize(MAX_EVENT_BYTES)}]`)).toHaveLength(1)
    const failure = refused(`[{},${ofSize(MAX_EVENT_BYTES + 1)}]`)
    expect(failure).toMatchObject({ kind: 'too-large', index: 1, offset: 4 })
    expect(failure.message).toMatch(/MAX_EVENT_BYTES/)
    expect(failure.message).toContain(String(MAX_EVENT_BYTES))
  })

  it('takes exactly the largest number of events and refuses one more', () => {
    const events = Array.from({ length: MAX_REQUEST_EVENTS }, () => '{}')
    expect(sliced(`[${events.join()}]`)).toHaveLength(MAX_REQUEST_EVENTS)
    const failure = refused(`[${events.join()},{}]`)
    expect(failure).toMatchObject({ kind: 'too-large', index: MAX_REQUEST_EVENTS })
    expect(failure.message).toContain(String(MAX_REQUEST_EVENTS))
    expect(refused(`${events.join('\n')}\n{}`, 'ndjson')).toMatchObject({ kind: 'too-large', line: MAX_REQUEST_EVENTS + 1 })
  })

  it('takes exactly the deepest nesting and refuses one level more', () => {
    expect(sliced(`[${nested(MAX_JSON_DEPTH)}]`)).toHaveLength(1)
    const failure = refused(`[{},${nested(MAX_JSON_DEPTH + 1)}]`)
    expect(failure).toMatchObject({ kind: 'invalid-event', index: 1 })
    expect(failure.message).toContain(String(MAX_JSON_DEPTH))
  })

  it('stops at the limit of a nesting that would overflow any stack', () => {
    for (const text of ['['.repeat(100_000), `{"a":${'{"a":'.repeat(100_000)}`, `[${nested(100_000)}]`]) {
      expect(refused(text)).toMatchObject({ kind: 'invalid-event', index: 0 })
    }
  })
})

describe('member names', () => {
  it.each([
    ['{"a":1,"a":1}', ['a']],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['{"x":[0,{"y":{"b":1,"c":",{","b":2}}]}', ['x', 1, 'y', 'b']],
    ['{"x":[[1,2],"[",{"":1,"\\"":2,"":3}]}', ['x', 2, '']],
    [`{${Array.from({ length: 40 }, (_, i) => `"n${i}":0`).join()},"n20":1}`, ['n20']],
  ])('names the path of a repeated member in %s', (text, path) => {
    const failure = refused(`[{"a":"\\u0061"},${text}]`)
    expect(failure).toMatchObject({ kind: 'invalid-event', index: 1, path })
    expect(failure.message).toMatch(/same name/)
  })

  it.each([
    ['{"__proto__":{}}', ['__proto__']],
    ['{"a":[{"\\u005f_proto__":1}]}', ['a', 0, '__proto__']],
  ])('names the path of a __proto__ in %s', (text, path) => {
    expect(refused(text)).toMatchObject({ kind: 'invalid-event', index: 0, path })
  })

  it('accepts __proto__ as a value and names that only resemble it', () => {
    expect(sliced('{"a":"__proto__","__proto":1,"__proto___":2}')).toHaveLength(1)
  })
})
