import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WriteBuffer } from '../../../src/client/buffer/write-buffer.ts'
import { EventPersistenceError, type RecordResult } from '../../../src/client/index.ts'
import type { PreparedEvent } from '../../../src/model/event-store-base.ts'
import { prepared, ServiceModel } from './service-model.ts'

type Fate = 'answered' | 'cut' | 'answer lost' | 'refused'

const calls = fc.array(
  fc.record({
    conversations: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }),
    turns: fc.nat(3),
    repeats: fc.boolean(),
  }),
  { maxLength: 30, size: 'max' },
)
const fates = fc.infiniteStream(
  fc.record({ fate: fc.constantFrom<Fate[]>('answered', 'answered', 'cut', 'answer lost', 'refused'), turns: fc.nat(4) }),
)
const options = fc.record({
  maxDelayMs: fc.constantFrom(0, 1),
  maxEvents: fc.integer({ min: 1, max: 10 }),
  maxInFlight: fc.integer({ min: 1, max: 3 }),
})

async function pass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a buffer before a service that fails as it likes', () => {
  it('sends each conversation in order, tells of every call, and loses and repeats nothing', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fates, options, async (drawn, course, bufferOptions) => {
        const service = new ServiceModel()
        const sent: PreparedEvent[] = []
        let heals = false
        const exchange = async (events: readonly PreparedEvent[], several: boolean) => {
          sent.push(...events)
          const { fate, turns } = course.next().value as { fate: Fate; turns: number }
          await pass(turns)
          if (!heals && fate === 'cut') throw new EventPersistenceError('cut', { operation: 'o', transient: true })
          if (!heals && fate === 'refused' && several) {
            throw new EventPersistenceError('refused', { operation: 'o', transient: false, refusesData: true })
          }
          const answer = service.record(events)
          await pass(turns)
          if (!heals && fate === 'answer lost') throw new EventPersistenceError('lost', { operation: 'o', transient: true })
          return answer
        }
        const buffer = new WriteBuffer(
          {
            patienceMs: 60_000,
            recordBatch: async (events) => (await exchange(events, true)).outcomes,
            recordCall: async (events) => (await exchange(events, false)).result,
          },
          bufferOptions,
        )

        const all = drawn.map(({ conversations, repeats }, i) =>
          conversations.map((conversation, j) => prepared(conversation, `${repeats && i > 0 ? i - 1 : i}-${conversation}-${j}`)),
        )
        const outcomes: Promise<PromiseSettledResult<RecordResult>>[] = []
        for (const [i, events] of all.entries()) {
          outcomes.push(
            Promise.allSettled([buffer.record(events, {})]).then(([one]) => one as PromiseSettledResult<RecordResult>),
          )
          await pass(drawn[i]?.turns ?? 0)
        }
        const settled = await Promise.all(outcomes)

        for (const conversation of ['a', 'b', 'c']) {
          const within = (events: readonly PreparedEvent[]) => [
            ...new Set(events.filter((event) => event.conversation_id === conversation).map(({ head }) => head.event_id)),
          ]
          expect(within(sent)).toEqual(within(all.flat()))
        }
        for (const [i, outcome] of settled.entries()) {
          const events = all[i] as PreparedEvent[]
          const stands = (event: PreparedEvent) => service.conversations.get(event.conversation_id)?.includes(event.head.event_id)
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(EventPersistenceError)
          else {
            expect(events.every(stands)).toBe(true)
            for (const { conversation_id, first_seq, last_seq } of outcome.value.conversations) {
              const seqs = events
                .filter((event) => event.conversation_id === conversation_id)
                .map(({ head }) => (service.conversations.get(conversation_id) ?? []).indexOf(head.event_id) + 1)
              expect([first_seq, last_seq]).toEqual([Math.min(...seqs), Math.max(...seqs)])
            }
          }
        }

        heals = true
        await Promise.all(all.map((events) => buffer.record(events, {})))
        const stored = [...service.conversations.values()].flat()
        expect(stored.length).toBe(new Set(stored).size)
        expect(new Set(stored)).toEqual(new Set(all.flat().map(({ head }) => head.event_id)))
      }),
      { numRuns: 150 },
    )
  })
})
