import { expect, it } from 'vitest'
import { clearUser } from '../../examples/clear-a-user.ts'
import { HttpEventStore } from '../../src/client/index.ts'
import { invokeContext, toolInvoke } from '../../src/model/public.ts'
import { createKey } from '../support/keys.ts'
import { startTestDatabase } from '../support/postgres.ts'
import { startTestService } from '../support/service.ts'

it('the example that clears a user takes all pages of conversations that the user took part in, and no others', async () => {
  const database = await startTestDatabase()
  const service = await startTestService({ history: database, vars: { ENVIRONMENT: 'production' } })
  try {
    const apiKey = await createKey(database, 'acme', ['events:write', 'events:read', 'events:erase'])
    const store = new HttpEventStore({ url: service.url, apiKey })
    const eventOf = (user_id: string, conversation_id: string) =>
      toolInvoke({ invoke_context: invokeContext({ conversation_id, user_id }), name: 't', type: 'T', input_data: [] })
    const events = Array.from({ length: 60 }, (_, i) => eventOf('ada', `of ada ${i}`))
    await store.recordEvents([...events, eventOf('ada', 'shared'), eventOf('bob', 'shared'), eventOf('bob', 'of bob')], {
      ack: 'persisted',
    })
    expect(await clearUser(service.url, apiKey, 'ada')).toBe(62)
    const left = await store.getEvents()
    expect(left.map(({ event_context }) => event_context)).toMatchObject([{ invoke_context: { conversation_id: 'of bob' } }])
    expect(await clearUser(service.url, apiKey, 'ada')).toBe(0)
  } finally {
    await service.stop()
  }
})
