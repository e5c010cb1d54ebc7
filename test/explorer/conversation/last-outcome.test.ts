import { expect, it } from 'vitest'
import { requestStates } from '../../../src/explorer/views/conversation/spans/requests.ts'
import { spansOf } from '../../../src/explorer/views/conversation/spans/spans.ts'
import { lastOutcomeOf } from '../../../src/explorer/views/overview/last-outcome.ts'
import { itemOf, itemsOf, told } from './items.ts'

it.each<[string[], string | undefined]>([
  [['AssistantRespond'], 'ended'],
  [['AssistantFailed'], 'failed'],
  [['ToolFailed'], 'open'],
  [['NodeInvoke', 'NodeRespond'], 'open'],
  [['ConsumeFromTopic'], undefined],
  [['order.paid'], undefined],
  [['AssistantInvoke', 'AssistantRespond', 'ConsumeFromTopic'], 'ended'],
  [['AssistantInvoke', 'NodeInvoke', 'AssistantFailed', 'WorkflowInvoke'], 'failed'],
])('a conversation that ends with %s counts as %s, and as a whole as it does on its own page', (types, outcome) => {
  const events = types.map((type) => told({ type }))
  const ending = events.map((event, index) => itemOf(100 + index, event))
  expect(lastOutcomeOf(ending)?.outcome).toBe(outcome)
  const whole = itemsOf(events)
  expect(lastOutcomeOf(whole)?.outcome).toBe(requestStates(spansOf(whole), types.length).at(-1)?.outcome)
})

it('a conversation whose clock is ahead does not run for ever', () => {
  const item = itemOf(1, told({ type: 'ToolInvoke', at: 400 * 86_400_000 }))
  expect(lastOutcomeOf([item])).toEqual({ outcome: 'open', at: Date.parse(item.recorded_at) })
})
