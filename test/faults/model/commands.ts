import fc from 'fast-check'
import type { ModelEvent } from './store-model.ts'

/** What the history does to a drain. */
export type DrainFault = 'none' | 'refuses' | 'loses-the-answer' | 'confirmation-lost'

export type Command =
  | {
      readonly do: 'append'
      readonly tenant: number
      readonly conversation: number
      readonly events: readonly ModelEvent[]
      readonly expected: 'any' | 'right' | 'wrong'
      readonly on_conflict: 'report' | 'reject'
    }
  | { readonly do: 'drain'; readonly tenant: number; readonly conversations: readonly number[]; readonly fault: DrainFault }
  | { readonly do: 'trim'; readonly tenant: number; readonly conversation: number; readonly drained: boolean }
  | { readonly do: 'evict'; readonly tenant: number; readonly conversation: number }
  | {
      readonly do: 'read'
      readonly tenant: number
      readonly conversation: number
      readonly limit: number
      readonly after: number
    }
  | { readonly do: 'follow'; readonly tenant: number; readonly limit: number }
  | { readonly do: 'clear'; readonly tenant: number; readonly tellUnknown: boolean }
  | { readonly do: 'clear-one'; readonly tenant: number; readonly conversation: number; readonly told: boolean }

export const TENANTS = 2
export const CONVERSATIONS = 3

/** Few ids, so that repeats, conflicts and ids that stand in another conversation are common. */
const event = fc.record({
  id: fc.integer({ min: 0, max: 14 }).map((n) => `event-${n}`),
  content: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
})
const tenant = fc.nat(TENANTS - 1)
const conversation = fc.nat(CONVERSATIONS - 1)

export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      tenant,
      conversation,
      events: fc.array(event, { minLength: 1, maxLength: 6 }),
      expected: fc.oneof(
        { weight: 6, arbitrary: fc.constant('any' as const) },
        fc.constantFrom('right' as const, 'wrong' as const),
      ),
      on_conflict: fc.oneof({ weight: 4, arbitrary: fc.constant('report' as const) }, fc.constant('reject' as const)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('drain' as const),
      tenant,
      conversations: fc.uniqueArray(conversation, { minLength: 1 }),
      fault: fc.constantFrom<DrainFault>('none', 'none', 'refuses', 'loses-the-answer', 'confirmation-lost'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), tenant, conversation, drained: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const), tenant, conversation }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      tenant,
      conversation,
      limit: fc.integer({ min: 1, max: 5 }),
      after: fc.nat(10),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('follow' as const), tenant, limit: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), tenant, tellUnknown: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear-one' as const), tenant, conversation, told: fc.boolean() }) },
)
