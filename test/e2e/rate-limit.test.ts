import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestService, type TestService } from '../support/service.ts'

const ROOM = 3

let service: TestService

beforeAll(async () => {
  const configure = (text: string) =>
    text.replaceAll(/^simple = \{ limit = \d+, period = \d+ \}$/gm, `simple = { limit = ${ROOM}, period = 60 }`)
  service = await startTestService({ history: 'in-memory', configure })
})
afterAll(() => service?.stop())

it('refuses what has no valid credential first with 401, then with 429, and says when to come back', async () => {
  const answers: Response[] = []
  // Twice the room and one more: some of them are in one window, wherever the windows' border lies.
  for (let n = 0; n <= 2 * ROOM; n += 1) {
    const headers = {
      Authorization: `Bearer evs_${'a'.repeat(16)}_${String(n).padStart(43, 'b')}`,
      'CF-Connecting-IP': '192.0.2.7',
    }
    answers.push(await fetch(`${service.url}/v1/events`, { headers }))
  }
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]))
  const refused = answers.find(({ status }) => status === 429) as Response
  expect(refused.headers.get('Retry-After')).toBe('60')
  expect(refused.headers.get('RateLimit')).toBe('"credentials";r=0;t=60')
  expect(refused.headers.get('RateLimit-Policy')).toBe('"credentials";q=600;w=60')
  expect(await refused.json()).toMatchObject({ type: 'urn:edge-event-store:problem:rate-limited' })
})

it('leaves whoever asks with a valid credential alone meanwhile', async () => {
  for (let n = 0; n <= 2 * ROOM; n += 1) expect((await fetch(`${service.url}/v1/events`)).status).toBe(200)
})
