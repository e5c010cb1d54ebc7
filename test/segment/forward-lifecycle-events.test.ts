import { describe, expect, it } from 'vitest'
import { forwardLifecycleEvents } from '../../src/segment/forward-lifecycle-events.ts'
import { MAX_SENT_BYTES, MAX_SENT_MESSAGES } from '../../src/segment/limits.ts'
import { type Line, logTo, pendingOf, type SampleApplicationEvent, TAKEN } from './samples.ts'

/** A queue that fails as often as it is told, then takes what it gets, within Cloudflare's limits. */
function setUp(failures = 0, stalls = false) {
  const lines: Line[] = []
  const sent: string[][] = []
  const waits: number[] = []
  let tries = 0
  const sendBatch = async (messages: readonly { readonly body: string }[]) => {
    tries += 1
    if (stalls) await new Promise(() => undefined)
    if (tries <= failures) throw new Error('the queue is away')
    const texts = messages.map(({ body }) => body)
    expect(texts.length).toBeLessThanOrEqual(MAX_SENT_MESSAGES)
    expect(texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 100, 0)).toBeLessThanOrEqual(MAX_SENT_BYTES)
    sent.push(texts)
  }
  const wait = (ms: number) => {
    waits.push(ms)
    // Only a queue that stalls is waited for to the end.
    return ms < 1_000 || stalls ? Promise.resolve() : new Promise<void>(() => undefined)
  }
  const forward = forwardLifecycleEvents({ queue: { sendBatch }, version: '1', log: logTo(lines), wait })
  return { forward, lines, sent, waits, tries: () => tries }
}

const many = (count: number, extra: Partial<SampleApplicationEvent> = {}) =>
  Array.from({ length: count }, (_, i) => ({ event_id: `e${i}`, ...extra }))

const idsIn = (sent: readonly string[][]) => sent.flat().map((text) => JSON.parse(text).messageId as string)

describe('forwarding to the queue for Segment', () => {
  it('sends what the history took, and nothing where there is nothing to send', async () => {
    const { forward, sent, lines, tries } = setUp()
    await forward(
      [pendingOf('a-conversation', many(3)), pendingOf('workflow:1', [{ event_id: 'x', event_name: 'worker_start' }])],
      TAKEN,
    )
    expect(tries()).toBe(0)
    await forward([pendingOf('workflow:1', many(2)), pendingOf('workflow:2', [{ event_id: 'z' }])], TAKEN)
    expect(idsIn(sent)).toEqual(['e0', 'e1', 'z'])
    expect(lines).toEqual([])
  })

  it('keeps to the limits of the queue', async () => {
    const { forward, sent } = setUp()
    const small = many(250)
    await forward(
      [pendingOf('workflow:1', small), pendingOf('workflow:2', many(30, { data: { note: 'x'.repeat(30_000) } }))],
      TAKEN,
    )
    expect(idsIn(sent)).toHaveLength(280)
    expect(sent.map(({ length }) => length).slice(0, 2)).toEqual([100, 100])
  })

  it('tries again when the queue refuses', async () => {
    const { forward, sent, lines } = setUp(2)
    await forward([pendingOf('workflow:1', many(2))], TAKEN)
    expect(idsIn(sent)).toEqual(['e0', 'e1'])
    expect(lines).toEqual([])
  })

  it('gives up soon when the queue goes on refusing, says how many events that costs, and does not fail', async () => {
    const { forward, sent, lines, tries } = setUp(99)
    await forward([pendingOf('workflow:1', many(7, { data: { note: 'private' } }))], TAKEN)
    expect(sent).toEqual([])
    expect(tries()).toBe(3)
    expect(lines).toMatchObject([{ level: 'error', fields: { events: 7, cause: 'Error: the queue is away' } }])
    expect(JSON.stringify(lines)).not.toContain('private')
  })

  it('does not wait for a queue that stalls', async () => {
    const { forward, lines, waits } = setUp(0, true)
    await forward([pendingOf('workflow:1', many(7))], TAKEN)
    expect(waits).toEqual([1_000])
    expect(lines).toMatchObject([{ level: 'error', fields: { events: 7 } }])
  })

  it('does not fail for an event that it cannot read', async () => {
    const { forward, lines } = setUp()
    await forward([pendingOf('workflow:1', [{ event_id: 'a', text: 'no JSON' }])], TAKEN)
    expect(lines).toMatchObject([{ level: 'error' }])
  })

  it('names an event of which properties were left out, and one that cannot be sent, without their content', async () => {
    const { forward, lines, sent } = setUp()
    const large = { event_id: 'large', data: { note: 'x'.repeat(40_000) } }
    const hopeless = { event_id: 'hopeless', data: { user_id: 'x'.repeat(40_000) } }
    await forward([pendingOf('workflow:1', [large, hopeless])], TAKEN)
    expect(idsIn(sent)).toEqual(['large'])
    expect(lines).toMatchObject([
      { level: 'warn', fields: { event_id: 'large', left_out: 1 } },
      { level: 'error', fields: { event_id: 'hopeless' } },
    ])
    expect(JSON.stringify(lines)).not.toContain('xxx')
  })
})
