import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventText } from '../../support/events.ts'

const item = (seq: number, id: string) =>
  `{"seq":${seq},"cursor":"${seq}","recorded_at":"2026-01-31T12:00:00.123Z","event":${eventText({ conversation: 'c', id })}}\n`

describe('npm run restore', () => {
  let folder: string
  let server: Server
  let bodies: string[]
  let answer: unknown

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-restore-'))
    bodies = []
    answer = { recorded: 1, duplicates: 0, conflicts: [], conversations: [] }
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      bodies.push(body)
      response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  })
  afterEach(async () => {
    await new Promise((closed) => server.close(closed))
    rmSync(folder, { recursive: true, force: true })
  })

  function write(name: string, text: string): string {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  function restore(...parameters: string[]): Promise<{ code: number; out: string; err: string }> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const env = { ...process.env, EVENT_STORE_API_KEY: '' }
    return new Promise((resolve) => {
      execFile(process.execPath, ['src/local/restore.ts', '--url', url, ...parameters], { env }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      )
    })
  }

  const fileOf = (tenant: string, seq: number, id = `e${seq}`) => {
    const digits = String(seq).padStart(16, '0')
    return write(`${tenant}/c/20260131T120000123Z-${digits}-${digits}.ndjson`, item(seq, id))
  }

  it('records files in the order of their names', async () => {
    for (const seq of [10, 2, 1]) fileOf('default', seq)
    write('default/c/notes.txt', 'not archived')
    const { code, out, err } = await restore(folder)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('3 files, 3 events: 3 recorded, 0 there already, 0 conflicts\n')
    expect(bodies.map((body) => /"event_id": "(\w+)"/.exec(body)?.[1])).toEqual(['e1', 'e2', 'e10'])
  })

  it('records nothing where one file is broken, or not what its sum says', async () => {
    fileOf('default', 1)
    const second = fileOf('default', 2)
    write('default/c/later.ndjson', 'no item\n')
    const broken = await restore(folder)
    expect([broken.code, bodies]).toEqual([2, []])
    expect(broken.err).toContain('later.ndjson: line 1 is not an archived event')
    write(`${second.slice(folder.length)}.sha256`, `${'0'.repeat(64)}  some-name\n`)
    const other = await restore(second)
    expect([other.code, bodies]).toEqual([2, []])
    expect(other.err).toContain('its SHA-256 is')
    expect((await restore(fileOf('default', 1), '--sha256', '0'.repeat(64))).code).toBe(2)
  })

  it('refuses files of several tenants, since a key is of one, and a sum for several files', async () => {
    const paths = [fileOf('acme', 1), fileOf('other', 1)]
    const { code, err } = await restore(folder)
    expect([code, bodies]).toEqual([2, []])
    expect(err).toContain('several tenants (acme, other)')
    expect((await restore(...paths, '--sha256', '0'.repeat(64))).err).toContain('--sha256 is that of one file')
    expect((await restore()).err).toContain('usage: npm run restore')
  })

  it('refuses files of another tenant than the key is of, unless that is meant', async () => {
    const { code, err } = await restore(fileOf('acme', 1))
    expect([code, bodies]).toEqual([2, []])
    expect(err).toContain('folder of the tenant acme, and without a key the service serves the tenant "default"')
    expect(err).toContain('--other-tenant')
    expect((await restore(folder, '--other-tenant')).code).toBe(0)
    expect(bodies).toHaveLength(1)
  })

  it('names what it could not restore because another event has its id', async () => {
    answer = { recorded: 0, duplicates: 0, conflicts: ['e1'], conversations: [] }
    const { code, out } = await restore(fileOf('default', 1))
    expect(code).toBe(1)
    expect(out).toContain('another event has the id "e1"')
  })
})
