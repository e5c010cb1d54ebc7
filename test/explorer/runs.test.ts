import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api } from '../support/api.ts'
import { accessibilityViolations, LOOKS, openPage, startBrowser } from '../support/browser.ts'
import { publish } from '../support/dapr.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'
import { recordSampleActivity } from './sample-activity.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
  await recordSampleActivity(service.url, Date.now())
  await waitFor('the list of logs', 30, async () => {
    const { items } = (await (await fetch(`${service.url}/v1/conversations?kind=application`)).json()) as { items: unknown[] }
    return items.length === 5
  })
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('the runs of applications', () => {
  it.each(LOOKS)('stand well, $width pixels wide, $theme', async ({ width, theme }) => {
    const { page, foreignRequests, consoleErrors, close } = await open('/runs', { width, theme })
    await page.getByRole('row', { name: /crawler · 03bd55e0-failed Failed/ }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await accessibilityViolations(page)).toEqual([])
    await page.goto(`${service.url}/runs/8f1c7a52-finished`)
    await page.getByRole('button', { name: /^fetch_tables/ }).click()
    await page.getByRole('button', { name: /^Attempt 2/ }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await accessibilityViolations(page)).toEqual([])
    expect(foreignRequests).toEqual([])
    expect(consoleErrors).toEqual([])
    await close()
  })

  it('are listed with what became of them, apart from the topics', async () => {
    const { page, close } = await open('/runs')
    const row = page.getByRole('row', { name: /8f1c7a52-finished/ })
    await row.getByText('Completed').waitFor()
    const cells = await row.getByRole('cell').allInnerTexts()
    expect([cells[2], cells[4], cells[5], cells[6]]).toEqual(['2 m 28 s', '7', '9 2 retries', '24'])
    await page.getByRole('row', { name: /b6d0c1f4-running Running/ }).waitFor()
    await page.getByRole('row', { name: /e2a94b77-broken-off Unfinished/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(5)
    await page.getByText('Topics', { exact: true }).click()
    await page.getByRole('link', { name: /^application_events log \d\d$/ }).waitFor()
    expect(new URL(page.url()).search).toBe('?show=topics')
    await page.goBack()
    await row.getByRole('link', { name: 'MetadataExtraction' }).click()
    await page.getByRole('heading', { level: 1, name: 'MetadataExtraction' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/runs/workflow%3A8f1c7a52-finished')
    await close()
  })

  it('show the attempts of an activity, which the arrow keys reach, and an event as it was published', async () => {
    const { page, close } = await open('/runs/03bd55e0-failed')
    await page.getByText('The run failed.').waitFor()
    const activity = page.getByRole('button', { name: /^fetch_tables 3 attempts/ })
    await activity.focus()
    await page.keyboard.press('ArrowRight')
    const states = ['Attempt 1', 'Attempt 2', 'Attempt 3'].map((name) =>
      page.getByRole('button', { name: new RegExp(`^${name}.*Failed.*did not answer`) }).waitFor(),
    )
    await Promise.all(states)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog')
    await drawer.getByText('Verbatim').click()
    const stored = await new Api(service.url).all('/v1/conversations/workflow%3A03bd55e0-failed/events')
    const seq = Number(new URL(page.url()).searchParams.get('seq'))
    expect(stored[seq - 1]?.text).toContain('"attempt":1')
    expect(await drawer.getByRole('region', { name: 'Verbatim JSON' }).textContent()).toBe(stored[seq - 1]?.text)
    await drawer.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('heading', { name: `Event ${seq + 1}` }).waitFor()
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('')
    await close()
  })

  it('follow what is published as it comes', async () => {
    const { page, close } = await open('/runs/b6d0c1f4-running')
    await page.getByRole('button', { name: /^parse_queries.*Running$/ }).waitFor()
    await page.getByRole('button', { name: 'Follow live' }).click()
    await page.getByRole('button', { name: 'Live' }).waitFor()
    const run = { workflow_run_id: 'b6d0c1f4-running', workflow_type: 'QueryHistory' }
    const end = (event_name: string, metadata: object) =>
      publish(
        service.url,
        JSON.stringify({
          event_type: 'application_events',
          event_name,
          data: { state: 'completed' },
          metadata: { ...run, ...metadata },
        }),
      )
    await end('activity_end', { activity_type: 'parse_queries', activity_id: '2', attempt: 1 })
    await page.getByRole('button', { name: /^parse_queries.*Completed$/ }).waitFor()
    await end('workflow_end', {})
    await page.getByRole('button', { name: /^QueryHistory.*Completed$/ }).waitFor()
    await close()
  })

  it('are not there for an id that nothing was published for', async () => {
    const { page, close } = await open('/runs/none')
    await page.getByRole('heading', { name: 'Nothing was published by this run' }).waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    await close()
  })
})

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}
