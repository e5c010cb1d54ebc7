import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOutput } from '../../src/local/demo-output.ts'
import { findFreePort } from '../../src/local/free-port.ts'
import { Api } from '../support/api.ts'
import { createKey } from '../support/keys.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'

async function run(url: string, env: Record<string, string> = {}): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['src/local/demo.ts', '--url', url], {
    env: { ...process.env, EVENT_STORE_API_KEY: '', ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code]: (number | null)[] = await once(child, 'close')
  return { code: code ?? null, out, err }
}

describe('the demo', () => {
  let service: TestService

  beforeAll(async () => {
    service = await startTestService({ history: 'postgres' })
  })
  afterAll(() => service?.stop())

  it('records a conversation, finds it by every key as it was sent, and says so in plain lines', async () => {
    const { code, out, err } = await run(service.url)
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(out).toMatch(/first event: 201 after [\d.]+ m?s; all 123: /)
    expect(out).toMatch(/Postgres has all 123 events [\d.]+ m?s after the last 201/)
    const rows = out.split('\n').filter((line) => / (yes|NO) +[\d.]+ m?s$/.test(line))
    expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual([
      'event id',
      'conversation',
      'assistant request',
      'topic and offset',
      'feed of all events',
      'event graph',
      'request summary',
      'counters',
      'list of conversations',
    ])
    expect(rows.filter((row) => !/ yes +[\d.]+ m?s$/.test(row))).toEqual([])
    expect(out).toContain('2 answered, 2 unfinished')
    expect(out).toContain('run 3 of 3: 39 events recorded')
    expect([...'\r\u001b'].filter((control) => out.includes(control))).toEqual([])
    expect(out).toContain('Everything came back as it was sent, byte for byte.')
    const [, conversation] = /into (demo-[0-9a-f]{8}): 123 events/.exec(out) ?? []
    expect(await new Api(service.url).json(`/v1/conversations/${conversation}`)).toMatchObject({
      head_seq: 123,
      persisted_seq: 123,
    })
  })
})

describe('the demo of a service that asks for a key', () => {
  let service: TestService
  let key: string

  beforeAll(async () => {
    service = await startTestService({ history: 'postgres', vars: { ENVIRONMENT: 'production' } })
    key = await createKey(service.database as TestDatabase, 'demo', ['events:write', 'events:read'])
  })
  afterAll(() => service?.stop())

  it('takes the key from EVENT_STORE_API_KEY', async () => {
    const { code, out } = await run(service.url, { EVENT_STORE_API_KEY: key })
    expect(code).toBe(0)
    expect(out).toContain('its history is in Postgres')
  })

  it('asks for the key and exits with 1 when there is none', async () => {
    const { code, err } = await run(service.url)
    expect(code).toBe(1)
    expect(err).toContain('Set EVENT_STORE_API_KEY')
  })
})

describe('the demo without a service', () => {
  it('says how to start one and exits with 1', async () => {
    const { code, out, err } = await run(`http://127.0.0.1:${await findFreePort(0, 'a test')}`)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(/^No event store answers at http:\/\/127\.0\.0\.1:\d+: start it with npm start, or give --url\n$/)
  })

  it('does not take another server for one', async () => {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { code, err } = await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    expect(code).toBe(1)
    expect(err).toContain('is not ready')
  })
})

describe('the output of the demo', () => {
  it('moves a bar on a terminal and takes it away at the end', () => {
    let text = ''
    const output = openOutput({ isTTY: true, columns: 80, write: (part) => (text += part) })
    const progress = output.progress('recording', 4)
    progress.at(1)
    progress.note('not for a terminal')
    progress.at(4)
    progress.end()
    expect(text.split('\r').map((part) => part.replaceAll(/[^0-9/]/g, ''))).toEqual(['', '1/4', '4/4', ''])
    expect(text.endsWith('\r\u001b[K')).toBe(true)
    expect(text).not.toContain('not for')
  })
})
