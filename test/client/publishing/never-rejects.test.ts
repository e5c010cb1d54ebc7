import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApplicationEvent, EventPublisherOptions } from '../../../src/client/publishing/index.ts'
import { FakeService } from './fake-service.ts'

const throws = () => {
  throw new Error('on purpose')
}
/** Throws whatever is done with it. */
const hostile = new Proxy(
  {},
  { get: throws, set: throws, has: throws, ownKeys: throws, getPrototypeOf: throws, getOwnPropertyDescriptor: throws },
)
const cycle: Record<string, unknown> = {}
cycle.self = [cycle]

/** By number, since fast-check looks at the values that it makes. */
const HOSTILE: readonly unknown[] = [hostile, cycle, Symbol('s'), throws, Number.NaN, -0, '\ud800', { toJSON: throws }, 5n, null]
const PLACES = ['nowhere', 'event', 'event_type', 'event_name', 'data', 'metadata', 'deep'] as const
const rejects = async () => throws()
const CONTEXTS: readonly EventPublisherOptions['context'][] = [
  [],
  [throws],
  [rejects as never],
  [() => hostile],
  [() => ({ workflow: hostile as never })],
  [() => 5 as never],
  hostile as never,
]
const LOGS = [() => {}, throws, rejects, () => hostile as never]
const API_KEYS: readonly EventPublisherOptions['apiKey'][] = [
  undefined,
  'key',
  'line\nbreak',
  throws,
  rejects,
  () => hostile as never,
]
const ANSWERS = [202, 200, 400, 500, new Error('down'), hostile as Error]

const any = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true })
const recipe = fc.record({
  base: fc.oneof(any, fc.record({ event_type: fc.string(), event_name: any, data: any, metadata: any }, { requiredKeys: [] })),
  place: fc.constantFrom(...PLACES),
  what: fc.nat(HOSTILE.length - 1),
  frozen: fc.boolean(),
})

function eventOf({ base, place, what, frozen }: typeof recipe extends fc.Arbitrary<infer Recipe> ? Recipe : never): unknown {
  const bad = HOSTILE[what]
  if (place === 'event') return bad
  if (place === 'nowhere' || typeof base !== 'object') return base
  const event =
    place === 'deep' ? { event_type: 'a', data: [{ bad }], metadata: { bad } } : { event_type: 'a', ...base, [place]: bad }
  return frozen ? Object.freeze(event) : event
}

const behaviour = fc.tuple(...[CONTEXTS, LOGS, API_KEYS, ANSWERS].map(({ length }) => fc.nat(length - 1)))

describe('a publisher', () => {
  it('never throws or rejects, whatever it is given and whatever fails', async () => {
    let sent = 0
    const unhandled: unknown[] = []
    const hear = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', hear)
    await fc.assert(
      fc.asyncProperty(recipe, behaviour, async (recipe, [context = 0, log = 0, apiKey = 0, answer = 0]) => {
        const service = new FakeService()
        service.answers.push(...Array.from({ length: 9 }, () => ANSWERS[answer] as number | Error))
        const publisher = service.publisher({ context: CONTEXTS[context], log: LOGS[log], apiKey: API_KEYS[apiKey] })
        const event = eventOf(recipe) as ApplicationEvent
        await publisher.publishEvent(event)
        await publisher.publishEvent({ event_type: 'a' }, event as never)
        await publisher.publishEvents([event, { event_type: 'b' }])
        await publisher.publishEvents(event as never)
        expect(publisher.enrichEventMetadata(event) === event || Number.isNaN(event)).toBe(true)
        sent += service.requests.length
      }),
      { numRuns: 300 },
    )
    // Node tells of them once the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', hear)
    expect(unhandled).toEqual([])
    expect(sent).toBeGreaterThan(300)
  })
})
