import { type ChildProcess, execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'
import { run as sampleRun } from '../model/sample-events.ts'
import { eventText } from '../support/events.ts'
import { startTestService, type TestService } from '../support/service.ts'

const SECRET = 'a secret of 16 bytes or more'
const folder = mkdtempSync(join(tmpdir(), 'event-store-export-'))
const named = (name: string) => join(folder, name)

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function start(
  parameters: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Outcome> } {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const all = { env: { ...process.env, ...env }, maxBuffer: 2 ** 28 }
  const child = execFile(process.execPath, ['src/local/export.ts', ...parameters], all, (error, out, err) =>
    resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
  )
  return { child, ended: promise }
}

interface Line {
  readonly seq: number
  readonly cursor: string
  readonly event: { readonly event_id: string }
}

const linesOf = (text: string) => text.split('\n').slice(0, -1)
const idsOf = (text: string) => linesOf(text).map((line) => (JSON.parse(line) as Line).event.event_id)
const eventIn = (line: string) => line.slice(line.indexOf('"event":') + '"event":'.length, -1)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('npm run export', () => {
  let service: TestService
  const odd = [
    eventText({ conversation: 'odd', data: '{"n": [1e400, -0, 1756377611078069123], "s": "\\u0000\\ud800 ü"}' }),
    eventText({ conversation: 'odd', data: '{\r\n "a" :\n1}' }),
  ]
  const many = Array.from({ length: 2_500 }, (_, at) =>
    eventText({ conversation: `many-${at % 3}`, id: `m-${at}`, timestamp: `2026-02-${at < 500 ? '01' : '02'}T00:00:00Z` }),
  )

  beforeAll(async () => {
    service = await startTestService({ history: 'in-memory' })
    const store = new HttpEventStore({ url: service.url })
    await store.recordEvents(sampleRun(), { ack: 'persisted' })
    for (const text of odd) await store.recordEvent(text, { ack: 'persisted' })
    await store.recordEvents(many, { ack: 'persisted' })
  })
  afterAll(() => service?.stop())

  const run = (parameters: readonly string[], env?: Record<string, string>) =>
    start(['--url', service.url, ...parameters], env).ended

  it('writes every event once, a line each, as it was sent', async () => {
    const out = named('all.ndjson')
    const { code, err } = await run(['--out', out])
    expect(code, err).toBe(0)
    const text = readFileSync(out, 'utf8')
    const ids = idsOf(text)
    const sent = [...sampleRun(), ...odd.map((one) => JSON.parse(one) as { event_id: string })].map(({ event_id }) => event_id)
    expect(ids.slice(0, sent.length)).toEqual(sent)
    expect(ids.slice(sent.length).sort()).toEqual(many.map((_, at) => `m-${at}`).sort())
    for (const one of odd) expect(linesOf(text).map(eventIn)).toContain(one.replaceAll(/[\r\n]/g, ' '))
    expect(err).toContain(`Exported ${ids.length.toLocaleString('en-US')} events to ${out}.`)
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(existsSync(`${out}.partial`)).toBe(false)
  })

  it('writes one conversation, gzipped, and goes on after a cursor', async () => {
    const whole = named('one.ndjson.gz')
    expect((await run(['--conversation', 'many-1', '--out', whole])).code).toBe(0)
    const text = gunzipSync(readFileSync(whole)).toString()
    expect(idsOf(text)).toEqual(many.flatMap((_, at) => (at % 3 === 1 ? [`m-${at}`] : [])))
    const rest = await run(['--conversation', 'many-1', '--after', '800'])
    expect(linesOf(rest.out)).toEqual(linesOf(text).slice(800))
    expect((await run(['--conversation', 'unknown'])).out).toBe('')
  })

  it('writes the events of a range of time to its output, and tells the rest elsewhere', async () => {
    const { code, out, err } = await run(['--since', '2026-02-01', '--until', '2026-02-02T00:00:00Z'])
    expect(code).toBe(0)
    expect(idsOf(out).sort()).toEqual(many.flatMap((_, at) => (at < 500 ? [`m-${at}`] : [])).sort())
    const last = JSON.parse(linesOf(out).at(-1) ?? '') as Line
    expect(err).toBe(`Exported 500 events. The next export goes on with --after ${last.cursor}.\n`)
  })

  it('writes anonymised copies, the same whenever it is run with the secret, which it does not show', async () => {
    const copy = () =>
      run(['--conversation', 'conversation-1', '--anonymise', '--secret-env', 'PSEUDONYMS'], { PSEUDONYMS: SECRET })
    const { code, out, err } = await copy()
    expect(code, err).toBe(0)
    expect(linesOf(out)).toHaveLength(sampleRun().length)
    expect(out).not.toContain('conversation-1')
    expect(out).toMatch(/"content":"\[\d+ characters\]"/)
    for (const { event_id } of sampleRun()) expect(out).not.toContain(event_id)
    expect(err).not.toContain(SECRET)
    expect((await copy()).out).toBe(out)
  })

  it('leaves files alone that are there already', async () => {
    for (const name of ['kept.ndjson', 'kept.ndjson.partial']) {
      writeFileSync(named(name), 'kept')
      const { code, err } = await run(['--out', named('kept.ndjson')])
      expect([code, readFileSync(named(name), 'utf8')]).toEqual([1, 'kept'])
      expect(err).toContain(`${named(name)} is there already`)
      rmSync(named(name))
    }
  })

  it('says so when it cannot write, and of no file that it did not make that it is to be deleted', async () => {
    const { code, err } = await run(['--out', named('x'.repeat(250))])
    expect(code).toBe(1)
    expect(err).toMatch(/^the export could not be written: ENAMETOOLONG.*\.partial'\.\n$/)
  })
})

describe('npm run export, as it is typed', () => {
  it.each([
    ...['here', '/here', 'ftp://127.0.0.1/', 'http://ann:typed-by-mistake@127.0.0.1/', 'http://127.0.0.1/?x=1'].map(
      (url): [string, string[]] => ['--url is no http or https address', ['--url', url, '--out', named('refused.ndjson')]],
    ),
    ['--out names a folder that is not there', ['--out', join(folder, 'nowhere', 'x.ndjson')]],
    ['--conversation is no id', ['--conversation', '']],
    ['--after is no cursor', ['--after', 'x']],
    ['--since is no ISO 8601 time', ['--since', 'yesterday']],
    ['--until is no ISO 8601 time', ['--until', '2026-02-30']],
    ['--out names no file', ['--out', '']],
    ['--since and --until are for all events', ['--conversation', 'c', '--since', '2026-01-01']],
    ['--anonymise and --secret-env go together', ['--anonymise']],
    ['--anonymise and --secret-env go together', ['--secret-env', 'PSEUDONYMS']],
    ['--secret-env names no environment variable that is set', ['--anonymise', '--secret-env', 'NOT_SET']],
    ['--token-env names no environment variable that is set', ['--token-env', 'evs_abc_typed-by-mistake']],
    ['The secret of an anonymiser has at least 16 bytes', ['--anonymise', '--secret-env', 'SHORT']],
  ])('is refused: %s', async (problem, parameters) => {
    const { code, out, err } = await start(parameters, { PSEUDONYMS: SECRET, SHORT: 'short' }).ended
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(new RegExp(`^${problem}.*\nusage: npm run`))
    expect(err).not.toContain('typed-by-mistake')
    expect(existsSync(named('refused.ndjson.partial'))).toBe(false)
  })
})

describe('an export that does not come to its end', () => {
  const item = (seq: number) =>
    `{"seq":${seq},"cursor":"${seq}","recorded_at":"2026-01-01T00:00:00.000Z","event":${eventText({ conversation: 'c', id: `e-${seq}` })}}`

  /** A service with three events, two a page, that serves its second page as `second` will have it. */
  async function serving(second: (answer: ServerResponse) => void): Promise<{ url: string; keys: unknown[]; close: () => void }> {
    const keys: unknown[] = []
    const server = createServer(({ url = '', headers }, answer) => {
      keys.push(headers.authorization)
      if (!url.includes('after=')) answer.end(`{"items":[${item(1)},${item(2)}],"next_cursor":"2"}`)
      else if (url.includes('after=2')) second(answer)
      else answer.end('{"items":[],"next_cursor":null}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = () => {
      server.closeAllConnections()
      server.close()
    }
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys, close }
  }

  it('keeps what it has under another name, says how to go on, and the two parts are the whole', async () => {
    let serves = false
    const refuse = (answer: ServerResponse) => answer.writeHead(403, { 'Content-Type': 'application/problem+json' }).end('{}')
    const service = await serving((answer) => (serves ? answer.end(`{"items":[${item(3)}],"next_cursor":null}`) : refuse(answer)))
    try {
      const [first, rest] = [named('first.ndjson.gz'), named('rest.ndjson.gz')]
      const parameters = ['--url', service.url, '--token-env', 'MY_KEY']
      const failed = await start([...parameters, '--out', first], { MY_KEY: 'evs_key' }).ended
      expect(failed.code).toBe(1)
      expect(failed.err).toContain(`2 events are in ${first}.partial, whole lines all of them.`)
      expect(failed.err).toContain('goes on with --after 2 and another --out')
      expect(existsSync(first)).toBe(false)
      serves = true
      expect(await start([...parameters, '--out', rest, '--after', '2'], { MY_KEY: 'evs_key' }).ended).toMatchObject({ code: 0 })
      const joined = Buffer.concat([readFileSync(`${first}.partial`), readFileSync(rest)])
      expect(idsOf(gunzipSync(joined).toString())).toEqual(['e-1', 'e-2', 'e-3'])
      expect(new Set(service.keys)).toEqual(new Set(['Bearer evs_key']))
    } finally {
      service.close()
    }
  })

  it('leaves a file alone that came meanwhile, and says where the whole is', async () => {
    const out = named('meanwhile.ndjson')
    const service = await serving((answer) => {
      writeFileSync(out, 'kept')
      answer.end(`{"items":[${item(3)}],"next_cursor":null}`)
    })
    try {
      const { code, err } = await start(['--url', service.url, '--out', out]).ended
      expect([code, readFileSync(out, 'utf8')]).toEqual([1, 'kept'])
      expect(err).toContain(`${out} came meanwhile. The export is whole, 3 events: it is in ${out}.partial.`)
      expect(idsOf(readFileSync(`${out}.partial`, 'utf8'))).toEqual(['e-1', 'e-2', 'e-3'])
    } finally {
      service.close()
    }
  })

  it('ends well when it is interrupted', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const service = await serving(() => resolve())
    try {
      const out = named('interrupted.ndjson')
      const { child, ended } = start(['--url', service.url, '--out', out])
      await asked
      child.kill('SIGINT')
      const { code, err } = await ended
      expect(code).toBe(1)
      expect(err).toContain('the export was interrupted\n2 events are in')
      expect(idsOf(readFileSync(`${out}.partial`, 'utf8'))).toEqual(['e-1', 'e-2'])
    } finally {
      service.close()
    }
  })

  it('leaves no file where it got nothing', async () => {
    const out = named('nothing.ndjson')
    const service = await serving((answer) => answer.writeHead(403).end())
    try {
      const { code, err } = await start(['--url', service.url, '--out', out, '--after', '2']).ended
      expect([code, existsSync(out), existsSync(`${out}.partial`)]).toEqual([1, false, false])
      expect(err).toContain('Nothing was exported.')
    } finally {
      service.close()
    }
  })
})
