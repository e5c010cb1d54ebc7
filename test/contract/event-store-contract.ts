import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { AgentEvent } from '../../src/model/agent-events.ts'
import { EventCodec, eventClass } from '../../src/model/codec.ts'
import type { EventStoreBase } from '../../src/model/event-store-base.ts'
import { InvalidEventError } from '../../src/model/invalid-event-error.ts'
import { MAX_REQUEST_EVENTS } from '../../src/model/limits.ts'
import { sampleRun } from '../../src/model/sample-run.ts'
import { seededRandom } from '../../src/model/sample-text.ts'
import { eventText } from '../support/events.ts'

export interface Backend {
  /** A store on the same data as every other one opened. */
  open(): EventStoreBase<OwnEvent>
  close(): Promise<void>
}

export const OwnEvent = z.looseObject({ event_type: z.literal('BudgetExceeded'), event_id: z.string(), amount: z.number() })
export type OwnEvent = z.infer<typeof OwnEvent>

function runOf(conversation: string, request: string, seed: number): AgentEvent[] {
  return sampleRun({
    conversationId: conversation,
    assistantRequestId: request,
    startedAt: new Date('2025-08-28T10:40:11.078Z'),
    turns: 2,
    finished: true,
    random: seededRandom(seed),
  })
}

const ids = (events: readonly { event_id: string }[]) => events.map((event) => event.event_id)

export interface ContractOptions {
  /** Of a text that is encrypted with its escapes, another spelling is another text. */
  readonly spellingCounts?: boolean
  /** A call takes effect before those that begin after it, whether it is waited for or not. */
  readonly keepsOrder?: boolean
}

