import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpEventStore, isRawJson, parseJson, stringifyJson } from '../../src/client/index.ts'
import { EventCodec } from '../../src/model/codec.ts'
import { eventText } from '../support/events.ts'

const names = ['rawJSON', 'isRawJSON'] as const
const own = names.map((name) => Object.getOwnPropertyDescriptor(JSON, name) as PropertyDescriptor)

beforeEach(() => {
  for (const name of names) Reflect.deleteProperty(JSON, name)
})
afterEach(() => {
  names.forEach((name, at) => {
    Object.defineProperty(JSON, name, own[at] as PropertyDescriptor)
  })
})

describe('an engine whose JSON loses digits', () => {
  it('is named as what is wrong, not the events', async () => {
    const lines: string[] = []
    const codec = new EventCodec({ log: (line) => lines.push(line) })
    const text = eventText({ conversation: 'c', id: 'x' })
    const fetch = async () =>
      new Response(`{"items":[{"seq":1,"cursor":"1","recorded_at":"","event":${text}}],"next_cursor":null}`)
    const store = new HttpEventStore({ url: 'http://service.invalid', fetch, codec })
    await expect(store.getEvents()).rejects.toThrow('JSON.rawJSON')
    const event = { ...JSON.parse(text), data: { input_data: [{ timestamp: 1756377611078069123n }] } }
    await expect(store.recordEvent(event)).rejects.toThrow('Node 22')
    expect(lines).toEqual([])
  })

  it('writes what needs none of it, and knows no raw numbers', () => {
    expect(stringifyJson({ a: 1 })).toBe('{"a":1}')
    expect(() => parseJson('1')).toThrow('JSON.rawJSON')
    expect(isRawJson({})).toBe(false)
  })
})
