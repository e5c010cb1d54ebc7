import { afterAll, beforeAll, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { LiveFeed } from '../support/live-feed.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
})
afterAll(() => service?.stop())

it('follows the history in memory, from anywhere and with a filter', async () => {
  const api = new Api(service.url)
  const topic = { name: 't', offset: 0 }
  const record = async (id: string, more: object = {}) =>
    expect((await api.post(eventText({ conversation: 'c', id, ...more }))).status).toBe(201)
  const whole = await LiveFeed.open(service.url)
  const ofTopic = await LiveFeed.open(service.url, { query: '?topic_name=t' })
  expect((await fetch(`${service.url}/v1/events/live`, { method: 'HEAD' })).status).toBe(200)
  await record('1')
  await record('2', { topic })
  await record('3')
  await waitFor('all', 12, async () => whole.ids.length === 3 && ofTopic.lastEventId === whole.lastEventId)
  expect(whole.ids).toEqual(['1', '2', '3'])
  expect(ofTopic.ids).toEqual(['2'])
  const rest = await LiveFeed.open(service.url, { query: `?after=${whole.items[0]?.id}` })
  await waitFor('the rest', 12, async () => rest.ids.length === 2)
  expect(rest.texts).toEqual(whole.texts.slice(1))
  for (const feed of [whole, ofTopic, rest]) feed.cut()
})
