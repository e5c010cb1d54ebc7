import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cutElements } from '../../src/model/cut-elements.ts'
import { MAX_EVENT_BYTES } from '../../src/model/limits.ts'
import { recordedRunText, WHY_SKIPPED } from '../model/recorded-run.ts'
import { Api } from '../support/api.ts'
import { eventOfSize, eventText } from '../support/events.ts'
import { expectTexts } from '../support/expect-texts.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { trimmed } from '../support/trimmed.ts'

let service: TestService
let api: Api

beforeAll(async () => {
  service = await startTestService({ history: 'postgres', vars: { HOT_RETENTION_SECONDS: '1' } })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

async function texts(conversation: string): Promise<string[]> {
  return (await api.all(`/v1/conversations/${encodeURIComponent(conversation)}/events`)).map((item) => item.text)
}

const strange = (conversation: string) => [
  eventText({ conversation, data: '{"timestamp": 1756377611078069123, "other": -9223372036854775809}' }),
  eventText({ conversation, data: '{"content": "null \\u0000 inside"}' }),
  eventText({ conversation, data: '{"content": "lone \\ud83d and \\udc00"}' }),
  eventText({ conversation, data: '{"content": "\\ud83d\\ude00 😀 𝒳 ü ۝ 中"}' }),
  eventText({ conversation, data: '{"big": 1e400, "small": 1E-400, "zero": -0, "float": 0.1000, "exp": 10e+2}' }),
  eventText({ conversation, data: '{"escaped": "\\/\\b\\f\\n\\r\\t\\"\\\\"}' }),
  eventText({ conversation, data: '{"spaced"  :\n\t[ 1 ,\r\n 2 ] }' }),
  eventOfSize(MAX_EVENT_BYTES, { conversation }),
  eventOfSize(MAX_EVENT_BYTES, { conversation }, '\\\\'),
]

describe('an event comes out as it went in', () => {
  it.concurrent('whatever JSON it holds, from the hot log and from Postgres', async () => {
    const sent = strange('strange')
    for (const text of sent) expect((await api.post(text)).status).toBe(201)
    expectTexts(await texts('strange'), sent)
    await trimmed(service, 'strange')
    expectTexts(await texts('strange'), sent)
  })

  it.concurrent('by every key', async () => {
    const sent = eventText({
      conversation: 'keys',
      request: 'keyed',
      id: 'key 1',
      data: '[1756377611078069123]',
      topic: { name: 'a/b', offset: 3 },
    })
    const answer = await api.post(sent, '?ack=persisted')
    expect(answer.status).toBe(201)
    const byId = await (await api.get('/v1/events/key%201')).text()
    expect(byId).toContain(`"event":${sent}}`)
    expect(await (await api.get('/v1/events/key%201?conversation_id=keys')).text()).toContain(`"event":${sent}}`)
    for (const path of [
      '/v1/assistant-requests/keyed/events',
      '/v1/topics/a%2Fb/events?offsets=3',
      '/v1/events?event_type=PublishToTopic&limit=5000',
    ]) {
      expect((await api.page(path)).items.map((item) => item.text)).toContain(sent)
    }
  })
})

describe.skipIf(recordedRunText === null)(`a recorded run (${WHY_SKIPPED})`, () => {
  const renamed = (name: string) =>
    (recordedRunText as string)
      .replaceAll('"conversation_id": "conversation_id"', `"conversation_id": "${name}"`)
      .replaceAll(/"event_id": "(\w+)"/g, `"event_id": "$1-${name}"`)
  // The file is an array; between its events stand only a comma and white space.
  const eventsOf = (array: string) => cutElements(array.trim().slice(1, -1)).map((text) => text.trim())

  it.concurrent('goes in as one batch', async () => {
    const batch = renamed('batch')
    const answer = await api.post(batch)
    expect(await answer.json()).toMatchObject({ recorded: 39, duplicates: 0, conflicts: [] })
    expectTexts(await texts('batch'), eventsOf(batch))
    await trimmed(service, 'batch')
    expectTexts(await texts('batch'), eventsOf(batch))
  })

  it.concurrent('goes in event by event', async () => {
    const events = eventsOf(renamed('single'))
    for (const event of events) expect((await api.post(event)).status).toBe(201)
    expectTexts(await texts('single'), events)
    await trimmed(service, 'single')
    expectTexts(await texts('single'), events)
  })

  it.concurrent('goes in as lines', async () => {
    const events = eventsOf(renamed('lines')).map((event) => event.replaceAll(/\s*[\r\n]\s*/g, ' '))
    const answer = await api.post(`${events.join('\n')}\n`, '', 'application/x-ndjson')
    expect(await answer.json()).toMatchObject({ recorded: 39 })
    expectTexts(await texts('lines'), events)
    await trimmed(service, 'lines')
    expectTexts(await texts('lines'), events)
    const lines = await api.get('/v1/conversations/lines/events', { Accept: 'application/x-ndjson' })
    const received = (await lines.text()).trimEnd().split('\n')
    expectTexts(
      received.map((line) => line.slice(line.indexOf('"event":') + '"event":'.length, -1)),
      events,
    )
  })
})
