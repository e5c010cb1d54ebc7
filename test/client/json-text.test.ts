import { describe, expect, it } from 'vitest'
import { readJsonText } from '../../src/client/json-text.ts'
import { MAX_EVENT_BYTES } from '../../src/model/limits.ts'

describe('reading the text of an event that is to be sent', () => {
  it('keeps it as it is, but for the space around it', () => {
    const reading = readJsonText(' {"a": 1756377611078069123, "b": "é"}\n')
    expect(reading).toMatchObject({ ok: true, event: { text: '{"a": 1756377611078069123, "b": "é"}', bytes: 37 } })
  })

  it.each(['', 'nothing', '{"a":1}{"b":2}', '{"a":1},{"b":2}', '{"a":1', '\ufeff{}x'])('refuses %j', (text) => {
    expect(readJsonText(text)).toEqual({ ok: false, message: 'is no JSON' })
  })

  it('refuses an array, whose elements would be sent as events', () => {
    expect(readJsonText('[{}]')).toMatchObject({ ok: false, message: expect.stringContaining('record its elements') })
  })

  it('refuses what is larger than an event may be', () => {
    const text = (bytes: number) => `"${'é'.repeat((bytes - 2) / 2)}"`
    expect(readJsonText(text(MAX_EVENT_BYTES))).toMatchObject({ ok: true, event: { bytes: MAX_EVENT_BYTES } })
    expect(readJsonText(text(MAX_EVENT_BYTES + 2))).toMatchObject({ ok: false })
  })
})

describe('white space around an event', () => {
  it('is taken off where it is JSON’s, and nothing else is taken for it', () => {
    expect(readJsonText(' \t\r\n{}\n')).toMatchObject({ ok: true, event: { text: '{}', bytes: 2 } })
    for (const space of ['\ufeff', '\u00a0', '\u2028', '\v']) expect(readJsonText(`${space}{}`)).toMatchObject({ ok: false })
  })
})
