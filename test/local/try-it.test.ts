import { expect, it } from 'vitest'
import { tryIt } from '../../src/local/try-it.ts'
import { checkAgentEvent } from '../../src/model/check-agent-event.ts'
import { NewKey } from '../../src/protocol/new-key.ts'

it('offers an event that the store accepts, and reads it back from its own conversation', () => {
  const [, record = '', read = ''] = tryIt('http://127.0.0.1:8787', new Date('2026-01-02T03:04:05.678Z'), 'local.env').split('\n')
  const event: unknown = JSON.parse(/-d '(.*)'$/.exec(record)?.[1] ?? '')
  expect(checkAgentEvent(event)).toMatchObject({ ok: true })
  const { invoke_context } = (event as { event_context: { invoke_context: { conversation_id: string } } }).event_context
  expect(read).toContain(`/v1/conversations/${invoke_context.conversation_id}/events`)
})

it('offers a new event each time, so that the command always records one', () => {
  expect(tryIt('http://x', new Date(0), 'local.env')).not.toBe(tryIt('http://x', new Date(0), 'local.env'))
})

it('offers a key that the service would make', () => {
  const lines = tryIt('http://x', new Date(0), 'local.env').split('\n')
  const line = lines.find((one) => one.includes('http://x/v1/keys')) ?? ''
  expect(NewKey.safeParse(JSON.parse(/-d '(.*)'$/.exec(line)?.[1] ?? ''))).toMatchObject({ success: true })
})
