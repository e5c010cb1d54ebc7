import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MAX_EVENT_BYTES } from '../../src/model/limits.ts'
import { Api } from '../support/api.ts'
import { workflowEndOfVersion3, workflowStartOfVersion2 } from '../support/application-events.ts'
import { publish } from '../support/dapr.ts'
import { expectTexts } from '../support/expect-texts.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let database: RestartableDatabase
let service: TestService
let api: Api

beforeAll(async () => {
  database = await startRestartableDatabase()
  service = await startTestService({ history: database })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

const delivered = (conversationId: string) => waitFor('delivery', 40, async () => (await api.persisted(conversationId)) || null)

it('goes on while Postgres is away, and everything is delivered once when it is back', async () => {
  const run = randomUUID()
  await database.takeAway()
  const bodies = [
    workflowStartOfVersion2({ run }),
    workflowStartOfVersion2({ run, attempt: 2 }),
    workflowEndOfVersion3({ run }),
    workflowEndOfVersion3({ run }),
  ]
  for (const body of bodies) expect(await publish(service.url, body)).toMatchObject({ status: 202, answer: { published: 1 } })
  const names = (texts: readonly { readonly text: string }[]) => texts.map(({ text }) => JSON.parse(text).event_name)
  expect(names(await api.all(`/v1/conversations/workflow:${run}/events`))).toEqual(['workflow_start', 'workflow_end'])
  expect((await api.get('/v1/topics/application_events/events')).status).toBe(503)

  await database.bringBack()
  await delivered(`workflow:${run}`)
  expect(names(await api.all('/v1/topics/application_events/events'))).toEqual(['workflow_start', 'workflow_end'])
})

it('takes an event of the largest size, and stores what it lacked with it', async () => {
  const run = randomUUID()
  const around = `{"event_type":"large","data":{"x":""},"metadata":{"workflow_run_id":"${run}"}}`
  // Escaped once more on the way to Postgres, this is twice as long.
  const filler = '\\\\'.repeat((MAX_EVENT_BYTES - around.length) / 2)
  const sent = around.replace('"x":""', () => `"x":"${filler}"`)
  expect(sent.length).toBeGreaterThan(MAX_EVENT_BYTES - 2)
  const { status, answer } = await publish(service.url, sent)
  expect(status).toBe(202)
  await delivered(`workflow:${run}`)
  const [item] = await api.all('/v1/topics/large/events')
  const text = item?.text ?? ''
  const { created_timestamp } = JSON.parse(text).metadata
  const filled = sent
    .replace('{', () => `{"event_id":"${answer.event_ids[0]}",`)
    .replace('"metadata":{', () => `"metadata":{"created_timestamp":${created_timestamp},"topic_name":"large",`)
  expectTexts([text], [filled])
  expect(await publish(service.url, ` ${sent.replace('"x":"', '"x":"aaaa')}`)).toMatchObject({
    status: 413,
    answer: { limit: 'event_bytes' },
  })
})
