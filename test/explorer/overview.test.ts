import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversationPath } from '../../src/explorer/routing/paths.ts'
import { accessibilityViolations, LOOKS, openPage, startBrowser } from '../support/browser.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'
import { recordSampleActivity } from './sample-activity.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('the overview', () => {
  it('shows how to record a first event, and then that event', async () => {
    const { page, close } = await open('/')
    await page.getByRole('heading', { name: 'No events yet' }).waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    const command = await page.getByRole('region', { name: 'Command' }).textContent()
    const [, body = ''] = /-d '([\s\S]+)'$/.exec(command?.trim() ?? '') ?? []
    const headers = { 'Content-Type': 'application/json' }
    expect((await fetch(`${service.url}/v1/events`, { method: 'POST', headers, body })).status).toBe(201)
    await listed('/v1/conversations', 1)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('heading', { name: 'Events per minute' }).waitFor()
    expect(await page.getByRole('definition').first().textContent()).toBe('1')
    await page.getByRole('link', { name: 'conversation-1' }).waitFor()
    await close()
  })

  describe('of a service at work', () => {
    beforeAll(async () => {
      await recordSampleActivity(service.url, Date.now())
      await listed('/v1/conversations?kind=agent', 8)
      await listed('/v1/monitor/unfinished', 3)
    })

    it('tells what became of assistants and conversations, and keeps the range of time in the address', async () => {
      const { page, close } = await open('/')
      const support = page.getByRole('row', { name: /SupportAssistant/ })
      await support.waitFor()
      expect((await support.getByRole('cell').allInnerTexts()).slice(1, 4)).toEqual(['8', '1', '85.7%'])
      for (const state of [/onboarding-4711 Finished/, /ticket-20417 Unfinished/, /chat-just-now Running now/]) {
        await page.getByRole('row', { name: state }).waitFor()
      }
      await page.getByText('6h', { exact: true }).click()
      await page.getByRole('heading', { name: 'Events per 5 minutes' }).waitFor()
      expect(new URL(page.url()).search).toBe('?range=6h')
      await page.reload()
      await page.getByRole('heading', { name: 'Events per 5 minutes' }).waitFor()
      expect(await page.getByRole('radio', { name: '6h' }).isChecked()).toBe(true)
      await page.getByRole('button', { name: 'Table' }).click()
      expect(await page.getByRole('region', { name: 'Events per 5 minutes' }).getByRole('row').count()).toBeGreaterThan(70)
      await close()
    })

    it('draws its chart where the browser’s language is no language tag', async () => {
      const { page, consoleErrors, close } = await open('/')
      await page.addInitScript(() => Object.defineProperty(navigator, 'language', { value: 'en-US@posix', configurable: true }))
      await page.reload()
      await page.locator('canvas').waitFor()
      expect(consoleErrors).toEqual([])
      await close()
    })

    it.each(LOOKS)('and what is unfinished stand well, $width pixels wide, $theme', async ({ width, theme }) => {
      const { page, foreignRequests, consoleErrors, close } = await open('/', { width, theme })
      await page.getByRole('row', { name: /ResearchAssistant/ }).waitFor()
      await page.getByRole('row', { name: /ticket-20391 Failed/ }).waitFor()
      await page.locator('canvas').waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await accessibilityViolations(page)).toEqual([])
      await page.goto(`${service.url}/unfinished?range=24h`)
      await page.getByRole('link', { name: 'nightly-summary' }).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await accessibilityViolations(page)).toEqual([])
      expect(foreignRequests).toEqual([])
      expect(consoleErrors).toEqual([])
      await close()
    })

    it('keeps what it has while the service cannot tell more, and mends', async () => {
      const { page, close } = await open('/')
      await page.getByRole('row', { name: /SupportAssistant/ }).waitFor()
      const problem = {
        type: 'urn:edge-event-store:problem:range-too-large',
        title: 'Too much at once',
        status: 422,
        detail: 'Less.',
      }
      const away = { status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) }
      await page.route('**/v1/monitor/**', (route) => route.fulfill(away))
      await page.getByRole('button', { name: 'Refresh' }).click()
      await page.getByRole('alert').getByText('Too much at once').waitFor()
      expect(await page.getByRole('row', { name: /SupportAssistant/ }).count()).toBe(1)
      await page.unroute('**/v1/monitor/**')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('alert').waitFor({ state: 'detached' })
      await close()
    })

    it('leads to what is unfinished, and from there to the place in the conversation where it began', async () => {
      const { page, close } = await open('/')
      await page.getByRole('link', { name: 'See what is open' }).click()
      await page.getByRole('heading', { level: 1, name: 'Unfinished' }).waitFor()
      await page.getByRole('heading', { name: 'ticket-20417' }).waitFor()
      const titles = await page.getByRole('heading', { level: 2 }).allInnerTexts()
      expect(titles.toSorted()).toEqual(['chat-just-now', 'conversation-1', 'ticket-20417'])
      expect(titles.indexOf('chat-just-now')).toBeLessThan(titles.indexOf('ticket-20417'))
      await page.getByRole('link', { name: 'SupportAssistantWorkflow' }).click()
      await page.getByRole('heading', { level: 1, name: 'ticket-20417' }).waitFor()
      const seq = Number(new URL(page.url()).searchParams.get('seq'))
      expect(page.url()).toBe(service.url + conversationPath('ticket-20417', { seq }))
      const events = await fetch(`${service.url}/v1/conversations/ticket-20417/events?after=${seq - 1}&limit=1`)
      const { items } = (await events.json()) as { items: { event: { event_type: string } }[] }
      expect(items[0]?.event.event_type).toBe('WorkflowInvoke')
      // Of the conversation's three requests the last one.
      expect(seq).toBeGreaterThan(80)
      await close()
    })
  })
})

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}

function listed(path: string, count: number) {
  return waitFor(`${count} at ${path}`, 30, async () => {
    const answer = (await (await fetch(service.url + path)).json()) as { items: unknown[] }
    return answer.items.length >= count
  })
}
