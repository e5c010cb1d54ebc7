import { describe, expect, it } from 'vitest'
import { consumeTrackCalls, logDeadTrackCalls } from '../../src/segment/consume-track-calls.ts'
import type { PostOutcome } from '../../src/segment/post-batch.ts'
import { type Line, logTo } from './samples.ts'

class Message {
  readonly delays: number[] = []
  readonly body: string
  readonly attempts: number

  constructor(id: string, { attempts = 1, bytes = 0 } = {}) {
    this.body = JSON.stringify({ messageId: id, note: 'x'.repeat(bytes) })
    this.attempts = attempts
  }

  retry({ delaySeconds }: { delaySeconds: number }) {
    this.delays.push(delaySeconds)
  }
}

const TAKEN: PostOutcome = { kind: 'taken' }
const later = (retry_after: number | null = null): PostOutcome => ({ kind: 'later', cause: 'status 500', retry_after })

/** Consumes messages with what `answer` says to the ids of each request; gives the requests and the log. */
async function consume(messages: readonly Message[], answer: (ids: readonly string[]) => PostOutcome) {
  const requests: string[][] = []
  const lines: Line[] = []
  const post = async (calls: readonly string[]) => {
    expect(calls.join(',').length).toBeLessThan(499_950)
    requests.push(calls.map((text) => JSON.parse(text).messageId as string))
    return answer(requests.at(-1) ?? [])
  }
  await consumeTrackCalls(messages, { post, log: logTo(lines) })
  return { requests, lines, delays: messages.map(({ delays }) => delays) }
}

const ids = (...names: string[]) => names.map((name) => new Message(name))

describe('consuming the queue for Segment', () => {
  it('sends a batch in one request', async () => {
    const { requests, delays, lines } = await consume(ids('a', 'b', 'c'), () => TAKEN)
    expect(requests).toEqual([['a', 'b', 'c']])
    expect(delays.flat()).toEqual([])
    expect(lines).toMatchObject([{ level: 'info', fields: { events: 3, requests: 1 } }])
  })

  it('sends large events in several requests of less than 500 KB', async () => {
    const messages = Array.from({ length: 40 }, (_, i) => new Message(`e${i}`, { bytes: 31_000 }))
    const { requests } = await consume(messages, () => TAKEN)
    expect(requests.map(({ length }) => length)).toEqual([16, 16, 8])
  })

  it('retries what may be taken later, each message with the delay of its own attempts', async () => {
    const messages = [1, 2, 5, 80].map((attempts) => new Message(`e${attempts}`, { attempts }))
    const { delays, lines } = await consume(messages, () => later())
    expect(delays).toEqual([[1], [2], [16], [3600]])
    expect(lines).toMatchObject([{ level: 'warn', fields: { events: 4, cause: 'status 500' } }])
  })

  it('retries one request without the others', async () => {
    const messages = Array.from({ length: 48 }, (_, i) => new Message(`e${i}`, { bytes: 31_000 }))
    const { requests, delays } = await consume(messages, (sent) => (sent.includes('e20') ? later() : TAKEN))
    expect(requests).toHaveLength(3)
    expect(delays.map(({ length }) => length)).toEqual([...Array(16).fill(0), ...Array(16).fill(1), ...Array(16).fill(0)])
  })

  it('waits as long as Segment asks, and sends it nothing more until then', async () => {
    const messages = Array.from({ length: 48 }, (_, i) => new Message(`e${i}`, { bytes: 31_000, attempts: i === 47 ? 9 : 1 }))
    const { requests, delays, lines } = await consume(messages, (sent) => (sent.includes('e20') ? later(30) : TAKEN))
    expect(requests).toHaveLength(2)
    expect(delays.slice(0, 16).flat()).toEqual([])
    expect(delays.slice(16)).toEqual([...Array(31).fill([30]), [256]])
    expect(lines).toMatchObject([
      { level: 'info', fields: { events: 16 } },
      { level: 'warn', fields: { events: 32 } },
    ])
  })

  it.each([400, 413])('finds the one event for which a batch gets %d, and sends all the others', async (status) => {
    const messages = ids('a', 'b', 'c', 'd', 'e', 'f', 'g')
    const arrived: string[] = []
    const { delays, lines } = await consume(messages, (sent) => {
      if (sent.includes('e')) return { kind: 'divide', status }
      arrived.push(...sent)
      return TAKEN
    })
    expect(arrived).toEqual(['a', 'b', 'c', 'd', 'f', 'g'])
    expect(delays.flat()).toEqual([])
    expect(lines).toContainEqual({
      level: 'error',
      message: 'Segment refused events; they are not sent again',
      fields: { status, events: 1, message_id: 'e' },
    })
  })

  it('does not repeat what Segment refuses, and says how much that is', async () => {
    const { requests, delays, lines } = await consume(ids('a', 'b'), () => ({ kind: 'refused', status: 401 }))
    expect(requests).toHaveLength(1)
    expect(delays.flat()).toEqual([])
    expect(lines).toMatchObject([{ level: 'error', fields: { status: 401, events: 2 } }])
  })

  it('names every event that was given up on', () => {
    const lines: Line[] = []
    logDeadTrackCalls([new Message('a', { attempts: 81 }), new Message('b', { attempts: 81 })], logTo(lines))
    expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['error', { message_id: 'a', attempts: 81 }],
      ['error', { message_id: 'b', attempts: 81 }],
    ])
  })
})
