import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentParts, messageTime, plainText } from '../../../src/explorer/views/conversation/messages/content.ts'
import { cutText } from '../../../src/explorer/views/conversation/messages/cut-text.ts'
import { indentJson } from '../../../src/explorer/views/conversation/messages/indent-json.ts'
import { type Message, message, type NewMessage } from '../../../src/model/message.ts'

const parts = (given: Omit<NewMessage, 'role'>) => contentParts(message({ role: 'assistant', ...given }))

describe('what a message says', () => {
  it('is text as it is, and markup is text', () => {
    expect(parts({ content: '<b>*x*</b>\n' })).toEqual([{ kind: 'text', text: '<b>*x*</b>\n' }])
    expect(parts({ content: null })).toEqual([])
  })

  it('tells of images, sounds and files in place of loading them', () => {
    const content = [
      { type: 'text', text: 'Look:' },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(4000)}` } },
      { type: 'input_audio', input_audio: { format: 'wav', data: 'A'.repeat(400) } },
      { type: 'file', file: { filename: 'report.pdf' } },
      { type: 'refusal', refusal: 'No.' },
      { type: 'other', value: 1 },
    ]
    expect(parts({ content })).toEqual([
      { kind: 'text', text: 'Look:' },
      { kind: 'media', text: 'Image: https://example.com/cat.png' },
      { kind: 'media', text: 'Image: image/png, 3 KB' },
      { kind: 'media', text: 'Audio: wav, 300 B' },
      { kind: 'media', text: 'File: report.pdf' },
      { kind: 'refusal', text: 'No.' },
      { kind: 'json', text: '{"type":"other","value":1}' },
    ])
  })

  it('has an object as JSON with every digit, and a refusal beside the content', () => {
    const said = parts({ content: { at: 1764000000000000001n }, refusal: 'I cannot.' })
    expect(said).toEqual([
      { kind: 'json', text: '{"at":1764000000000000001}' },
      { kind: 'refusal', text: 'I cannot.' },
    ])
  })

  it('is plain text with its calls', () => {
    const said = message({ role: 'assistant', content: 'Searching.' })
    expect(plainText(said, [{ name: 'search', arguments: '{"q":1}' }])).toBe('Searching.\n\nsearch({"q":1})')
  })

  it('has its time in nanoseconds, as a bigint or as a number', () => {
    const at = (timestamp: unknown) => messageTime({ role: 'user', message_id: 'm', timestamp } as Message)
    expect(at(1756377611078102000n)).toBe('2025-08-28T10:40:11.078Z')
    expect(at(1756377611078102000)).toBe('2025-08-28T10:40:11.078Z')
    expect([undefined, null, 'x', 0, -1, Number.NaN, 10n ** 40n].map(at)).toEqual(Array(7).fill(null))
  })
})

describe('a text that is cut', () => {
  const limits = { characters: 100, lines: 4 }

  it('stays whole when it fits or almost fits', () => {
    for (const text of ['', 'short', 'x'.repeat(120), 'a\nb\nc\nd\ne']) expect(cutText(text, limits)).toBe(text)
  })

  it('is the beginning of the text within the limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '😀'), maxLength: 400 }), (text) => {
        const cut = cutText(text, limits)
        expect(text.startsWith(cut)).toBe(true)
        expect(cut.isWellFormed()).toBe(true)
        expect(cut.length).toBeLessThanOrEqual(125)
        expect(cut.split('\n').length).toBeLessThanOrEqual(6)
      }),
    )
  })
})

describe('JSON text that is indented', () => {
  it('keeps every token', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.stringify(JSON.parse(indentJson(text) ?? ''))).toBe(text)
      }),
    )
  })

  it('changes no digit and no escape', () => {
    const text = `{"at":1764000000000000001,"half":1.50,"text":"\\u00e9 {[,:]} \\"","empty":[],"list":[1,{"of":"${'x'.repeat(60)}"}]}`
    expect(indentJson(text)).toBe(
      `{\n  "at": 1764000000000000001,\n  "half": 1.50,\n  "text": "\\u00e9 {[,:]} \\"",\n  "empty": [],\n  "list": [\n    1,\n    {\n      "of": "${'x'.repeat(60)}"\n    }\n  ]\n}`,
    )
  })

  it('stays in one line when it fits', () => {
    expect(indentJson('{"query":"x","n":5}')).toBe('{"query": "x", "n": 5}')
  })

  it.each(['', 'text', '"text"', '7', '{', '[1,]', '{} {}', `[${'1,'.repeat(100_001)}1]`])('is null for other text', (text) => {
    expect(indentJson(text)).toBeNull()
  })
})
