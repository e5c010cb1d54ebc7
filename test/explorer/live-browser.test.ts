import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { eventText } from '../support/events.ts'
import { bearer, createKey } from '../support/keys.ts'
import { CuttingProxy } from '../support/live.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'

const EVENTS = 1_000
const BATCH = 50
const CONVERSATION = 'a/b %?é#'
const PATH = `/v1/conversations/${encodeURIComponent(CONVERSATION)}`

/** What the page of another origin keeps. */
interface Seen {
  readonly seqs: number[]
  opened: number
}

declare global {
  interface Window {
    seen: Seen
  }
}

const browser = await startBrowser()

describe.skipIf(browser === null)(
  "a browser's own EventSource, on a page of another origin (skipped where there is no browser)",
  () => {
    const page = createServer((_, answer) =>
      answer.setHeader('Content-Type', 'text/html').end('<!doctype html><title>page</title>'),
    )
    let origin: string
    let service: TestService
    let proxy: CuttingProxy
    let proxied: string

    beforeAll(async () => {
      page.listen(0, '127.0.0.1')
      await once(page, 'listening')
      origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
      service = await startTestService({ history: 'postgres', vars: { ENVIRONMENT: 'production', CORS_ORIGINS: origin } })
      proxy = new CuttingProxy(Number(new URL(service.url).port))
      proxied = await proxy.listen()
    })
    afterAll(async () => {
      await browser?.close()
      proxy?.close()
      page.close()
      await service?.stop()
    })

    it('gets every event once and in order with a ticket alone, however often its connection is cut', async () => {
      if (!service.database || !browser) throw new Error('the service has a database, and there is a browser')
      const headers = bearer(await createKey(service.database, 'acmé', ['events:read', 'events:write']))
      const made = await fetch(`${service.url}${PATH}/ticket`, { method: 'POST', headers })
      const { ticket } = (await made.json()) as { ticket: string }

      const tab = await browser.newPage()
      await tab.goto(origin)
      await tab.evaluate((url) => {
        const seen: Seen = { seqs: [], opened: 0 }
        window.seen = seen
        const source = new EventSource(url)
        source.addEventListener('open', () => {
          seen.opened += 1
        })
        source.addEventListener('event', ({ data }) => seen.seqs.push((JSON.parse(data) as { seq: number }).seq))
      }, `${proxied}${PATH}/live?ticket=${ticket}`)

      for (let first = 1; first <= EVENTS; first += BATCH) {
        // White space between tokens may be a line end, of which a message has to make several lines.
        const texts = Array.from({ length: BATCH }, (_, i) =>
          eventText({ conversation: CONVERSATION, id: `event-${first + i}`, data: '{"role":\r\n"user"}' }),
        )
        const body = `[${texts.join(',')}]`
        const answer = await fetch(`${service.url}/v1/events`, {
          method: 'POST',
          headers: { ...headers, 'Content-Type': 'application/json' },
          body,
        })
        expect(answer.status).toBe(201)
        const opened = await tab.evaluate(() => window.seen.opened)
        proxy.cut()
        await waitFor('the page has connected again', 20, async () => (await tab.evaluate(() => window.seen.opened)) > opened)
      }
      await waitFor('the page has everything', 20, async () => (await tab.evaluate(() => window.seen.seqs.length)) >= EVENTS)
      expect(await tab.evaluate(() => window.seen.seqs)).toEqual(Array.from({ length: EVENTS }, (_, i) => i + 1))
      expect(await tab.evaluate(() => window.seen.opened)).toBeGreaterThanOrEqual(EVENTS / BATCH)
    }, 120_000)
  },
)
