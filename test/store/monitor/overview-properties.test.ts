import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requestSummary } from '../../../src/model/request-summary.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, RECORDED_AT, useHistory } from '../postgres/support.ts'
import { sample } from './samples.ts'

const db = useHistory()

/** Few, so that a clearing of one often takes a part of it, and a part of a request. */
const CONVERSATIONS = 2

const EVERYTHING = { since: '2026-01-15T00:00:00Z', until: '2026-01-16T00:00:00Z' }

const item = fc.oneof(
  fc.record({ event_id: fc.constantFrom('x', 'y') }),
  fc.record({ message_id: fc.constantFrom('x', 'z', '\u0000') }),
  fc.constantFrom<unknown>(null, 7, 'x', [], { event_id: 7, message_id: 'x' }),
)
const oddText = fc.constantFrom<unknown>('a', 'b', '', 'é 🙂', null, 7, ['a'])
const context = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom({ id: 'k', name: 'A', type: 'T' }, { id: 'l', name: 'B', type: 'T' }) },
  { weight: 1, arbitrary: fc.record({ id: oddText, name: oddText, type: oddText }, { requiredKeys: [] }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { assistant_id: oddText, assistant_name: oddText, tool_name: oddText, tool_type: oddText },
      { requiredKeys: [] },
    ),
  },
)
const anyEvent = fc.record({
  n: fc.nat(30),
  type: fc.constantFrom(
    'AssistantInvoke',
    'AssistantRespond',
    'AssistantFailed',
    'ToolInvoke',
    'ToolRespond',
    'NodeFailed',
    'PublishToTopic',
    'Own',
  ),
  at: fc
    .integer({ min: 0, max: 86_399_999 })
    .map((ms) => `${new Date(Date.UTC(2026, 0, 15) + ms).toISOString().slice(0, -1)}007+00:00`),
  request: fc.constantFrom('r', 's', null),
  context,
  invoke: fc.constantFrom<unknown>('i', 'i', 'j', null),
  input: fc.oneof(fc.array(item, { maxLength: 3 }), item),
  state: fc.constantFrom('failed', 'completed'),
})
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      events: fc.array(anyEvent, { minLength: 1, maxLength: 12 }),
      again: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), back: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('clear-one' as const), back: fc.nat(4), which: fc.nat(CONVERSATIONS - 1) }),
  },
)

/** Shows a text as PostgreSQL can hold it. */
const held = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/\\u0000|\\ud800/g, '\ufffd'))

describe('the overviews of both histories', () => {
  it('say the same, and what the events say, whatever is appended, repeated and cleared', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const tenant = db.tenant()
        const inMemory = new InMemoryHistory()
        const both = [db.history, inMemory] as const
        for (const [number, one] of steps.entries()) {
          const recordedAt = RECORDED_AT + number
          for (const history of both) {
            if (one.kind === 'clear') await history.clear(tenant, recordedAt - one.back)
            else if (one.kind === 'clear-one')
              await history.clearConversations(tenant, [`c${one.which}`, 'unknown'], recordedAt - one.back)
            else {
              const events = one.events.map(({ n, ...rest }) => sample({ id: `e${n}`, ...rest }))
              const pending = batch(tenant, `c${number % CONVERSATIONS}`, events, { recordedAt, firstSeq: 1 + 100 * number })
              await history.append(one.again ? [pending, pending] : [pending])
            }
          }
        }
        const of = (read: (history: (typeof both)[number]) => Promise<unknown>) => Promise.all(both.map(read))
        for (const range of [EVERYTHING, { since: '2026-01-15T07:00:00Z', until: '2026-01-15T19:00:00Z' }]) {
          const [points, expectedPoints] = await of((history) => history.activity(tenant, { ...range, step: 3600 }))
          expect(points).toEqual(expectedPoints)
          const [runs, expectedRuns] = await of((history) => history.assistants(tenant, range))
          expect(runs).toEqual(held(expectedRuns))
          const unfinished = async (history: (typeof both)[number]) =>
            (await history.unfinished(tenant, { ...range, limit: 100 })).items.map(({ cursor: _, ...rest }) => rest)
          const [open, expectedOpen] = await of(unfinished)
          expect(open).toEqual(held(expectedOpen))
        }

        const total = await db.sql.query<{ events: string }>('SELECT count(*) AS events FROM events WHERE tenant_id = $1', [
          tenant,
        ])
        const points = await db.history.activity(tenant, { ...EVERYTHING, step: 60 })
        expect(points.reduce((sum, { events }) => sum + events, 0)).toBe(Number(total.rows[0]?.events))
        for (const request of await db.history.unfinished(tenant, { ...EVERYTHING, limit: 100 }).then(({ items }) => items)) {
          const { items } = await inMemory.assistantRequestEvents(tenant, request.assistant_request_id, { limit: 1000 })
          const summary = requestSummary(items.map(({ event }) => JSON.parse(event)))
          expect(request.unfinished).toEqual(held(summary.unfinished))
          expect(request.unfinished).not.toEqual([])
        }
      }),
      { numRuns: 40 },
    )
  })
})
