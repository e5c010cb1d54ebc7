import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { activityStartOfVersion3, workflowEndOfVersion3, workflowStartOfVersion2 } from '../support/application-events.ts'
import { publish } from '../support/dapr.ts'
import { DevService } from '../support/dev-service.ts'
import { type RestartableDatabase, startRestartableDatabase } from '../support/postgres.ts'
import { FakeSegment } from '../support/segment.ts'
import { waitFor } from '../support/wait-for.ts'

const KEY = 'segment-write-key'

/** Processes are found by their group, which is read from where Linux tells it. */
describe.runIf(existsSync('/proc/self/stat'))('a service that is killed', () => {
  const service = new DevService()
  let database: RestartableDatabase
  let segment: FakeSegment

  beforeAll(async () => {
    database = await startRestartableDatabase()
    segment = await FakeSegment.start(KEY)
  })
  afterAll(async () => {
    await service.stop()
    await segment?.stop()
    await database?.stop()
  })

  /** The Worker on the state that the last one left. */
  async function start(): Promise<Api> {
    const port = await service.start({
      DATABASE_URL: database.databaseUrl,
      NEON_FETCH_ENDPOINT: database.fetchEndpoint,
      SEGMENT_WRITE_KEY: KEY,
      SEGMENT_HOST: segment.url,
    })
    return new Api(`http://127.0.0.1:${port}`)
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
    await service.kill()
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
