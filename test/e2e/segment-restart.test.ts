import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../src/local/free-port.ts'
import { waitUntilReady } from '../../src/local/wait-until-ready.ts'
import { startWrangler, type Wrangler } from '../../src/local/wrangler.ts'
import { Api } from '../support/api.ts'
import { activityStartOfVersion3, workflowEndOfVersion3, workflowStartOfVersion2 } from '../support/application-events.ts'
import { publish } from '../support/dapr.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { FakeSegment } from '../support/segment.ts'
import { waitFor } from '../support/wait-for.ts'

const KEY = 'segment-write-key'

/** Processes are found by their group, which is read from where Linux tells it. */
describe.runIf(existsSync('/proc/self/stat'))('a service that is killed', () => {
  let folder: string
  let database: RestartableDatabase
  let segment: FakeSegment
  let wrangler: Wrangler

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-restart-'))
    database = await startRestartableDatabase()
    segment = await FakeSegment.start(KEY)
  })
  afterAll(async () => {
    await wrangler?.stop()
    await segment?.stop()
    await database?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The Worker on the state that the last one left. */
  async function start(): Promise<Api> {
    const port = await findFreePort(0, 'a test')
    wrangler = startWrangler({
      port,
      configPath: 'wrangler.toml',
      stateDir: join(folder, 'state'),
      dataDir: folder,
      vars: {
        DATABASE_URL: database.databaseUrl,
        NEON_FETCH_ENDPOINT: database.fetchEndpoint,
        SEGMENT_WRITE_KEY: KEY,
        SEGMENT_HOST: segment.url,
      },
      verbose: false,
      log: () => undefined,
    })
    const url = `http://127.0.0.1:${port}`
    await waitUntilReady(url, () => undefined)
    return new Api(url)
  }

  async function kill(): Promise<void> {
    const { group } = JSON.parse(readFileSync(join(folder, 'wrangler.json'), 'utf8')) as { group: number }
    process.kill(-group, 'SIGKILL')
    await wrangler.exited
    await wrangler.stop()
  }

  it('between recording and delivery brings the events to Segment when it runs again, once each', async () => {
    const first = await start()
    await database.takeAway()
    segment.troubles.push({ status: 503 })
    const runs = ['one', 'two', 'three']
    const ids: string[] = []
    for (const run of runs) {
      const body = [workflowStartOfVersion2({ run }), activityStartOfVersion3({ run }), workflowEndOfVersion3({ run })].join()
      const { status, answer } = await publish(first.url, `[${body}]`)
      expect(status).toBe(202)
      ids.push(...answer.event_ids)
    }
    await kill()
    expect(segment.answers).toEqual([])

    await database.bringBack()
    const second = await start()
    await waitFor('the events are at Segment', 60, async () => ids.every((id) => segment.events.has(id)))
    expect([...segment.events.keys()].sort()).toEqual([...ids].sort())
    expect(segment.answers).toContain(503)
    await waitFor('the objects know', 30, async () => {
      const told = await Promise.all(runs.map((run) => second.persisted(`workflow:${run}`)))
      return told.every(Boolean)
    })
    expect(await second.all('/v1/events', 'event_type=application_events')).toHaveLength(ids.length)
  })
})
