import { afterAll, beforeAll, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'

const EVENTS = 5_000
const CLIENTS = 8
const CONVERSATIONS = 25

let service: TestService
let api: Api

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  api = new Api(service.url)
})
afterAll(() => service?.stop())

const conversationOf = (event: number) => `shared-${event % CONVERSATIONS}`
const events = Array.from({ length: EVENTS }, (_, i) => ({
  id: `many-${i}`,
  text: eventText({ conversation: conversationOf(i), id: `many-${i}`, request: 'many' }),
}))

/** Posts all events in batches of another size than the other clients'. */
async function client(number: number): Promise<{ recorded: number; duplicates: number; conflicts: number }> {
  const size = 40 + number * 37
  const told = { recorded: 0, duplicates: 0, conflicts: 0 }
  for (let at = 0; at < EVENTS; at += size) {
    const batch = events.slice(at, at + size)
    const answer = await api.post(`[${batch.map((event) => event.text).join(',')}]`)
    const body = (await answer.json()) as { recorded: number; duplicates: number; conflicts: string[] }
    expect(answer.status).toBe(body.recorded > 0 ? 201 : 200)
    expect(body.recorded + body.duplicates).toBe(batch.length)
    told.recorded += body.recorded
    told.duplicates += body.duplicates
    told.conflicts += body.conflicts.length
  }
  return told
}

/** Follows the feed until it has seen as many events as there are. */
async function follower(done: () => boolean): Promise<string[]> {
  const seen: string[] = []
  let after = '0'
  for (;;) {
    const finished = done()
    const page = await api.page(`/v1/events?after=${after}&limit=97`)
    seen.push(...page.items.map(({ text }) => JSON.parse(text).event_id as string))
    after = page.items.at(-1)?.cursor ?? after
    if (page.items.length === 0) {
      if (finished && seen.length >= EVENTS) return seen
      if (finished) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

it('keeps one copy of what 8 clients post twice in different cuts, and a reader of the feed sees each once', async () => {
  let finished = false
  const followers = [follower(() => finished), follower(() => finished)]
  const first = await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  const second = await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(CLIENTS + number)))
  finished = true

  const total = (told: { recorded: number }[]) => told.reduce((sum, { recorded }) => sum + recorded, 0)
  expect(total(first)).toBe(EVENTS)
  expect(total(second)).toBe(0)
  expect([...first, ...second].every(({ conflicts }) => conflicts === 0)).toBe(true)

  for (const seen of await Promise.all(followers)) {
    expect(seen.length).toBe(EVENTS)
    expect(new Set(seen).size).toBe(EVENTS)
  }
  for (let number = 0; number < CONVERSATIONS; number++) {
    const items = await api.all(`/v1/conversations/shared-${number}/events`, 'limit=90')
    expect(items.map((item) => item.seq)).toEqual(items.map((_, i) => i + 1))
    const expected = events.filter((_, i) => i % CONVERSATIONS === number).map((event) => event.id)
    expect(items.map((item) => JSON.parse(item.text).event_id).sort()).toEqual(expected.sort())
  }
})
