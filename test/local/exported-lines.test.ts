import { describe, expect, it } from 'vitest'
import { type ExportState, exportedLines } from '../../src/local/export/exported-lines.ts'
import type { Timing } from '../../src/model/timers.ts'
import { eventText } from '../support/events.ts'

const MINUTE_MS = 60_000

/** A service that serves one page, and then nothing before that time, in milliseconds since it was first asked. */
function awayUntil(backAt: number, pages = 2) {
  let now = 0
  const timing: Timing = {
    now: () => now,
    random: () => 0.5,
    wait: async (ms) => {
      now += ms
    },
  }
  const item = (seq: number) =>
    `{"seq":${seq},"cursor":"${seq}","recorded_at":"2026-01-01T00:00:00.000Z","event":${eventText({ conversation: 'c', id: `e-${seq}` })}}`
  let served = 0
  const fetch = async () => {
    if (now < backAt && served === pages - 1) throw new TypeError('fetch failed')
    served += 1
    return new Response(`{"items":[${item(served)}],"next_cursor":${served < pages ? `"${served}"` : null}}`)
  }
  return { connection: { url: 'http://service.invalid', fetch }, timing, waited: () => now }
}

async function read({ connection, timing }: ReturnType<typeof awayUntil>) {
  const state: ExportState = { events: 0, cursor: null, failure: undefined }
  const lines = await Array.fromAsync(exportedLines({ connection }, state, timing))
  return { ...state, lines: lines.length }
}

describe('an export whose service goes away', () => {
  it('waits for it for some minutes', async () => {
    expect(await read(awayUntil(4 * MINUTE_MS))).toMatchObject({ failure: undefined, events: 2, lines: 2 })
  })

  it('gives up in the end, with what it has', async () => {
    const service = awayUntil(Number.POSITIVE_INFINITY)
    expect(await read(service)).toMatchObject({ failure: expect.any(Error), cursor: '1', lines: 1 })
    expect(service.waited()).toBeGreaterThan(4 * MINUTE_MS)
  })

  it('waits less for one that never answered, which is at another address', async () => {
    const service = awayUntil(Number.POSITIVE_INFINITY, 1)
    expect(await read(service)).toMatchObject({ failure: expect.any(Error), cursor: null, lines: 0 })
    expect(service.waited()).toBeLessThan(MINUTE_MS)
  })
})