/** What every event store does, whatever it stands on: Graphite's interface and this project's promises. */
export function describeEventStore(
  name: string,
  start: (codec: EventCodec<OwnEvent>) => Promise<Backend>,
  { spellingCounts = false, keepsOrder = false }: ContractOptions = {},
): void {
  describe(`the event store ${name}`, () => {
    let backend: Backend
    let store: EventStoreBase<OwnEvent>
    const skipped: string[] = []
    const codec = new EventCodec<OwnEvent>({ log: (line) => skipped.push(line) })

    beforeAll(async () => {
      backend = await start(codec)
    })
    afterAll(() => backend?.close())
    beforeEach(async () => {
      skipped.length = 0
      store = backend.open()
      await store.clearEvents()
    })

    describe('recording', () => {
      it('tells what is new and where it stands', async () => {
        const run = runOf('c', 'r', 1)
        expect(await store.recordEvents(run)).toEqual({
          recorded: run.length,
          duplicates: 0,
          conflicts: [],
          conversations: [{ conversation_id: 'c', first_seq: 1, last_seq: run.length }],
        })
      })

      it('counts one order for each conversation', async () => {
        const [a, b] = [runOf('a', 'ra', 1), runOf('b', 'rb', 2)]
        await store.recordEvents(a.slice(0, 3))
        const mixed = await store.recordEvents([...a.slice(3, 5), ...b.slice(0, 2), ...a.slice(5, 6)])
        expect(mixed.conversations).toEqual(
          expect.arrayContaining([
            { conversation_id: 'a', first_seq: 4, last_seq: 6 },
            { conversation_id: 'b', first_seq: 1, last_seq: 2 },
          ]),
        )
        expect(ids(await store.getConversationEvents('a'))).toEqual(ids(a.slice(0, 6)))
      })

      it('takes the same events again as repeats, and says where they stand', async () => {
        const run = runOf('c', 'r', 1)
        const first = await store.recordEvents(run)
        expect(await store.recordEvents(run)).toEqual({ ...first, recorded: 0, duplicates: run.length })
        expect(await store.getEvents()).toHaveLength(run.length)
      })

      it('takes a repeat within a list once', async () => {
        const [event] = runOf('c', 'r', 1)
        const again = event as AgentEvent
        expect(await store.recordEvents([again, again, again])).toMatchObject({ recorded: 1, duplicates: 2 })
        expect(await store.getEvents()).toHaveLength(1)
      })

      it('takes the same value written differently as a repeat, and another digit as a conflict', async () => {
        const text = eventText({ conversation: 'c', id: 'x', data: '{"timestamp": 1756377611078069123, "name": "ü/"}' })
        await store.recordEvent(text)
        const { data, ...rest } = JSON.parse(text)
        expect(data).toBeDefined()
        const name = spellingCounts ? 'ü/' : '\\u00fc\\/'
        const written = `{"data":{"input_data":[{"name":"${name}","timestamp":1756377611078069123}]},${JSON.stringify(rest).slice(1)}`
        expect(await store.recordEvent(written)).toMatchObject({ recorded: 0, duplicates: 1, conflicts: [] })
        const other = text.replace('1756377611078069123', '1756377611078069124')
        expect(await store.recordEvent(other)).toMatchObject({ recorded: 0, duplicates: 0, conflicts: ['x'] })
      })

      it('keeps the first of two events with one id', async () => {
        const first = eventText({ conversation: 'c', id: 'x', data: '1' }).replace('[1]', '[{"n": 1}]')
        const second = first.replace('{"n": 1}', '{"n": 2}')
        expect(await store.recordEvents([first, second])).toMatchObject({ recorded: 1, conflicts: ['x'] })
        expect(await store.getEvent('x')).toMatchObject({ data: { input_data: [{ n: 1 }] } })
      })

      it('refuses a list with one bad event whole, and names what is wrong', async () => {
        const run = runOf('c', 'r', 1)
        const bad = { ...run[1], event_id: '' } as AgentEvent
        const refused = store.recordEvents([run[0] as AgentEvent, bad])
        await expect(refused).rejects.toBeInstanceOf(InvalidEventError)
        await expect(refused).rejects.toMatchObject({ tag: 'invalid-event', issues: [{ index: 1, path: 'event_id' }] })
        expect(await store.getEvents()).toEqual([])
      })

      it('does nothing for an empty list', async () => {
        expect(await store.recordEvents([])).toEqual({ recorded: 0, duplicates: 0, conflicts: [], conversations: [] })
      })

      it('takes a batch that spans many conversations', async () => {
        const texts = Array.from({ length: 120 }, (_, i) =>
          eventText({ conversation: `m-${i % 60}`, id: `m-${i}`, request: `r-${i % 60}` }),
        )
        const result = await store.recordEvents(texts)
        expect(result.recorded).toBe(120)
        expect(result.conversations).toHaveLength(60)
        expect(ids(await store.getAgentEvents('r-59'))).toEqual(['m-59', 'm-119'])
        expect(ids(await store.getEvents()).sort()).toEqual(Array.from({ length: 120 }, (_, i) => `m-${i}`).sort())
      })
    })

    it('takes a list of more events than a request holds, and knows all of it again', async () => {
      const texts = Array.from({ length: MAX_REQUEST_EVENTS + 10 }, (_, i) =>
        eventText({ conversation: `l-${i % 2}`, id: `l-${i}`, request: 'long' }),
      )
      const result = await store.recordEvents(texts)
      const half = texts.length / 2
      expect(result).toEqual({
        recorded: texts.length,
        duplicates: 0,
        conflicts: [],
        conversations: [0, 1].map((i) => ({ conversation_id: `l-${i}`, first_seq: 1, last_seq: half })),
      })
      expect(await store.recordEvents(texts)).toEqual({ ...result, recorded: 0, duplicates: texts.length })
    })

    it('tells each of many calls that run at once what became of its own event', async () => {
      const texts = Array.from({ length: 30 }, (_, i) =>
        eventText({ conversation: `k-${i % 3}`, id: `k-${i}`, request: `k-${i}`, timestamp: '2025-08-28T10:40:11.078102Z' }),
      )
      await store.recordEvents(texts.slice(0, 6))
      const other = (texts[7] as string).replace('"data": {', '"data": {"other": 1, ')
      const results = await Promise.all([...texts, other].map((text) => store.recordEvent(text)))
      const stands = new Map<string, number>()
      for (const conversation of ['k-0', 'k-1', 'k-2']) {
        for (const [at, id] of ids(await store.getConversationEvents(conversation)).entries()) stands.set(id, at + 1)
      }
      expect(stands.size).toBe(30)
      // Of the two events with one id either may come first.
      const [one, two] = [results[7], results[30]]
      expect([one, two].map((result) => [result?.recorded, result?.conflicts.length]).sort()).toEqual([
        [0, 1],
        [1, 0],
      ])
      texts.forEach((_, i) => {
        if (i === 7) return
        const seq = stands.get(`k-${i}`) as number
        expect(results[i]).toEqual({
          recorded: i < 6 ? 0 : 1,
          duplicates: i < 6 ? 1 : 0,
          conflicts: [],
          conversations: [{ conversation_id: `k-${i % 3}`, first_seq: seq, last_seq: seq }],
        })
      })
    })

    it('begins nothing for a signal that is aborted already', async () => {
      const [event] = runOf('c', 'r', 1)
      const options = { signal: AbortSignal.abort(new Error('enough')) }
      const calls = [
        store.recordEvent(event as AgentEvent, options),
        store.recordEvents([event as AgentEvent], options),
        store.clearEvents(options),
        store.clearConversation('c', options),
        store.getEvents(options),
        store.getEvent('x', options),
        store.getAgentEvents('r', options),
        store.getConversationEvents('c', options),
        store.getTopicEvents('t', [0], options),
      ]
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
      }
      expect(await store.getEvents()).toEqual([])
    })

    // In memory a call is over before its signal can abort.
    it.skipIf(name === 'in memory')('ends a call under way when its signal is aborted', async () => {
      const ending = new AbortController()
      const options = { signal: ending.signal }
      const calls = [
        store.getEvents(options),
        store.getEvent('x', options),
        store.getAgentEvents('r', options),
        store.getConversationEvents('c', options),
        store.getTopicEvents('t', [0], options),
      ]
      ending.abort(new Error('enough'))
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
      }
    })

    describe('reading', () => {
      it('finds every event by its id, right after it was recorded', async () => {
        const run = runOf('c', 'r', 3)
        await store.recordEvents(run)
        for (const event of run) expect(await store.getEvent(event.event_id)).toEqual(event)
      })

      it('gives back each of Graphite’s events as it was, big numbers included', async () => {
        const run = runOf('c', 'r', 4)
        await store.recordEvents(run)
        expect(await store.getConversationEvents('c')).toEqual(run)
        expect(await store.getAgentEvents('r')).toEqual(run)
        expect(await store.getEvents()).toEqual(run)
      })

      it('keeps conversations and requests apart', async () => {
        const [a, b] = [runOf('a', 'ra', 5), runOf('b', 'rb', 6)]
        await store.recordEvents(a)
        await store.recordEvents(b)
        expect(ids(await store.getConversationEvents('b'))).toEqual(ids(b))
        expect(ids(await store.getAgentEvents('ra'))).toEqual(ids(a))
      })

      it('gives published events of a topic at the offsets asked for, and none for no offsets', async () => {
        const text = (id: string, offset: number, type = 'PublishToTopic') =>
          eventText({ conversation: 'c', id, topic: { name: 'a topic', offset } }).replace('PublishToTopic', type)
        const consumed = text('consumed', 0, 'ConsumeFromTopic')
        await store.recordEvents([
          text('p0', 0),
          text('p1', 1),
          consumed,
          text('p2', 2),
          text('t3', 3, 'TopicEvent'),
          text('o4', 4, 'OutputTopic'),
        ])
        expect(ids(await store.getTopicEvents('a topic', [0, 2, 3, 4, 99]))).toEqual(['p0', 'p2', 't3'])
        expect(await store.getTopicEvents('a topic', [])).toEqual([])
        expect(await store.getTopicEvents('another topic', [0])).toEqual([])
      })

      it('gives nothing at the offset of events that are in no topic yet, or at such as there cannot be', async () => {
        await store.recordEvents(
          [-1, 0].map((offset) => eventText({ conversation: 'c', id: `p${offset}`, topic: { name: 't', offset } })),
        )
        expect(await store.getTopicEvents('t', [-1])).toEqual([])
        expect(await store.getTopicEvents('t', [0.5, Number.NaN, 2 ** 31])).toEqual([])
        expect(ids(await store.getTopicEvents('t', [-1, 0, 0.5]))).toEqual(['p0'])
      })

      it.each(['', '.', '..', 'a\tb', 'a\u0000b', '\ud800', 'x'.repeat(257)])(
        'gives nothing for the id %j, which no address can hold, and takes a topic of such a name',
        async (id) => {
          if (/^[.\t\x20-\x7e]*$/.test(id) && id.length < 257) {
            await store.recordEvent(eventText({ conversation: 'c', id: 'e', topic: { name: id, offset: 0 } }))
            expect(ids(await store.getConversationEvents('c'))).toEqual(['e'])
          }
          expect(await store.getTopicEvents(id, [0])).toEqual([])
          expect(await store.getEvent(id)).toBeNull()
          expect(await store.getAgentEvents(id)).toEqual([])
          expect(await store.getConversationEvents(id)).toEqual([])
        },
      )

      it('gives nothing for what it does not know', async () => {
        expect(await store.getEvent('unknown')).toBeNull()
        expect(await store.getAgentEvents('unknown')).toEqual([])
        expect(await store.getConversationEvents('unknown')).toEqual([])
        expect(await store.getEvents()).toEqual([])
      })

      it('lists events in the order of recording, whatever their timestamps say', async () => {
        const texts = ['2025-03-01', '2024-01-01', '2026-01-01', '2023-12-31'].map((day, i) =>
          eventText({ conversation: 'c', id: `e${i}`, request: 'r', timestamp: `${day}T00:00:00Z` }),
        )
        for (const text of texts) await store.recordEvent(text)
        const expected = ['e0', 'e1', 'e2', 'e3']
        expect(ids(await store.getEvents())).toEqual(expected)
        expect(ids(await store.getConversationEvents('c'))).toEqual(expected)
        expect(ids(await store.getAgentEvents('r'))).toEqual(expected)
      })

      it('takes ids of any characters', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc
              .string({ unit: 'binary', minLength: 1, maxLength: 20 })
              .filter((id) => !/\p{Cc}|\p{Cs}/u.test(id) && id !== '.' && id !== '..'),
            async (id) => {
              const text = eventText({
                conversation: `c${id}`,
                id: `e${id}`,
                request: `r${id}`,
                topic: { name: `t${id}`, offset: 1 },
              })
              await store.recordEvent(text)
              expect(ids([(await store.getEvent(`e${id}`)) as AgentEvent])).toEqual([`e${id}`])
              expect(ids(await store.getConversationEvents(`c${id}`))).toEqual([`e${id}`])
              expect(ids(await store.getAgentEvents(`r${id}`))).toEqual([`e${id}`])
              expect(ids(await store.getTopicEvents(`t${id}`, [1]))).toEqual([`e${id}`])
            },
          ),
          { numRuns: 15 },
        )
      })
    })

    describe('decoding', () => {
      it('skips what it cannot decode, says so, and gives the rest', async () => {
        const known = eventText({ conversation: 'c', id: 'known' })
        const unknown = eventText({ conversation: 'c', id: 'unknown' }).replace('ToolInvoke', 'NobodyRegistered')
        await store.recordEvents([unknown, known])
        expect(ids(await store.getConversationEvents('c'))).toEqual(['known'])
        expect(await store.getEvent('unknown')).toBeNull()
        expect(skipped.join('\n')).toContain('unknown')
      })

      it('decodes types that the application registers', async () => {
        const text = eventText({ conversation: 'c', id: 'own' })
          .replace('ToolInvoke', 'BudgetExceeded')
          .replace('{', '{"amount": 7, ')
        await store.recordEvent(text)
        expect(await store.getEvent('own')).toBeNull()
        codec.register(eventClass('BudgetExceeded', OwnEvent))
        expect(await store.getEvent('own')).toMatchObject({ event_type: 'BudgetExceeded', amount: 7 })
      })

      it('refuses what the event class of its type would skip, and names where it does not fit', async () => {
        codec.register(eventClass('BudgetExceeded', OwnEvent))
        const fits = eventText({ conversation: 'c', id: 'fits' })
        const other = eventText({ conversation: 'c', id: 'other' })
          .replace('ToolInvoke', 'BudgetExceeded')
          .replace('{', '{"amount": "seven", ')
        const refused = store.recordEvents([fits, other])
        await expect(refused).rejects.toBeInstanceOf(InvalidEventError)
        await expect(refused).rejects.toThrow(/Event 1: .*"amount"/)
        await expect(refused).rejects.not.toThrow(/seven/)
        expect(await store.getEvents()).toEqual([])
      })
    })

    describe('clearing', () => {
      it('leaves nothing, by any key, and lets known ids be recorded again', async () => {
        const run = runOf('c', 'r', 7)
        await store.recordEvents(run)
        await store.clearEvents()
        expect(await store.getEvents()).toEqual([])
        expect(await store.getEvent(run[0]?.event_id as string)).toBeNull()
        expect(await store.getConversationEvents('c')).toEqual([])
        expect(await store.getAgentEvents('r')).toEqual([])
        expect(await store.recordEvents(run)).toMatchObject({ recorded: run.length, duplicates: 0 })
        expect(await store.getConversationEvents('c')).toEqual(run)
      })

      it('takes one conversation, by every key, and lets its ids be recorded again, from 1 on', async () => {
        const [gone, kept] = [runOf('gone', 'r', 7), runOf('kept', 'r', 8)]
        await store.recordEvents([...gone, ...kept])
        const [topic] = gone.filter(({ event_type }) => event_type === 'PublishToTopic') as [AgentEvent]
        const { name } = topic.event_context as { name: string }
        expect(await store.clearConversation('gone')).toBe(gone.length)
        expect(await store.getEvents()).toEqual(kept)
        expect(await store.getEvent(gone[0]?.event_id as string)).toBeNull()
        expect(await store.getConversationEvents('gone')).toEqual([])
        expect(await store.getAgentEvents('r')).toEqual(kept)
        const published = await store.getTopicEvents(name, [0, 1, 2])
        expect(published.length).toBeGreaterThan(0)
        expect(ids(kept)).toEqual(expect.arrayContaining(ids(published)))
        expect(await store.clearConversation('gone')).toBe(0)
        expect(await store.recordEvents(gone)).toMatchObject({
          recorded: gone.length,
          duplicates: 0,
          conversations: [{ conversation_id: 'gone', first_seq: 1, last_seq: gone.length }],
        })
        expect(await store.getConversationEvents('gone')).toEqual(gone)
      })

      it.runIf(keepsOrder)('takes what is still on its way', async () => {
        const [event] = runOf('c', 'r', 8) as [AgentEvent]
        for (const clear of [() => store.clearConversation('c'), () => store.clearEvents()]) {
          await Promise.all([store.recordEvent(event), clear()])
          expect(await store.getEvents()).toEqual([])
        }
      })

      it('of an unknown conversation, or of an id that none can have, takes nothing', async () => {
        const run = runOf('c', 'r', 7)
        await store.recordEvents(run)
        for (const id of ['nobody', '', 'x'.repeat(10_000)]) expect(await store.clearConversation(id)).toBe(0)
        expect(await store.getConversationEvents('c')).toEqual(run)
      })
    })

    it('is used by several at once without losing or repeating an event', async () => {
      const texts = Array.from({ length: 60 }, (_, i) =>
        eventText({ conversation: `s-${i % 3}`, id: `s-${i}`, request: 'shared' }),
      )
      const others = [store, backend.open(), backend.open(), backend.open()]
      const results = await Promise.all(others.map((other) => other.recordEvents(texts)))
      expect(results.reduce((sum, result) => sum + result.recorded, 0)).toBe(60)
      expect(results.reduce((sum, result) => sum + result.duplicates, 0)).toBe(180)
      expect(ids(await store.getEvents()).sort()).toEqual(texts.map((_, i) => `s-${i}`).sort())
    })
  })
}
