import { expect, it } from 'vitest'
import { feedMessages } from '../../src/http/live/feed-messages.ts'

const item = (position: string, event: string) => ({
  position,
  conversation_id: 'c',
  seq: 3,
  recorded_at: '2026-01-15T10:00:00.000Z',
  event,
})

it('puts an item into a message with its position as id, its text as it is but for line breaks', () => {
  const text = [...feedMessages({ items: [item('7', '{"n":1.0,\r\n"a":"\\u0000"}')], up_to_date: '9' }, false)].join('')
  expect(text).toBe(
    'event: event\nid: 7\ndata: {"seq":3,"cursor":"7","recorded_at":"2026-01-15T10:00:00.000Z","event":{"n":1.0,\n' +
      'data: "a":"\\u0000"}}\n\nevent: up-to-date\ndata: {"cursor":"9"}\n\n',
  )
})

it('says how far it looked as an id where a filter left something out', () => {
  expect([...feedMessages({ items: [], up_to_date: '9' }, true)]).toEqual(['event: up-to-date\nid: 9\ndata: {"cursor":"9"}\n\n'])
  expect([...feedMessages({ items: [], up_to_date: null }, true)]).toEqual([])
})

it('hands over large pages in pieces of whole messages', () => {
  const items = Array.from({ length: 100 }, (_, i) => item(String(i), `"${'x'.repeat(5_000)}"`))
  const pieces = [...feedMessages({ items, up_to_date: '99' }, false)]
  expect(pieces.length).toBeGreaterThan(5)
  expect(pieces.every((piece) => piece.startsWith('event: ') && piece.endsWith('\n\n'))).toBe(true)
  expect(pieces.join('').match(/^id: \d+$/gm)).toHaveLength(100)
})
