import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamReader, type StreamMessage, type StreamPlace } from '../../../src/client/live/event-stream.ts'

const begin = (lastEventId = ''): StreamPlace => ({ lastEventId, retryMs: 0 })

function readAll(pieces: readonly string[], place = begin()): StreamMessage[] {
  const reader = new EventStreamReader(place)
  return pieces.flatMap((piece) => [...reader.read(piece)])
}

const message = (data: string, type = ''): StreamMessage => ({ type, data })

describe('a stream of server-sent events', () => {
  it.each<[string, string, StreamMessage[]]>([
    ['data, with its type', 'event: news\ndata: one\n\n', [message('one', 'news')]],
    ['data without a type', 'data: one\n\n', [message('one')]],
    ['data of several lines', 'data: one\ndata:\ndata: three\n\n', [message('one\n\nthree')]],
    ['no more than one space before a value', 'data:one\n\ndata:  two\n\n', [message('one'), message(' two')]],
    ['a field without a colon', 'data\ndata\n\n', [message('\n')]],
    ['colons in a value', 'data: {"a":"b: c"}\n\n', [message('{"a":"b: c"}')]],
    ['nothing of comments and of fields that nobody knows', ': heartbeat\nfoo: bar\ndata : x\ndata: one\n\n', [message('one')]],
    ['nothing of a message without data, its type included', 'event: news\n\ndata: one\n\n', [message('one')]],
    ['an empty line of data', 'data:\n\n', [message('')]],
    ['each of the line ends', 'data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n', [message('1'), message('2'), message('3')]],
    ['nothing of a message that does not end', 'data: one\n\ndata: two\n', [message('one')]],
    ['other line separators as what they are', 'data: a\u2028b\u0085c\u000bd\n\n', [message('a\u2028b\u0085c\u000bd')]],
  ])('gives %s', (_, text, messages) => {
    expect(readAll([text])).toEqual(messages)
    expect(readAll([...text])).toEqual(messages)
  })

  it('keeps the last id, over messages without one and over connections', () => {
    const place = begin('7')
    readAll(['data: one\n\n'], place)
    expect(place.lastEventId).toBe('7')
    readAll(['id: 8\ndata: two\n\ndata: three\n\nid: 9\ndata: not ended'], place)
    expect(place.lastEventId).toBe('8')
  })

  it('takes an id that stands by itself, and an empty one that takes it back', () => {
    const place = begin()
    readAll(['id: 5\n\n'], place)
    expect(place.lastEventId).toBe('5')
    readAll(['id\n\n'], place)
    expect(place.lastEventId).toBe('')
  })

  it('ignores an id that no header could carry, and a time that is none', () => {
    const place = begin('7')
    readAll(['id: a\0b\nid: ä\nretry: 1.5\nretry: -1\nretry: \nretry: x\ndata: one\n\n'], place)
    expect(place).toEqual({ lastEventId: '7', retryMs: 0 })
    readAll(['retry: 1500\n'], place)
    expect(place.retryMs).toBe(1500)
  })

  it('stands behind the last message that was taken', () => {
    const place = begin()
    for (const { data } of new EventStreamReader(place).read('id: 1\ndata: one\n\nid: 2\ndata: two\n\n')) {
      expect(place.lastEventId).toBe(data === 'one' ? '1' : '2')
    }
    expect(place.lastEventId).toBe('2')
  })

  it('tells how much of a message has begun', () => {
    const reader = new EventStreamReader(begin())
    expect([...reader.read('data: 1234\nda')]).toEqual([])
    expect(reader.pending).toBe('1234\n'.length + 'da'.length)
    expect([...reader.read('ta: 5\n\n')]).toHaveLength(1)
    expect(reader.pending).toBe(0)
  })

  it('is the same however it is cut', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '',
        ':',
        ':heartbeat',
        'data',
        'data:',
        'data: ',
        'id',
        'id:',
        'event',
        'retry: 5',
        'data: {"a": 1}',
        'id: 12',
      ),
      fc.string().map((text) => text.replaceAll(/[\r\n]/g, '')),
      fc
        .tuple(fc.constantFrom('data', 'event', 'id', 'retry', 'x'), fc.string())
        .map(([name, value]) => `${name}:${value}`.replaceAll(/[\r\n]/g, '')),
    )
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 30 })
      .map((lines) => lines.map((parts) => parts.join('')).join(''))
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.nat(7)), (whole, sizes) => {
        const pieces: string[] = []
        for (let at = 0; at < whole.length; ) {
          const size = sizes.next().value as number
          pieces.push(whole.slice(at, at + size))
          at += size
        }
        const [place, other] = [begin(), begin()]
        const messages = readAll(pieces, place)
        expect(messages).toEqual(expected(whole, other))
        expect(place).toEqual(other)
      }),
      { numRuns: 500 },
    )
  })
})

/** The standard's words, for a text as a whole. */
function expected(text: string, place: StreamPlace): StreamMessage[] {
  const messages: StreamMessage[] = []
  const lines = text.split(/\r\n|\n|\r/).slice(0, -1)
  let data: string[] = []
  let [type, id] = ['', place.lastEventId]
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (line === '') {
      place.lastEventId = id
      if (data.length > 0) messages.push({ type, data: data.join('\n') })
      data = []
      type = ''
    } else if (name === 'data') data.push(value)
    else if (name === 'event') type = value
    else if (name === 'id' && [...value].every((one) => one >= ' ' && one <= '~')) id = value
    else if (name === 'retry' && value !== '' && [...value].every((one) => one >= '0' && one <= '9'))
      place.retryMs = Number(value)
  }
  return messages
}
