import { connect } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_REQUEST_BYTES } from '../../src/model/limits.ts'
import { Api } from '../support/api.ts'
import { eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService
let api: Api
let sql: pg.Client

beforeAll(async () => {
  service = await startTestService({ history: 'postgres' })
  api = new Api(service.url)
  sql = new pg.Client(service.database?.databaseUrl)
  await sql.connect()
})
afterAll(async () => {
  await sql?.end()
  await service?.stop()
})

/** Bytes over a connection of their own, and what comes back until it is closed. */
function send(head: readonly string[], chunks: readonly (string | Uint8Array)[] = []): Promise<string> {
  const { hostname, port } = new URL(service.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (data) => {
      answer += data.toString()
    })
    socket.on('close', () => resolve(answer))
    // Whoever is refused before the end cannot send the rest.
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
    socket.write(`${[...head, `Host: ${hostname}:${port}`, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    for (const chunk of chunks) socket.write(chunk)
  })
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

/** Texts that mean something to SQL, shells, paths, headers, logs or pages. */
const HOSTILE = [
  `x'; DROP TABLE events; --`,
  `' OR '1'='1`,
  `'); SELECT clear_tenant('default', 9999999999999); --`,
  `" OR ""="`,
  '\\',
  '\\x27',
  '$1',
  '$$; DELETE FROM events; $$',
  '%',
  '_',
  `${'%27'} OR 1=1`,
  '../../etc/passwd',
  '..%2f..%2f',
  '/v1/events',
  'a/../../b',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '__proto__',
  'constructor',
  '\u202egnp',
  'Robert\u2028"); --',
]

/** Texts that would end a line of a log or a header, or write over a terminal. */
const CONTROLS = ['one\r\nSet-Cookie: stolen=1', 'forged"}\n{"level":"error","message":"forged', '\u001b[31mred', 'nul\u0000']

describe('hostile ids', () => {
  it.each(HOSTILE)('are only ids, in events, paths and parameters: %j', async (text) => {
    const before = (await api.all('/v1/events')).length
    const event = eventText({ conversation: text, id: `id ${text}`, request: `request ${text}` })
    expect((await api.post(event, '?ack=persisted')).status).toBe(201)
    const part = encodeURIComponent(text)
    expect((await api.page(`/v1/conversations/${part}/events`)).items.map((item) => item.text)).toEqual([event])
    expect((await api.page(`/v1/assistant-requests/${encodeURIComponent(`request ${text}`)}/events`)).items.length).toBe(1)
    const one = await api.get(`/v1/events/${encodeURIComponent(`id ${text}`)}?conversation_id=${part}`)
    expect(one.status).toBe(200)
    expect(one.headers.get('Set-Cookie')).toBeNull()
    expect((await api.get(`/v1/events?event_type=${part}`)).status).toBe(200)
    expect((await api.page(`/v1/topics/${part}/events`)).items).toEqual([])
    expect((await api.all('/v1/events')).length).toBe(before + 1)
    const { rows } = await sql.query('SELECT count(*) FROM events WHERE conversation_id = $1', [text])
    expect(rows).toEqual([{ count: '1' }])
  })

  it.each(CONTROLS)('that hold control characters are refused, wherever they stand: %j', async (text) => {
    for (const ids of [{ conversation: text }, { conversation: 'c', id: text }, { conversation: 'c', request: text }]) {
      expect((await api.post(eventText(ids))).status).toBe(422)
    }
    for (const place of ['conversations/{}/events', 'assistant-requests/{}/events', 'events/{}', 'topics/{}/events']) {
      const answer = await api.get(`/v1/${place.replace('{}', encodeURIComponent(text))}`)
      expect([400, 404], place).toContain(answer.status)
      expect(answer.headers.get('Set-Cookie')).toBeNull()
    }
  })

  it.each(['%zz', '%ff%fe', 'a%'])('are refused in paths where they are no percent-encoding: %s', async (part) => {
    const answer = await send([`GET /v1/conversations/${part}/events HTTP/1.1`])
    expect(statusOf(answer)).toBe(400)
    expect(answer).toContain('{"path":"id","message":"is no percent-encoded UTF-8')
  })

  it.each([...HOSTILE, ...CONTROLS])('as cursors, numbers, times and choices are refused: %j', async (text) => {
    const part = encodeURIComponent(text)
    for (const path of [
      `/v1/events?after=${part}`,
      `/v1/events?limit=${part}`,
      `/v1/events?order=${part}`,
      `/v1/events?since=${part}`,
      `/v1/events?${part}=1`,
      `/v1/conversations?after=${part}`,
      `/v1/conversations/c/events?after=${part}&until_seq=${part}`,
      `/v1/topics/t/events?offsets=${part}`,
      `/v1/quarantine?after=${part}`,
    ]) {
      expect((await api.get(path)).status, path).toBe(400)
    }
    expect((await fetch(`${service.url}/v1/events?confirm=${part}`, { method: 'DELETE' })).status).toBe(400)
  })
})

describe('hostile headers', () => {
  it('do not get into the answer or end it: a request id and a session are taken in their own form only', async () => {
    for (const id of ['a"b{}cdefgh', 'x'.repeat(65), '\u001b[31m-------', '../../../etc']) {
      const answer = statusAndHeaders(await send(['GET /healthz HTTP/1.1', `X-Request-Id: ${id}`]))
      expect(answer.status).toBe(200)
      expect(answer.head).toMatch(/\r\nX-Request-Id: [\da-f-]{36}\r\n/i)
    }
    const forged = statusAndHeaders(await send(['GET /v1/events HTTP/1.1', `Event-Store-Session: '; DROP TABLE events; --`]))
    expect(forged.status).toBe(200)
    expect(forged.head).not.toContain('DROP')
  })

  it('that hold a bare line break end the request, not begin another', async () => {
    const answer = await send(['GET /healthz HTTP/1.1', 'X-Request-Id: aaaaaaaa\nX-Injected: 1'])
    expect(answer).not.toMatch(/X-Injected/i)
    expect(answer.match(/HTTP\/1\.1/g)?.length).toBe(1)
  })
})

describe('hostile paths', () => {
  it.each([
    '/docs/../../wrangler.toml',
    '/docs/..%2f..%2fwrangler.toml',
    '/docs/%2e%2e/%2e%2e/migrations/0001_events.sql',
    '/docs/....//....//package.json',
    '/docs/..\\..\\package.json',
    '/docs/%00',
    '/.dev.vars',
    '//etc/passwd',
    '/v1/../.dev.vars',
  ])('%s gives no file and no error of the service', async (path) => {
    const answer = await send([`GET ${path} HTTP/1.1`])
    expect(statusOf(answer)).toBeGreaterThanOrEqual(300)
    expect(statusOf(answer)).toBeLessThan(500)
    expect(answer).not.toMatch(/DATABASE_URL|CREATE TABLE|root:|compatibility_date/)
  })
})

describe('the limit of a body', () => {
  const post = ['POST /v1/events HTTP/1.1', 'Content-Type: application/json']
  const chunked = (bytes: Uint8Array) => [`${bytes.byteLength.toString(16)}\r\n`, bytes, '\r\n']
  const mebibyte = new Uint8Array(1 << 20).fill(32)
  const tooMuch = Array.from({ length: MAX_REQUEST_BYTES / mebibyte.byteLength + 1 }, () => chunked(mebibyte)).flat()

  it('holds where no length is announced, and where another one is announced than comes', async () => {
    expect(statusOf(await send([...post, 'Transfer-Encoding: chunked'], tooMuch))).toBe(413)
    expect(statusOf(await send([...post, 'Content-Length: 2', 'Transfer-Encoding: chunked'], tooMuch))).toBe(413)
  })

  it('is not passed by a length that is too short: the rest is no part of the body', async () => {
    const answer = await send([...post, 'Content-Length: 2'], [`[]${eventText({ conversation: 'smuggled' })}`])
    expect(statusOf(answer)).toBe(422)
    expect((await api.page('/v1/conversations/smuggled/events')).items).toEqual([])
  })

  it.each(['abc', '-1', '1e3', '0x10'])('needs a length that is a number: %s', async (length) => {
    expect(statusOf(await send([...post, `Content-Length: ${length}`], ['[]']))).toBe(400)
  })
})

function statusAndHeaders(answer: string) {
  return { status: statusOf(answer), head: answer.slice(0, answer.indexOf('\r\n\r\n') + 2) }
}
