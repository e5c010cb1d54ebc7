import { describe, expect, it } from 'vitest'
import { pickPage } from '../../../src/conversation/page.ts'
import { renderItems } from '../../../src/conversation/render-items.ts'
import { errorMessage, eventMessage, itemMessage, upToDateMessage } from '../../../src/http/live/event-message.ts'
import { draftOfTexts, segmentsOf } from '../../conversation/samples.ts'

describe('a message', () => {
  it('names its event and its id, and ends with an empty line', () => {
    expect(itemMessage('7', '{"seq":7}')).toBe('event: event\nid: 7\ndata: {"seq":7}\n\n')
    expect(errorMessage({ status: 503 })).toBe('event: error\ndata: {"status":503}\n\n')
  })

  it('puts each line of its data on a line of its own, whichever way it is broken', () => {
    expect(eventMessage({ event: 'e', data: '1\n2\r\n3\r4\n\n5\r' })).toBe(
      'event: e\ndata: 1\ndata: 2\ndata: 3\ndata: 4\ndata: \ndata: 5\ndata: \n\n',
    )
  })

  it('says where the reader stands, and lets it resume there only where that is meant', () => {
    expect(upToDateMessage('9', false)).toBe('event: up-to-date\ndata: {"cursor":"9"}\n\n')
    expect(upToDateMessage('9', true)).toBe('event: up-to-date\nid: 9\ndata: {"cursor":"9"}\n\n')
  })
})

describe('the messages that an object writes', () => {
  it('are the same, byte for byte', () => {
    const texts = ['{}', '{"a":"\u00e4\ud83d\ude00\\u0000"}', '{\n"a":\r\n1,\r\r"b":2\n}', '{"c":3}', `{${'\n'.repeat(500)}}`]
    const recordedAt = Date.UTC(2026, 0, 1)
    const segments = segmentsOf([draftOfTexts(texts.slice(0, 2)), draftOfTexts(texts.slice(2))], recordedAt)
    const page = pickPage(segments, { after: 0, until_seq: 99, limit: 99, max_bytes: 1e6 })
    const expected = texts.map((text, i) => {
      const at = new Date(recordedAt + (i < 2 ? 0 : 1)).toISOString()
      return itemMessage(String(i + 1), `{"seq":${i + 1},"cursor":"${i + 1}","recorded_at":"${at}","event":${text}}`)
    })
    expect(new TextDecoder().decode(renderItems(page, 'sse'))).toBe(expected.join(''))
  })
})
