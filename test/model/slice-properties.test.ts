import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOfText } from '../../src/model/digest.ts'
import { sliceEvents } from '../../src/model/slice.ts'
import { AS_IS, bytes, ON_ONE_LINE, object, pick, type Random, randomFrom, type Tree, write } from './slice-texts.ts'

type Format = 'json' | 'ndjson'

const formats = fc.constantFrom<Format[]>('json', 'ndjson')
const trees = fc.array(object, { minLength: 1, maxLength: 5 })

function writeBody(events: readonly Tree[], format: Format, random: Random): { body: string; texts: string[] } {
  const texts = events.map((event) => write(event, random, format === 'json' ? AS_IS : ON_ONE_LINE))
  if (format === 'ndjson') {
    return { body: texts.map((text) => text + pick(['\n', '\r\n', ' \n\n', '\n\r\n'], random)).join(''), texts }
  }
  if (texts.length === 1 && random() < 0.5) return { body: ` ${texts[0]}\n`, texts }
  return {
    body: `\n[${texts.map((text) => pick(['', ' ', '\r\n'], random) + text + pick(['', '\t'], random)).join(',')}] `,
    texts,
  }
}

/** What the body holds, told by JSON.parse and a second reading for the rules that JSON.parse does not know. */
function oracle(body: Uint8Array, format: Format): unknown[] | 'malformed-json' | 'invalid-event' {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    const lines = text.split('\n').filter((line) => /[^ \t\r]/.test(line))
    if (format === 'ndjson' && lines.length === 0) return 'malformed-json'
    const parsed: unknown = format === 'ndjson' ? lines.map((line) => JSON.parse(line)) : JSON.parse(text)
    const values = Array.isArray(parsed) ? parsed : [parsed]
    const objects = values.every((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
    const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g) ?? []
    return objects && values.length > 0 && hasFairNames(tokens) ? values : 'invalid-event'
  } catch {
    return 'malformed-json'
  }
}

function hasFairNames(tokens: readonly string[]): boolean {
  const open: Set<unknown>[] = []
  for (const [i, token] of tokens.entries()) {
    if (token === '{' || token === '[') open.push(new Set())
    if (token === '}' || token === ']') open.pop()
    if (token !== ':') continue
    const name: unknown = JSON.parse(tokens[i - 1] ?? '')
    if (name === '__proto__' || open.at(-1)?.has(name)) return false
    open.at(-1)?.add(name)
  }
  return true
}

const TELLING = [...bytes('{}[]",:\\/u01.eE-+tfn \n\r\t\u0000é_a')]

function mutate(body: Uint8Array, random: Random): Uint8Array {
  const position = Math.floor(random() * body.length)
  const byte = random() < 0.7 ? pick(TELLING, random) : Math.floor(random() * 256)
  const [before, after] = [body.subarray(0, position), body.subarray(position)]
  const kind = random()
  if (kind < 0.25) return before
  if (kind < 0.5) return Uint8Array.from([...before, ...after.subarray(1)])
  if (kind < 0.75) return Uint8Array.from([...before, byte, ...after])
  return Uint8Array.from([...before, byte, ...after.subarray(1)])
}

describe('slicing any body', () => {
  it('gives each event its verbatim text, its parsed value and the digest of its text', () => {
    fc.assert(
      fc.property(trees, formats, fc.integer(), (events, format, seed) => {
        const { body, texts } = writeBody(events, format, randomFrom(seed))
        const encoded = bytes(body)
        const result = sliceEvents(encoded, format)
        if (!result.ok) throw new Error(result.failure.message)
        expect(result.events.map(({ text }) => text)).toEqual(texts)
        expect(result.events.map(({ start, end }) => new TextDecoder().decode(encoded.subarray(start, end)))).toEqual(texts)
        expect(result.events.map(({ value }) => value)).toEqual(texts.map((text) => JSON.parse(text)))
        expect(result.events.map(({ digest }) => digest)).toEqual(texts.map(digestOfText))
      }),
      { numRuns: 300 },
    )
  })

  it('accepts a damaged body exactly if JSON.parse and the rules do, with the same values', () => {
    fc.assert(
      fc.property(trees, formats, fc.integer(), fc.integer({ min: 1, max: 2 }), (events, format, seed, damages) => {
        const random = randomFrom(seed)
        let body = bytes(writeBody(events, format, random).body)
        for (let i = 0; i < damages; i++) body = mutate(body, random)
        const result = sliceEvents(body, format)
        expect(result.ok ? result.events.map(({ value }) => value) : result.failure.kind).toEqual(oracle(body, format))
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads a body that is a part of a larger buffer', () => {
    const buffer = bytes('xxx{"a":1}yyyy')
    const result = sliceEvents(buffer.subarray(3, 10), 'json')
    expect(result).toMatchObject({ ok: true, events: [{ start: 0, end: 7, value: { a: 1 } }] })
  })
})
