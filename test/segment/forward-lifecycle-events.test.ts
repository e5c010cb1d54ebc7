import { describe, expect, it } from 'vitest'
import type { PendingEvents } from '../../src/model/history.ts'
import { forwardLifecycleEvents } from '../../src/segment/forward-lifecycle-events.ts'
import { MAX_SENT_BYTES, MAX_SENT_MESSAGES } from '../../src/segment/limits.ts'
import { type Line, logTo, pendingOf, type SampleApplicationEvent, TAKEN } from './samples.ts'

/** A clock that goes on when nothing else does. */
function fakeClock() {
  let now = 0
  const timers: { at: number; ring: () => void }[] = []
  const tick = () => {
    timers.sort((x, y) => x.at - y.at)
    const next = timers.shift()
    now = next?.at ?? now
    next?.ring()
  }
  const wait = (ms: number) =>
    new Promise<void>((ring) => {
      timers.push({ at: now + ms, ring })
      setImmediate(tick)
    })
  return { wait, now: () => now }
}

/** A queue that is away for so many ms, then takes what it gets, within Cloudflare's limits. */
function setUp({ awayMs = 0, stalls = false, refuses = (_: readonly string[]): boolean => false } = {}) {
  const lines: Line[] = []
  const sent: string[][] = []
  const clock = fakeClock()
  let tries = 0
  const sendBatch = async (messages: readonly { readonly body: string }[]) => {
    tries += 1
    if (stalls) await new Promise(() => undefined)
    const texts = messages.map(({ body }) => body)
    if (clock.now() < awayMs || refuses(texts)) throw new Error('the queue is away')
    expect(texts.length).toBeLessThanOrEqual(MAX_SENT_MESSAGES)
    expect(texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 100, 0)).toBeLessThanOrEqual(MAX_SENT_BYTES)
    sent.push(texts)
  }
  const forwardWrite = forwardLifecycleEvents({ queue: { sendBatch }, version: '1', log: logTo(lines), wait: clock.wait })
  const forward = (batches: readonly PendingEvents[], isAway = false) => forwardWrite(batches, TAKEN, isAway)
  return { forward, lines, sent, now: clock.now, tries: () => tries }
}

const many = (count: number, extra: Partial<SampleApplicationEvent> = {}) =>
  Array.from({ length: count }, (_, i) => ({ event_id: `e${i}`, ...extra }))

const idsIn = (sent: readonly string[][]) => sent.flat().map((text) => JSON.parse(text).messageId as string)

const NOTHING = expect.objectContaining({ refused: [] })

describe('forwarding to the queue for Segment', () => {
  it('sends what the history took, and nothing where there is nothing to send', async () => {
    const { forward, sent, lines, tries } = setUp()
    const others = [
      pendingOf('a-conversation', many(3)),
      pendingOf('workflow:1', [{ event_id: 'x', event_name: 'worker_start' }]),
    ]
    expect(await forward(others)).toMatchObject({ refused: [] })
    expect(tries()).toBe(0)
    expect(await forward([pendingOf('workflow:1', many(2)), pendingOf('workflow:2', [{ event_id: 'z' }])])).toEqual(NOTHING)
    expect(idsIn(sent)).toEqual(['e0', 'e1', 'z'])
    expect(lines).toEqual([])
  })

  it('keeps to the limits of the queue', async () => {
    const { forward, sent } = setUp()
    const large = many(30, { data: { note: 'x'.repeat(30_000) } })
    expect(await forward([pendingOf('workflow:1', many(250)), pendingOf('workflow:2', large)])).toEqual(NOTHING)
    expect(idsIn(sent)).toHaveLength(280)
    expect(sent.map(({ length }) => length).slice(0, 2)).toEqual([100, 100])
  })

  it('tries again for a second when the queue refuses', async () => {
    const { forward, sent, lines } = setUp({ awayMs: 700 })
    expect(await forward([pendingOf('workflow:1', many(2))])).toEqual(NOTHING)
    expect(idsIn(sent)).toEqual(['e0', 'e1'])
    expect(lines).toEqual([])
  })

  it('then tells what is missing, by its place in the write', async () => {
    const { forward, sent, now } = setUp({ awayMs: 5_000 })
    const batches = [pendingOf('a-conversation', many(1)), pendingOf('workflow:1', many(2)), pendingOf('topic:t:00', many(7))]
    expect(await forward(batches)).toEqual({
      refused: [
        { place: 1, events: 2 },
        { place: 2, events: 7 },
      ],
      cause: new Error('the queue is away'),
    })
    expect(now()).toBe(1_000)
    expect(sent).toEqual([])
  })

  it('tells nothing of those whose events the queue took beside', async () => {
    const { forward, sent } = setUp({ refuses: (texts) => texts.some((text) => text.includes('"messageId":"e0"')) })
    const batches = [pendingOf('workflow:1', many(100)), pendingOf('workflow:2', [{ event_id: 'z' }])]
    expect(await forward(batches)).toMatchObject({ refused: [{ place: 0, events: 100 }] })
    expect(idsIn(sent)).toEqual(['z'])
  })

  it('does not wait for a queue that stalls', async () => {
    const { forward, now } = setUp({ stalls: true })
    expect(await forward([pendingOf('workflow:1', many(7))])).toEqual({
      refused: [{ place: 0, events: 7 }],
      cause: 'the queue did not answer in time',
    })
    expect(now()).toBe(1_000)
  })

  it('does not try a queue that is away, and tells what it would have got', async () => {
    const { forward, tries, now } = setUp()
    const batches = [pendingOf('a-conversation', many(1)), pendingOf('workflow:1', many(2))]
    expect(await forward(batches, true)).toMatchObject({ refused: [{ place: 1, events: 2 }] })
    expect([tries(), now()]).toEqual([0, 0])
  })

  it('leaves out an event that it cannot read, and no other, and names it', async () => {
    const { forward, lines, sent } = setUp()
    const broken = pendingOf('workflow:2', [{ event_id: 'x' }])
    const batches = [
      pendingOf('workflow:1', [{ event_id: 'a' }, { event_id: 'b', text: '{"metadata":tru}' }, { event_id: 'c' }]),
      { ...broken, heads: '{' },
    ]
    expect(await forward(batches)).toEqual(NOTHING)
    expect(idsIn(sent)).toEqual(['a', 'c'])
    expect(lines).toMatchObject([
      { level: 'error', fields: { conversation_id: 'workflow:2' } },
      { level: 'error', fields: { event_id: 'b' } },
    ])
  })

  it('names an event of which properties were left out, and one that cannot be sent, without their content', async () => {
    const { forward, lines, sent } = setUp()
    const large = { event_id: 'large', data: { note: 'x'.repeat(40_000) } }
    const hopeless = { event_id: 'hopeless', data: { user_id: 'x'.repeat(40_000) } }
    expect(await forward([pendingOf('workflow:1', [large, hopeless])])).toEqual(NOTHING)
    expect(idsIn(sent)).toEqual(['large'])
    expect(lines).toMatchObject([
      { level: 'warn', fields: { event_id: 'large', left_out: 1 } },
      { level: 'error', fields: { event_id: 'hopeless' } },
    ])
    expect(JSON.stringify(lines)).not.toContain('xxx')
  })
})
