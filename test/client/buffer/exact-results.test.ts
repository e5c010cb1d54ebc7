import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resultsOf } from '../../../src/client/buffer/exact-results.ts'
import type { RecordResult } from '../../../src/model/event-store.ts'
import { prepared, ServiceModel } from './service-model.ts'

/** Calls that may share a request: no id stands in two of them. */
const calls = fc
  .array(
    fc.array(fc.record({ conversation: fc.constantFrom('a', 'b', 'c'), id: fc.nat(3), content: fc.constantFrom('', 'x') }), {
      minLength: 1,
      maxLength: 4,
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drawn) =>
    drawn.map((call, i) => call.map(({ conversation, id, content }) => prepared(conversation, `${i}-${id}`, content))),
  )

/** In which order the conversations and the conflicts are told says nothing. */
const sorted = ({ conversations, conflicts, ...counts }: RecordResult) => ({
  ...counts,
  conversations: conversations.toSorted((a, b) => a.conversation_id.localeCompare(b.conversation_id)),
  conflicts: conflicts.toSorted(),
})

describe('the results of calls that shared a request', () => {
  it('are those that each would have had alone, whatever was recorded before', () => {
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.boolean()), (batch, chance) => {
        const [together, apart] = [new ServiceModel(), new ServiceModel()]
        const before = batch.flat().filter(() => chance.next().value as boolean)
        for (const service of [together, apart]) service.record(before)
        const results = resultsOf(batch, together.record(batch.flat()).outcomes)
        const alone = batch.map((call) => apart.record(call).result)
        expect(results.map(sorted)).toEqual(alone.map(sorted))
      }),
      { numRuns: 300 },
    )
  })
})
