import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpEventStore } from '../../src/client/index.ts'
import { findFreePort } from '../../src/local/free-port.ts'
import { waitUntilReady } from '../../src/local/wait-until-ready.ts'
import { startWrangler, type Wrangler } from '../../src/local/wrangler.ts'
import { eventText } from '../support/events.ts'

/** Processes are found by their group, which is read from where Linux tells it. */
describe.runIf(existsSync('/proc/self/stat'))('a live read of a service that is killed', () => {
  let folder: string
  let wrangler: Wrangler
  let port: number

  async function start(): Promise<void> {
    wrangler = startWrangler({
      port,
      configPath: 'wrangler.toml',
      stateDir: join(folder, 'state'),
      dataDir: folder,
      vars: {},
      verbose: false,
      log: () => undefined,
    })
    await waitUntilReady(`http://127.0.0.1:${port}`, () => undefined)
  }

  async function kill(): Promise<void> {
    const { group } = JSON.parse(readFileSync(join(folder, 'wrangler.json'), 'utf8')) as { group: number }
    process.kill(-group, 'SIGKILL')
    await wrangler.exited
    await wrangler.stop()
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-client-live-'))
    port = await findFreePort(0, 'a test')
    await start()
  }, 120_000)
  afterAll(async () => {
    await wrangler?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('goes on by itself when the service is back, and loses and repeats nothing', { timeout: 180_000 }, async () => {
    const store = new HttpEventStore({ url: `http://127.0.0.1:${port}` })
    const record = (from: number) =>
      store.recordEvents([0, 1, 2, 3, 4].map((i) => eventText({ conversation: 'killed', id: `e${from + i}` })))
    const seqs: number[] = []
    let failures = 0
    await record(1)
    for await (const { seq, event } of store.live('killed', { onRetry: () => (failures += 1) })) {
      expect(event.event_id).toBe(`e${seq}`)
      seqs.push(seq)
      if (seq === 5 || seq === 10) {
        await kill()
        await start()
        await record(seq + 1)
      }
      if (seq === 15) break
    }
    expect(seqs).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
    expect(failures).toBeGreaterThan(1)
  })
})
